/** Gives each destination what a thread that is gone had not sent it. */
import type { Config } from '../../config/types';
import type { EndedSpan, ReadableSpanView } from '../../tracing/types';
import { BatchEncoder } from '../batching/encoder';
import type { Sender } from '../delivery/sender';
import { formOf } from '../destination';
import type { LeftBehind } from './thread-watch';

/** The numbers of spans are those of this thread. */
const NOT_OURS = Number.POSITIVE_INFINITY;

export type Revive = (span: EndedSpan) => EndedSpan & ReadableSpanView;

/**
 * @param senders in the order of the thread's destinations, which are the same
 * @param maxSpans per batch
 * @param maxBytes per batch
 */
export function inherit(
  { spans, sent }: LeftBehind,
  senders: readonly Sender[],
  revive: Revive,
  maxSpans: number,
  maxBytes: number,
): void {
  const revived = spans.map(({ number, span }) => ({ number, span: revive(span) }));
  senders.forEach((sender, index) => {
    const from = sent[index] ?? 0;
    const builder = new BatchEncoder({
      form: formOf(sender.destination),
      maxSpans,
      maxBytes,
      onBatch: (batch) => sender.enqueue(batch),
      onLost: () => sender.stats.drop('encode_failed', 1),
    });
    for (const { number, span } of revived) {
      if (number < from) {
        sender.stats.delivered++; // by the thread itself
        continue;
      }
      builder.add(span, NOT_OURS);
    }
    builder.finish();
  });
}

/**
 * Tells threads that send to the same places from others, whose environment has been changed. Not the settings
 * themselves, which have keys in them.
 */
export function targetOf({ destinations, serviceName, resourceAttributes }: Config): number {
  let hash = 0x811c9dc5; // FNV-1a
  for (const char of JSON.stringify([destinations, serviceName, resourceAttributes])) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  return hash >>> 0;
}
