/** What the spool must know of a destination's sender, and may do to it. */
import type { QueuedBatch } from '../batching/queue';
import type { Sender } from '../delivery/sender';
import type { Batch } from '../types';

export interface Feed {
  entries(): Iterable<QueuedBatch>;
  /** In the queue, and at most. */
  bytes(): number;
  readonly maxBytes: number;
  isFailing(): boolean;
  /** Spans that were counted as kept are not any more. */
  lost(spans: number): void;
  /** Queues and sends what another process left. */
  adopt(batch: Batch): QueuedBatch;
}

export function feedOf(sender: Sender, maxBytes: number, detached: (fn: () => void) => void): Feed {
  const { queue, counters, health } = sender;
  return {
    entries: () => queue.entries(),
    bytes: () => queue.bytes,
    maxBytes,
    isFailing: () => health.isFailing,
    lost: (spans) => {
      counters.drop('spooled', -spans);
      counters.drop('queue_full', spans);
    },
    adopt: (batch) => {
      const entry = queue.adopt(batch);
      detached(sender.pump);
      return entry;
    },
  };
}
