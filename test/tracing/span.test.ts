import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT } from '../../src/tracing/context';
import { RecordingSpan } from '../../src/tracing/span';
import { RESOURCE, testProvider } from './provider';

const START = Date.parse('2026-11-05T10:00:00.000Z');

test('a span ends once', () => {
  const { start, ended, provider } = testProvider();
  const span = start();
  assert.deepEqual([provider.created, provider.open], [1, 1]);
  span.end();
  const { endMs } = span;
  span.end(Date.now() + 10_000);
  assert.equal(span.endMs, endMs);
  assert.equal(ended.length, 1);
  assert.deepEqual([provider.created, provider.open], [1, 0]);
});

test('after its end nothing changes a span any more', () => {
  const span = testProvider().start('before', { attributes: { a: 1 } });
  span.end();
  span.setAttribute('a', 2).setAttribute('b', 1).setAttributes({ c: 1 });
  span.addEvent('late').addLink({ context: span.spanContext() }).setStatus({ code: 2 }).updateName('after');
  span.recordException(new Error('late'));
  span.put('d', 1);
  span.replace('a', 3);
  assert.equal(span.name, 'before');
  assert.deepEqual(span.attributes, { a: 1 });
  assert.deepEqual([span.events, span.links, span.status], [[], [], { code: 0 }]);
  assert.equal(span.isRecording(), false);
});

const statuses: [name: string, calls: { code: number; message?: unknown }[], expected: object][] = [
  ['unset at first', [], { code: 0 }],
  ['error with its message', [{ code: 2, message: 'no' }], { code: 2, message: 'no' }],
  ['the last error counts', [{ code: 2, message: 'a' }, { code: 2 }], { code: 2 }],
  ['ok beats error', [{ code: 2, message: 'no' }, { code: 1 }], { code: 1 }],
  ['ok is final', [{ code: 1 }, { code: 2, message: 'no' }], { code: 1 }],
  ['ok has no message', [{ code: 1, message: 'fine' }], { code: 1 }],
  ['unset is ignored', [{ code: 2, message: 'no' }, { code: 0 }], { code: 2, message: 'no' }],
  ['a message that is no text is left out', [{ code: 2, message: new Error('no') }], { code: 2 }],
  ['codes that do not exist are ignored', [{ code: 7 }], { code: 0 }],
];
for (const [name, calls, expected] of statuses) {
  test(`status: ${name}`, () => {
    const span = testProvider().start();
    for (const call of calls) span.setStatus(call as never);
    assert.deepEqual(span.status, expected);
  });
}

test('times may be given for start, events, errors and end', () => {
  const span = testProvider().start('work', { startTime: new Date(START) });
  span.addEvent('a', START + 1);
  span.addEvent('b', { x: 1 }, [START / 1000, 2_000_000]);
  span.addEvent('c', START + 99, START + 3);
  span.recordException(new Error('no'), START + 4);
  span.end(START + 5.5);
  assert.deepEqual(span.startTime, [START / 1000, 0]);
  assert.deepEqual(
    span.eventList.map(({ timeMs }) => timeMs - START),
    [1, 2, 3, 4],
  );
  assert.deepEqual(span.endTime, [START / 1000, 5_500_000]);
  assert.deepEqual(span.duration, [0, 5_500_000]);
});

test('without given times they are now, and the end is never before the start', () => {
  const before = Date.now();
  const { start } = testProvider();
  const span = start();
  span.addEvent('x');
  span.end();
  assert.ok(span.startMs >= before - 20 && span.startMs <= Date.now() + 20);
  assert.ok(
    (span.eventList[0]?.timeMs ?? 0) >= span.startMs && span.endMs >= (span.eventList[0]?.timeMs ?? 0),
  );
  const backwards = start('b', { startTime: START });
  backwards.end(START - 1000);
  assert.equal(backwards.endMs, START);
  const nonsense = start('c', { startTime: 'yesterday' as never });
  nonsense.end('tomorrow' as never);
  assert.ok(nonsense.startMs >= before - 20 && nonsense.endMs <= Date.now() + 20);
});

