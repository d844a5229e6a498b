import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from './provider';

function refuse(): never {
  throw new Error('refused');
}

function revoked(target: object): never {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy as never;
}

const throwing = Object.defineProperty({ a: 1 }, 'b', { get: refuse, enumerable: true });
const refusing = new Proxy({ a: 1 }, { ownKeys: refuse, get: refuse });
const cyclic: Record<string, unknown> = { a: 1 };
cyclic.self = cyclic;
const nullPrototype = Object.assign(Object.create(null) as Record<string, unknown>, { a: 1 });
const throwingArray = Object.defineProperty(['x', 'y'], 1, { get: refuse });

const attributes: [name: string, given: unknown, kept: object][] = [
  ['a getter that throws', throwing, { a: 1 }],
  ['a Proxy that refuses', refusing, {}],
  ['a revoked Proxy', revoked({}), {}],
  ['a revoked Proxy as a value', { a: 1, b: revoked([]) }, { a: 1 }],
  ['a cycle', cyclic, { a: 1 }],
  ['a frozen object', Object.freeze({ a: 1 }), { a: 1 }],
  ['an object without prototype', nullPrototype, { a: 1 }],
  ['symbols as key and value', { a: 1, [Symbol('k')]: 1, b: Symbol('v') }, { a: 1 }],
  ['an array whose member throws', { a: 1, b: throwingArray }, { a: 1 }],
  ['a mixed array', { a: 1, b: [1, 'x'] }, { a: 1 }],
  ['an array of objects', { a: 1, b: [{}] }, { a: 1 }],
  ['a bigint, a function, a Date', { a: 1, b: 1n, c: refuse, d: new Date() }, { a: 1 }],
  ['an empty key', { a: 1, '': 2 }, { a: 1 }],
  ['a key called __proto__', JSON.parse('{"a":1,"__proto__":"x"}'), JSON.parse('{"a":1,"__proto__":"x"}')],
  ['inherited keys', Object.create({ inherited: 1 }), {}],
  ['holes and nulls in an array', { b: ['x', null, undefined] }, { b: ['x', null, null] }],
  [
    'numbers that are none',
    { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: -0 },
    { a: Number.NaN, b: Infinity, c: -0 },
  ],
  ['a lone surrogate', { a: '\ud800' }, { a: '\ud800' }],
  ['null instead of an object', null, {}],
  ['text instead of an object', 'abc', {}],
];
for (const [name, given, kept] of attributes) {
  test(`in attributes of spans, events and links: ${name}`, () => {
    const { start } = testProvider();
    const span = start('work', { attributes: given as never });
    span.addEvent('event', given as never);
    span.addLink({ context: start().spanContext(), attributes: given as never });
    assert.deepEqual(span.attributes, kept);
    assert.deepEqual(span.events[0]?.attributes, kept);
    assert.deepEqual(span.links[0]?.attributes, kept);
  });
}

test('an array is copied: what the app does with it later is its own business', () => {
  const list = ['a'];
  const span = testProvider().start('work', { attributes: { list } });
  list.push('b');
  assert.deepEqual(span.attributes, { list: ['a'] });
});

test('10 MB of text are taken in and cut to the limit', () => {
  const span = testProvider({ attributeValueLength: 1000 }).start();
  span.setAttribute('text', 'x'.repeat(10_000_000));
  assert.equal((span.attributes.text as string).length, 1000);
});

test('names that are no text', () => {
  const { start } = testProvider();
  const span = start({ toString: refuse } as never);
  span.addEvent(Symbol('event') as never).addEvent(Object.create(null) as never);
  span.updateName(42 as never);
  assert.deepEqual([span.name, ...span.events.map(({ name }) => name)], ['', 'Symbol(event)', '']);
});

const links: [name: string, link: unknown][] = [
  ['nothing', undefined],
  ['no context', {}],
  ['ids that are none', { context: { traceId: 'x', spanId: 'y', traceFlags: 1 } }],
  ['ids of zeros', { context: { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 1 } }],
  ['ids that are no text', { context: { traceId: 1, spanId: null, traceFlags: 1 } }],
  [
    'a getter that throws',
    {
      get context() {
        return refuse();
      },
    },
  ],
  ['a revoked Proxy', revoked({})],
];
for (const [name, link] of links) {
  test(`a link with ${name} is left out`, () => {
    const span = testProvider().start();
    span
      .addLink(link as never)
      .addLinks([link as never])
      .addLinks(null as never);
    assert.deepEqual(span.links, []);
  });
}

test('a link keeps what its context was when it was added', () => {
  const context = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1, isRemote: true };
  const span = testProvider().start('work', { links: [{ context }] });
  context.traceId = 'x';
  assert.deepEqual(span.links[0]?.context, { ...context, traceId: '1'.repeat(32) });
});
