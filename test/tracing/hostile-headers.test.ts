import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT } from '../../src/tracing/context';
import { PROPAGATOR_NAMES } from '../../src/tracing/names';
import { NonRecordingSpan } from '../../src/tracing/non-recording-span';
import { createPropagator } from '../../src/tracing/propagation';
import type { MapBaggage } from '../../src/tracing/propagation/baggage';
import { getter, type Headers, setter } from './provider';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const HEADERS = [...new Set([...createPropagator(PROPAGATOR_NAMES).fields(), 'x-b3-flags'])];

const all = createPropagator(PROPAGATOR_NAMES);

/** A carrier in which every header that any format reads has this value. */
function everywhere(value: unknown): Headers {
  return Object.fromEntries(HEADERS.map((name) => [name, value])) as Headers;
}

function refuse(): never {
  throw new Error('refused');
}

const hostile: [name: string, value: unknown][] = [
  ['10 kB of commas', ','.repeat(10_000)],
  ['10 kB of semicolons', ';'.repeat(10_000)],
  ['1 MB of dashes', '-'.repeat(1_000_000)],
  ['1 MB of colons', ':'.repeat(1_000_000)],
  ['1 MB of percent signs', '%'.repeat(1_000_000)],
  ['1 MB of blanks', ' '.repeat(1_000_000)],
  ['NULs', '\0'.repeat(55)],
  ['lone surrogates', '\ud800'.repeat(55)],
  ['a number', 42],
  ['null', null],
  ['an object', { toString: refuse }],
  ['an array of non-strings', [1, null, {}, Symbol('x')]],
  ['an array of one non-string', [{ trim: refuse }]],
  ['an empty array', []],
  ['an array of arrays', [[['x']]]],
];
for (const [name, value] of hostile) {
  test(`no format finds a trace in ${name}, and none throws`, () => {
    const started = performance.now();
    const context = all.extract(ROOT_CONTEXT, everywhere(value), getter) as typeof ROOT_CONTEXT;
    assert.equal(context.span, undefined);
    assert.equal(context.baggage, undefined);
    assert.ok(performance.now() - started < 1000, 'took a second');
  });
}

test('a getter that throws for some headers leaves the formats of the others alone', () => {
  const known: Headers = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'a=1', baggage: 'user=1' };
  const picky = { keys: refuse, get: (_: unknown, key: string) => known[key] ?? refuse() };
  const context = all.extract(ROOT_CONTEXT, {}, picky) as typeof ROOT_CONTEXT;
  assert.equal(context.span?.spanContext().spanId, SPAN);
  assert.equal(context.baggage?.getEntry('user')?.value, '1');
});

test('no carrier at all', () => {
  assert.equal(all.extract(ROOT_CONTEXT, undefined, getter), ROOT_CONTEXT);
  all.inject(
    ROOT_CONTEXT.withSpan(new NonRecordingSpan({ traceId: TRACE, spanId: SPAN, traceFlags: 1 })),
    undefined,
    setter,
  );
});

test('a setter that refuses one header still gets the others', () => {
  const span = new NonRecordingSpan({ traceId: TRACE, spanId: SPAN, traceFlags: 1 });
  const headers: Headers = {};
  all.inject(ROOT_CONTEXT.withSpan(span), headers, {
    set: (carrier, key, value) => (key === 'traceparent' ? refuse() : setter.set(carrier, key, value)),
  });
  assert.equal(headers.b3, `${TRACE}-${SPAN}-1`);
  assert.equal(headers.traceparent, undefined);
});

test('spans and baggage of others that throw are not sent, and nobody hears of it', () => {
  const headers: Headers = {};
  const span = { spanContext: refuse } as never;
  const baggage = { getAllEntries: () => [['a', { value: { toString: refuse } }]] } as unknown as MapBaggage;
  all.inject(ROOT_CONTEXT.withSpan(span).withBaggage(baggage), headers, setter);
  assert.deepEqual(headers, { baggage: 'a=' });
});
