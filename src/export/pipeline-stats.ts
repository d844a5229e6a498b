/** The stats of all destinations together. */
import type { Batcher } from './batching/batcher';
import type { Sender } from './delivery/sender';
import { formOf } from './destination';
import type { Progress } from './threads/thread-log';
import type { DestinationStats, PipelineStats } from './types';

function pendingAt(sender: Sender, batcher: Batcher): number {
  return sender.queue.spans + batcher.pending(formOf(sender.destination));
}

/** @returns How many spans the destinations still have to get, added up. */
export function pendingOf(senders: readonly Sender[], batcher: Batcher): number {
  let pending = 0;
  for (const sender of senders) pending += pendingAt(sender, batcher);
  return pending;
}

/** @param created Spans that have ended. */
export function statsOf(senders: readonly Sender[], batcher: Batcher, created: number): PipelineStats {
  const destinations: Record<string, DestinationStats> = {};
  let worst: DestinationStats | undefined;
  for (const sender of senders) {
    const stats = sender.stats.snapshot(created, pendingAt(sender, batcher));
    destinations[sender.destination.id] = stats;
    if (worst === undefined || stats.delivered < worst.delivered) worst = stats;
  }
  const totals = worst ?? { created, delivered: 0, dropped: {}, pending: 0 };
  return { ...totals, destinations };
}

/**
 * @param created Spans that have ended. The number of a span is what this was when it ended.
 * @returns How far each destination has got.
 */
export function progressOf(senders: readonly Sender[], batcher: Batcher, created: number): Progress[] {
  return senders.map(({ destination, queue }) => {
    const collected = batcher.first(formOf(destination));
    return queue.progress(Math.min(collected, created + 1));
  });
}
