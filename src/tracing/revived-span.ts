/** A span that ended in another thread, with everything that exporters read. */
import type { SpanContext } from '@opentelemetry/api';
import { ReadableFields } from './readable';
import type { EndedSpan, ReadableSpanView, Resource } from './types';

class RevivedSpan extends ReadableFields implements EndedSpan, ReadableSpanView {
  readonly ended = true;
  readonly name: string;
  readonly kind: EndedSpan['kind'];
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly parentIsRemote: boolean;
  readonly traceFlags: number;
  readonly traceStateText: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly status: EndedSpan['status'];
  readonly attrs: EndedSpan['attrs'];
  readonly eventList: EndedSpan['eventList'];
  readonly linkList: EndedSpan['linkList'];
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  readonly scope: EndedSpan['scope'];

  constructor(
    span: EndedSpan,
    readonly local: { resource(): Resource },
  ) {
    super();
    this.name = span.name;
    this.kind = span.kind;
    this.traceId = span.traceId;
    this.spanId = span.spanId;
    this.parentSpanId = span.parentSpanId;
    this.parentIsRemote = span.parentIsRemote;
    this.traceFlags = span.traceFlags;
    this.traceStateText = span.traceStateText;
    this.startMs = span.startMs;
    this.endMs = span.endMs;
    this.status = span.status;
    this.attrs = span.attrs;
    this.eventList = span.eventList;
    this.linkList = span.linkList;
    this.droppedAttributesCount = span.droppedAttributesCount;
    this.droppedEventsCount = span.droppedEventsCount;
    this.droppedLinksCount = span.droppedLinksCount;
    this.scope = span.scope;
  }

  spanContext(): SpanContext {
    const { traceId, spanId, traceFlags } = this;
    return { traceId, spanId, traceFlags };
  }
}

/** @param span its plain fields */
export function reviveSpan(span: EndedSpan, resource: Resource): EndedSpan & ReadableSpanView {
  return new RevivedSpan(span, { resource: () => resource });
}
