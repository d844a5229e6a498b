/** A span that ended in another thread, with everything that exporters read. */
import type { SpanContext } from '@opentelemetry/api';
import { parseTraceState } from './propagation/trace-state';
import { ReadableFields } from './readable';
import type { EndedSpan, ReadableSpanView, Resource } from './types';

/** Abstract, since the fields are those of the span that came, and not declared a second time. */
abstract class RevivedSpan extends ReadableFields {
  abstract readonly spanId: string;
  abstract readonly traceStateText: string;

  spanContext(): SpanContext {
    const { traceId, spanId, traceFlags } = this;
    const traceState = parseTraceState(this.traceStateText);
    return { traceId, spanId, traceFlags, ...(traceState && { traceState }) };
  }
}

/** @param span its plain fields */
export function reviveSpan(span: EndedSpan, resource: Resource): EndedSpan & ReadableSpanView {
  const local = { resource: () => resource };
  const revived = Object.create(RevivedSpan.prototype) as RevivedSpan & ReadableSpanView;
  return Object.assign(revived, span, { ended: true, local });
}
