import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT } from '../../src/tracing/context';
import type { PropagatorName } from '../../src/tracing/names';
import { NonRecordingSpan } from '../../src/tracing/non-recording-span';
import { createPropagator } from '../../src/tracing/propagation';
import { getter, type Headers, setter } from './provider';

const T = '463ac35c9f6413ad48485a3953bb6124';
const LOW = T.slice(16);
const S = 'a2fb4a1d1a96d312';
const PADDED = `0000000000000000${LOW}`;

/** Trace id, span id, sampled; or nothing. */
type Parent = [traceId: string, spanId: string, flags: number] | undefined;

function parentOf(format: PropagatorName, headers: Headers): Parent {
  const context = createPropagator([format]).extract(ROOT_CONTEXT, headers, getter) as typeof ROOT_CONTEXT;
  const remote = context.span?.spanContext();
  if (remote === undefined) return undefined;
  assert.equal(remote.isRemote, true);
  return [remote.traceId, remote.spanId, remote.traceFlags];
}

function sent(format: PropagatorName, traceFlags: number): Headers {
  const headers: Headers = {};
  const span = new NonRecordingSpan({ traceId: T, spanId: S, traceFlags });
  createPropagator([format]).inject(ROOT_CONTEXT.withSpan(span), headers, setter);
  return headers;
}

const uber = (value: string): Headers => ({ 'uber-trace-id': value });
const xray = (value: string): Headers => ({ 'x-amzn-trace-id': value });
const b3 = (trace: string, span: string, more: Headers = {}): Headers => ({
  'x-b3-traceid': trace,
  'x-b3-spanid': span,
  ...more,
});
const ot = (trace: string, span: string, sampled?: string): Headers => ({
  'ot-tracer-traceid': trace,
  'ot-tracer-spanid': span,
  ...(sampled === undefined ? {} : { 'ot-tracer-sampled': sampled }),
});

const received: [format: PropagatorName, headers: Headers, expected: Parent, why: string][] = [
  ['b3', { b3: `${T}-${S}-1` }, [T, S, 1], 'sampled'],
  ['b3', { b3: `${T}-${S}-0` }, [T, S, 0], 'not sampled'],
  ['b3', { b3: `${T}-${S}-d-05e3ac9a4f6e3b90` }, [T, S, 1], 'debug, with a parent'],
  ['b3', { b3: `${T}-${S}` }, [T, S, 1], 'the decision is left to us'],
  ['b3', { b3: `${LOW}-${S}-1` }, [PADDED, S, 1], 'a trace id of 64 bits'],
  ['b3', { b3: `${T.toUpperCase()}-${S.toUpperCase()}-1` }, [T, S, 1], 'upper case'],
  ['b3', { b3: '0' }, undefined, 'a decision without a trace'],
  ['b3', { b3: `${T}-${S.slice(1)}-1` }, undefined, 'a short span id'],
  ['b3', { b3: `${'0'.repeat(32)}-${S}-1` }, undefined, 'a trace id of zeros'],
  ['b3', { b3: `${'0'.repeat(16)}-${S}-1` }, undefined, 'a short trace id of zeros'],
  ['b3', b3(T, S, { 'x-b3-sampled': '1' }), [T, S, 1], 'several headers, though one is configured'],
  ['b3multi', { b3: `${T}-${S}-1`, ...b3(T, '1'.repeat(16)) }, [T, S, 1], 'the single header wins'],
  ['b3multi', b3(T, S, { 'x-b3-sampled': '0' }), [T, S, 0], 'not sampled'],
  ['b3multi', b3(T, S, { 'x-b3-sampled': 'true' }), [T, S, 1], 'sampled, as older senders say it'],
  ['b3multi', b3(T, S, { 'x-b3-flags': '1', 'x-b3-sampled': '0' }), [T, S, 1], 'debug beats the decision'],
  ['b3multi', b3(T, S), [T, S, 1], 'no decision'],
  ['b3multi', { 'x-b3-traceid': T }, undefined, 'no span id'],
  ['jaeger', uber(`${T}:${S}:0:1`), [T, S, 1], 'sampled'],
  ['jaeger', uber(`${T}:${S}:0:0`), [T, S, 0], 'not sampled'],
  ['jaeger', uber(`${T}:${S}:0:03`), [T, S, 1], 'debug'],
  ['jaeger', uber(`${T}%3A${S}%3a0%3A1`), [T, S, 1], 'percent-encoded'],
  ['jaeger', uber('1f:a:0:1'), [`${'0'.repeat(30)}1f`, `${'0'.repeat(15)}a`, 1], 'leading zeros are missing'],
  ['jaeger', uber(`${T}:${S}:0`), undefined, 'a part is missing'],
  ['jaeger', uber(`${T}:${S}:0:x`), undefined, 'flags that are no number'],
  ['jaeger', uber('0:0:0:1'), undefined, 'zeros'],
  ['jaeger', uber(`${T}0:${S}:0:1`), undefined, 'a long trace id'],
  ['jaeger', uber(`${T}:${S}:0:1${' '.repeat(300)}`), undefined, 'far too long'],
  ['ottrace', ot(LOW, S, 'true'), [PADDED, S, 1], 'sampled'],
  ['ottrace', ot(T, S, 'false'), [T, S, 0], 'not sampled, 128 bits'],
  ['ottrace', ot(LOW.toUpperCase(), S, '1'), [PADDED, S, 1], 'upper case, a digit for yes'],
  ['ottrace', ot(LOW, S.slice(1), 'true'), undefined, 'a short span id'],
  ['ottrace', {}, undefined, 'nothing'],
  ['xray', xray(`Root=1-${T.slice(0, 8)}-${T.slice(8)};Parent=${S};Sampled=1`), [T, S, 1], 'sampled'],
  ['xray', xray(`Sampled=0; Parent=${S}; Root=1-${T.slice(0, 8)}-${T.slice(8)}`), [T, S, 0], 'another order'],
  ['xray', xray(`Root=1-${T.slice(0, 8)}-${T.slice(8)};Parent=${S};Sampled=?`), [T, S, 1], 'left to us'],
  ['xray', xray(`Root=1-${T.slice(0, 8)}-${T.slice(8)};Parent=${S};Lineage=a:1`), [T, S, 1], 'no decision'],
  ['xray', xray(`Root=1-${T.slice(0, 8)}-${T.slice(8)}`), undefined, 'no parent'],
  ['xray', xray(`Root=2-${T.slice(0, 8)}-${T.slice(8)};Parent=${S}`), undefined, 'another version'],
  ['xray', xray(`Root=1-${T.slice(0, 9)}-${T.slice(9)};Parent=${S}`), undefined, 'a dash at the wrong place'],
  ['xray', xray(`;;=;Root;Parent=${S}`), undefined, 'garbage'],
];
for (const [format, headers, expected, why] of received) {
  test(`${format} received: ${why}`, () => {
    assert.deepEqual(parentOf(format, headers), expected);
  });
}

