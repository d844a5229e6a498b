import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT } from '../../src/tracing/context';
import { NonRecordingSpan } from '../../src/tracing/non-recording-span';
import { createPropagator } from '../../src/tracing/propagation';
import { formatTraceparent, parseTraceparent } from '../../src/tracing/propagation/w3c';
import { getter, type Headers, setter, testProvider } from './provider';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const propagator = createPropagator(['tracecontext']);

function extracted(headers: Headers) {
  const context = propagator.extract(ROOT_CONTEXT, headers, getter) as typeof ROOT_CONTEXT;
  return context.span?.spanContext();
}

test('a valid traceparent becomes the remote parent', () => {
  assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-01`, undefined), {
    traceId: TRACE,
    spanId: SPAN,
    traceFlags: 1,
    isRemote: true,
  });
});

const flags: [received: string, kept: number, why: string][] = [
  ['00', 0, 'not sampled'],
  ['01', 1, 'sampled'],
  ['02', 2, 'random, not sampled'],
  ['03', 3, 'sampled and random'],
  ['ff', 3, 'bits that no version has given a meaning are not passed on'],
  ['f0', 0, 'only unknown bits'],
];
for (const [received, kept, why] of flags) {
  test(`flags ${received}: ${why}`, () => {
    assert.equal(parseTraceparent(`00-${TRACE}-${SPAN}-${received}`, undefined)?.traceFlags, kept);
  });
}

const accepted: [header: string, why: string][] = [
  [` 00-${TRACE}-${SPAN}-01\t`, 'white space around the header'],
  [`01-${TRACE}-${SPAN}-01`, 'a later version of the same length'],
  [`cc-${TRACE}-${SPAN}-01-what-the-future-brings`, 'a later version with more fields'],
  [`cc-${TRACE}-${SPAN}-01-`, 'a later version with an empty further field'],
];
for (const [header, why] of accepted) {
  test(`accepted: ${why}`, () => {
    const context = parseTraceparent(header, undefined);
    assert.deepEqual([context?.traceId, context?.spanId, context?.traceFlags], [TRACE, SPAN, 1]);
  });
}

const refused: [header: string, why: string][] = [
  ['', 'empty'],
  [`ff-${TRACE}-${SPAN}-01`, 'version ff is forbidden'],
  [`0-${TRACE}-${SPAN}-01`, 'a version of one digit'],
  [`0x-${TRACE}-${SPAN}-01`, 'a version that is no number'],
  [`CC-${TRACE}-${SPAN}-01`, 'a version in upper case'],
  [`00-${TRACE.toUpperCase()}-${SPAN}-01`, 'a trace id in upper case'],
  [`00-${TRACE}-${SPAN.toUpperCase()}-01`, 'a span id in upper case'],
  [`00-${'0'.repeat(32)}-${SPAN}-01`, 'a trace id of zeros'],
  [`00-${TRACE}-${'0'.repeat(16)}-01`, 'a span id of zeros'],
  [`00-${TRACE.slice(1)}-${SPAN}-01`, 'a short trace id'],
  [`00-${TRACE}0-${SPAN}-01`, 'a long trace id'],
  [`00-${TRACE.slice(1)}g-${SPAN}-01`, 'a letter that is no hex digit'],
  [`00-${TRACE}-${SPAN}-0`, 'flags of one digit'],
  [`00-${TRACE}-${SPAN}-0G`, 'flags that are no number'],
  [`00-${TRACE}-${SPAN}-0A`, 'flags in upper case'],
  [`00-${TRACE}-${SPAN}-01-`, 'version 00 with a trailing dash'],
  [`00-${TRACE}-${SPAN}-01-more`, 'version 00 with more fields'],
  [`cc-${TRACE}-${SPAN}-01.more`, 'a later version that goes on without a dash'],
  [`cc-${TRACE}-${SPAN}-010`, 'a later version with longer flags'],
  [`00_${TRACE}_${SPAN}_01`, 'other separators'],
  [`00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`, 'two headers that Node has joined'],
];
for (const [header, why] of refused) {
  test(`refused: ${why}`, () => {
    assert.equal(parseTraceparent(header, 'a=1'), undefined);
  });
}

test('a header that came once in an array counts, one that came twice does not', () => {
  const header = `00-${TRACE}-${SPAN}-01`;
  assert.equal(extracted({ traceparent: [header] })?.spanId, SPAN);
  assert.equal(extracted({ traceparent: [header, header] }), undefined);
});

test('without a valid traceparent there is no tracestate either, and the context stays the same', () => {
  assert.equal(propagator.extract(ROOT_CONTEXT, { tracestate: 'a=1' }, getter), ROOT_CONTEXT);
});

test('several tracestate headers are one list, and a broken list leaves the parent alone', () => {
  const traceparent = `00-${TRACE}-${SPAN}-01`;
  assert.equal(extracted({ traceparent, tracestate: ['a=1', 'b=2'] })?.traceState?.serialize(), 'a=1,b=2');
  assert.equal(extracted({ traceparent, tracestate: 'a=1,A=2' })?.traceState, undefined);
  assert.equal(extracted({ traceparent, tracestate: 'a=1,A=2' })?.traceId, TRACE);
});

test('what is sent on: our span, the random flag, tracestate', () => {
  const { provider } = testProvider();
  const incoming = propagator.extract(
    ROOT_CONTEXT,
    { traceparent: `00-${TRACE}-${SPAN}-03`, tracestate: 'x=1,y=2' },
    getter,
  ) as typeof ROOT_CONTEXT;
  const span = provider.getTracer('test').startSpan('work', {}, incoming);
  const headers: Headers = {};
  propagator.inject(incoming.withSpan(span), headers, setter);
  assert.deepEqual(headers, {
    traceparent: `00-${TRACE}-${span.spanContext().spanId}-03`,
    tracestate: 'x=1,y=2',
  });
});

test('an unsampled parent stays unsampled, and its trace goes on', () => {
  const { provider, ended } = testProvider();
  const incoming = propagator.extract(ROOT_CONTEXT, { traceparent: `00-${TRACE}-${SPAN}-02` }, getter);
  const span = provider.getTracer('test').startSpan('work', {}, incoming);
  span.end();
  assert.equal(formatTraceparent(span.spanContext()), `00-${TRACE}-${span.spanContext().spanId}-02`);
  assert.deepEqual(ended, []);
});

test('a trace that begins here says that its id is random', () => {
  assert.match(formatTraceparent(testProvider().start().spanContext()), /^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/);
});

test('nothing is sent for invalid ids or in a suppressed context', () => {
  const headers: Headers = {};
  const invalid = new NonRecordingSpan({ traceId: '0'.repeat(32), spanId: SPAN, traceFlags: 1 });
  propagator.inject(ROOT_CONTEXT.withSpan(invalid), headers, setter);
  const suppress = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
  propagator.inject(ROOT_CONTEXT.withSpan(testProvider().start()).setValue(suppress, true), headers, setter);
  propagator.inject(ROOT_CONTEXT, headers, setter);
  assert.deepEqual(headers, {});
});
