import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { packSpan, unpackSpan } from '../../src/export/threads/packed-span';
import { parseTraceState } from '../../src/tracing/propagation/trace-state';
import { reviveSpan } from '../../src/tracing/readable';
import type { ReadableSpanView } from '../../src/tracing/types';
import { RESOURCE, testProvider } from './provider';

/** What a custom exporter reads. */
function seen(span: ReadableSpanView): Record<string, unknown> {
  const context = span.spanContext();
  return {
    name: span.name,
    kind: span.kind,
    ids: [context.traceId, context.spanId, context.traceFlags, context.traceState?.serialize()],
    parent: [span.parentSpanId, span.parentSpanContext],
    times: [span.startTime, span.endTime, span.duration],
    facts: [span.status, span.attributes, span.links, span.events, span.resource, span.instrumentationScope],
    ended: [span.ended, span.droppedAttributesCount, span.droppedEventsCount, span.droppedLinksCount],
  };
}

test('an exporter sees a span of a thread that is gone as it would have seen it there', () => {
  const remote = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
    traceState: parseTraceState('vendor=1,other=2'),
  };
  const { provider, ended } = testProvider({ eventCount: 1 });
  provider
    .getTracer('shop', '1.0')
    .startSpan(
      'work',
      { kind: SpanKind.SERVER, attributes: { a: [1, 2], b: 'x' } },
      trace.setSpanContext(ROOT_CONTEXT, remote),
    )
    .addEvent('dropped')
    .addEvent('kept', { c: Number.NaN })
    .setStatus({ code: 2, message: 'no' })
    .end();
  const [span] = ended;
  assert.ok(span !== undefined);
  const revived = reviveSpan(unpackSpan(packSpan(span)), RESOURCE);
  assert.equal(revived.spanContext().traceState?.serialize(), 'vendor=1,other=2');
  assert.deepEqual(seen(revived), seen(span));
});