test('sent: each format says the ids and the decision', () => {
  assert.deepEqual(sent('b3', 3), { b3: `${T}-${S}-1` });
  assert.deepEqual(sent('b3', 2), { b3: `${T}-${S}-0` });
  assert.deepEqual(sent('b3multi', 3), { 'x-b3-traceid': T, 'x-b3-spanid': S, 'x-b3-sampled': '1' });
  assert.deepEqual(sent('jaeger', 3), { 'uber-trace-id': `${T}:${S}:0:1` });
  assert.deepEqual(sent('ottrace', 2), {
    'ot-tracer-traceid': LOW,
    'ot-tracer-spanid': S,
    'ot-tracer-sampled': 'false',
  });
  assert.deepEqual(sent('xray', 1), {
    'x-amzn-trace-id': `Root=1-${T.slice(0, 8)}-${T.slice(8)};Parent=${S};Sampled=1`,
  });
});

test('fields() names exactly the headers that are sent', () => {
  for (const format of ['tracecontext', 'b3', 'b3multi', 'jaeger', 'ottrace', 'xray'] as const) {
    const fields = createPropagator([format]).fields();
    assert.deepEqual(
      Object.keys(sent(format, 1)).filter((name) => !fields.includes(name)),
      [],
      format,
    );
  }
  assert.deepEqual(createPropagator(['baggage', 'b3']).fields(), ['baggage', 'b3']);
});

test('with several formats the last one that is there wins, and no format is no propagation', () => {
  const both = createPropagator(['tracecontext', 'b3']);
  const headers = { traceparent: `00-${T}-${S}-01`, b3: `${T}-${'1'.repeat(16)}-1` };
  const context = both.extract(ROOT_CONTEXT, headers, getter) as typeof ROOT_CONTEXT;
  assert.equal(context.span?.spanContext().spanId, '1'.repeat(16));
  assert.equal(createPropagator([]).extract(ROOT_CONTEXT, headers, getter), ROOT_CONTEXT);
});
