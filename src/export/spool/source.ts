import type { Sender } from '../delivery/sender';
import type { SpoolSource } from './types';

/**
 * @param sender The sender of the destination.
 * @param maxBytes Limit of its queue in bytes.
 * @param detached Runs a function outside of the app's requests.
 * @returns What the spool may ask of the sender.
 */
export function spoolSourceOf(
  sender: Sender,
  maxBytes: number,
  detached: (fn: () => void) => void,
): SpoolSource {
  const { queue, stats, backoff } = sender;
  return {
    entries: () => queue.entries(),
    bytes: () => queue.bytes,
    maxBytes,
    isFailing: () => backoff.isFailing,
    lost: (spans) => {
      stats.drop('spooled', -spans);
      stats.drop('queue_full', spans);
    },
    adopt: (batch) => {
      const entry = queue.adopt(batch);
      detached(sender.pump);
      return entry;
    },
  };
}