test('a start by performance.now() means the same moment', () => {
  const span = testProvider().start('work', { startTime: performance.now() });
  assert.ok(Math.abs(span.startMs - Date.now()) < 50);
});

test('children share the trace, its flags and its idea of the time', () => {
  const { start, provider } = testProvider();
  const root = start();
  const child = provider
    .getTracer('t')
    .startSpan('c', { kind: 2 }, ROOT_CONTEXT.withSpan(root)) as RecordingSpan;
  assert.deepEqual(
    [child.traceId, child.parentSpanId, child.traceFlags, child.parentIsRemote, child.kind],
    [root.traceId, root.spanId, root.traceFlags, false, 2],
  );
  assert.equal(child.local, root.local);
  const own = provider
    .getTracer('t')
    .startSpan('r', { root: true }, ROOT_CONTEXT.withSpan(root)) as RecordingSpan;
  assert.notEqual(own.traceId, root.traceId);
  assert.equal(own.parentSpanId, '');
});

test('it reads like a span of the official SDK', () => {
  const { start, provider } = testProvider();
  const parent = start();
  const tracer = provider.getTracer('lib', '1.2.3', { schemaUrl: 'https://schema' });
  const linked = start().spanContext();
  const span = tracer.startSpan(
    'work',
    {
      kind: 1,
      attributes: { a: 1, list: ['x', null, 'y'] },
      links: [{ context: linked, attributes: { l: 1 } }],
      startTime: START,
    },
    ROOT_CONTEXT.withSpan(parent),
  ) as RecordingSpan;
  span.addEvent('e', { x: true }, START + 1);
  span
    .setStatus({ code: 2, message: 'no' })
    .updateName('renamed')
    .end(START + 2);
  assert.ok(span instanceof RecordingSpan);
  const seen = {
    name: span.name,
    kind: span.kind,
    spanContext: span.spanContext(),
    parentSpanContext: span.parentSpanContext,
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    ended: span.ended,
    status: span.status,
    attributes: span.attributes,
    events: span.events,
    links: span.links,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    dropped: [span.droppedAttributesCount, span.droppedEventsCount, span.droppedLinksCount],
  };
  assert.deepEqual(seen, {
    name: 'renamed',
    kind: 1,
    spanContext: { traceId: parent.traceId, spanId: span.spanId, traceFlags: 3 },
    parentSpanContext: { traceId: parent.traceId, spanId: parent.spanId, traceFlags: 3, isRemote: false },
    startTime: [START / 1000, 0],
    endTime: [START / 1000, 2_000_000],
    duration: [0, 2_000_000],
    ended: true,
    status: { code: 2, message: 'no' },
    attributes: { a: 1, list: ['x', null, 'y'] },
    events: [
      { name: 'e', attributes: { x: true }, time: [START / 1000, 1_000_000], droppedAttributesCount: 0 },
    ],
    links: [{ context: linked, attributes: { l: 1 }, droppedAttributesCount: 0 }],
    resource: RESOURCE,
    instrumentationScope: { name: 'lib', version: '1.2.3', schemaUrl: 'https://schema' },
    dropped: [0, 0, 0],
  });
  assert.equal(span.instrumentationLibrary, span.instrumentationScope);
  assert.equal(start().parentSpanContext, undefined);
});

test('`using` ends a span with its block', () => {
  const { start, ended } = testProvider();
  {
    using _ = start();
    assert.equal(ended.length, 0);
  }
  assert.equal(ended.length, 1);
});

test('one tracer per name, version and schema, and no end of names does no harm', () => {
  const { provider } = testProvider();
  assert.equal(provider.getTracer('a', '1'), provider.getTracer('a', '1'));
  assert.notEqual(provider.getTracer('a', '1'), provider.getTracer('a', '2'));
  for (let i = 0; i < 1100; i++) provider.getTracer(`t${i}`);
  assert.notEqual(provider.getTracer('beyond'), provider.getTracer('beyond'));
  assert.equal(provider.getTracer(undefined).scope.name, '');
});
