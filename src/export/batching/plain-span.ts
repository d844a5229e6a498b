import type { EndedSpan, SpanLink } from '../../tracing/types';

/** @returns The span as data without methods, so that it can be passed to another thread. */
export function plainSpan(span: EndedSpan): EndedSpan {
  return {
    name: span.name,
    kind: span.kind,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    parentIsRemote: span.parentIsRemote,
    traceFlags: span.traceFlags,
    traceStateText: span.traceStateText,
    startMs: span.startMs,
    endMs: span.endMs,
    status: { code: span.status.code, message: span.status.message },
    attrs: span.attrs,
    eventList: span.eventList,
    linkList: span.linkList.map(plainLink),
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    scope: { name: span.scope.name, version: span.scope.version, schemaUrl: span.scope.schemaUrl },
  };
}

function plainLink(link: SpanLink): SpanLink {
  const { traceId, spanId, traceFlags, isRemote } = link.context;
  return {
    context: { traceId, spanId, traceFlags, isRemote },
    attributes: link.attributes,
    droppedAttributesCount: link.droppedAttributesCount,
  };
}
