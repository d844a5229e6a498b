import type { Config } from '../../config/types';
import type { EndedSpan, ReadableSpanView } from '../../tracing/types';
import { BatchEncoder } from '../batching/encoder';
import type { Sender } from '../delivery/sender';
import { formOf } from '../destination';
import type { LeftBehind } from './thread-watch';

/** Only spans of this thread have numbers. */
const NOT_OURS = Number.POSITIVE_INFINITY;

export type Revive = (span: EndedSpan) => EndedSpan & ReadableSpanView;

/**
 * Gives each destination the spans that a thread had not sent to it.
 *
 * @param senders In the order of the thread's destinations, which are the same.
 * @param revive Makes a span of its data.
 * @param maxSpans Limit of a batch in spans.
 * @param maxBytes Limit of a batch in bytes.
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
    const encoder = new BatchEncoder({
      form: formOf(sender.destination),
      maxSpans,
      maxBytes,
      onBatch: (batch) => sender.enqueue(batch),
      onLost: () => sender.stats.drop('encode_failed', 1),
    });
    for (const { number, span } of revived) {
      if (number < from) {
        sender.stats.delivered++; // The thread has sent it itself.
        continue;
      }
      encoder.add(span, NOT_OURS);
    }
    encoder.finish();
  });
}

/**
 * @returns A hash of the settings that say where spans go. It tells threads that send to the same places from threads
 *   whose environment has been changed. The settings themselves contain keys, so they are not passed to other threads.
 */
export function targetOf({ destinations, serviceName, resourceAttributes }: Config): number {
  let hash = 0x811c9dc5; // FNV-1a
  for (const char of JSON.stringify([destinations, serviceName, resourceAttributes])) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  return hash >>> 0;
}
