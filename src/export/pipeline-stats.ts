/** Where the spans of all destinations are, in numbers. */

import type { Batcher } from './batching/batcher';
import { formOf } from './batching/encoder';
import type { Sender } from './delivery/sender';
import type { Progress } from './threads/thread-log';
import type { DestinationStats, PipelineStats } from './types';

function pendingAt(sender: Sender, batcher: Batcher): number {
  return sender.queue.spans + batcher.pending(formOf(sender.destination));
}

/** @returns spans that some destination still has to get, once for each */
export function pendingOf(senders: readonly Sender[], batcher: Batcher): number {
  let pending = 0;
  for (const sender of senders) pending += pendingAt(sender, batcher);
  return pending;
}

/** @param created spans that ended */
export function statsOf(senders: readonly Sender[], batcher: Batcher, created: number): PipelineStats {
  const destinations: Record<string, DestinationStats> = {};
  let worst: DestinationStats | undefined;
  for (const sender of senders) {
    const stats = sender.counters.stats(created, pendingAt(sender, batcher));
    destinations[sender.destination.id] = stats;
    if (worst === undefined || stats.delivered < worst.delivered) worst = stats;
  }
  const totals = worst ?? { created, delivered: 0, dropped: {}, pending: 0 };
  return { ...totals, destinations };
}

/**
 * @param created spans that ended; each has the number that this had then
 * @returns how far each destination is
 */
export function progressOf(senders: readonly Sender[], batcher: Batcher, created: number): Progress[] {
  return senders.map(({ destination, queue }) => {
    const collected = batcher.first(formOf(destination));
    return queue.progress(Math.min(collected, created + 1));
  });
}
