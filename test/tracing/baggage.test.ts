import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT } from '../../src/tracing/context';
import { createPropagator } from '../../src/tracing/propagation';
import { formatBaggage, MapBaggage, parseBaggage } from '../../src/tracing/propagation/baggage';
import { getter, type Headers, setter } from './provider';

function entries(header: string): Record<string, string> | undefined {
  const baggage = parseBaggage(header);
  return baggage && Object.fromEntries(baggage.getAllEntries().map(([key, { value }]) => [key, value]));
}

const bag = (values: Record<string, string>): MapBaggage =>
  new MapBaggage(new Map(Object.entries(values).map(([key, value]) => [key, { value }])));

const parsed: [header: string, expected: Record<string, string> | undefined, why: string][] = [
  ['a=1,b=2', { a: '1', b: '2' }, 'two members'],
  [' a = 1 ,\tb=2', { a: '1', b: '2' }, 'white space'],
  ['name=J%C3%BCrgen%20%2C%3B', { name: 'J\u00fcrgen ,;' }, 'percent-encoded values'],
  ['a=1=2', { a: '1=2' }, 'an equals sign in the value'],
  ['a=', { a: '' }, 'an empty value'],
  ['a=1,a=2', { a: '2' }, 'the last of two members with one key'],
  ['a=%E0%A4%A,b=2', { b: '2' }, 'broken percent-encoding spoils its member only'],
  ['=1,a,;,b=2', { b: '2' }, 'members without key or value'],
  ['a b=1,a;b=2,c=3', { c: '3' }, 'keys that are none'],
  ['', undefined, 'nothing'],
  [','.repeat(10_000), undefined, '10 kB of commas'],
];
for (const [header, expected, why] of parsed) {
  test(`read: ${why}`, () => {
    assert.deepEqual(entries(header), expected);
  });
}

test('metadata comes through unread and goes out again', () => {
  const baggage = parseBaggage('a=1;prop=x;flag , b=2');
  assert.equal(baggage?.getEntry('a')?.metadata?.toString(), 'prop=x;flag');
  assert.equal(baggage && formatBaggage(baggage), 'a=1;prop=x;flag,b=2');
});

test('64 members are read, empty ones do not count', () => {
  const header = `,,,${Array.from({ length: 70 }, (_, i) => `k${i}=v`).join(',,')}`;
  const keys = Object.keys(entries(header) ?? {});
  assert.deepEqual([keys.length, keys.at(-1)], [64, 'k63']);
});

test('of more than 8,192 bytes whole members are read, never a part of one', () => {
  const header = `a=1,b=${'x'.repeat(8188)},c=3`;
  assert.deepEqual(entries(header), { a: '1' });
  const fits = `a=${'x'.repeat(8190)}`;
  assert.equal(entries(fits)?.a?.length, 8190);
  assert.equal(entries(`${fits}y`), undefined);
});

test('several headers are one list, as an array and as one line', () => {
  const propagator = createPropagator(['baggage']);
  for (const baggage of [['a=1', 'b=2'], 'a=1, b=2']) {
    const context = propagator.extract(ROOT_CONTEXT, { baggage }, getter) as typeof ROOT_CONTEXT;
    assert.deepEqual(
      context.baggage?.getAllEntries().map(([key]) => key),
      ['a', 'b'],
    );
  }
});

test('written: values cannot add members, end the header or leave ASCII', () => {
  const baggage = bag({ 'a,b=c': 'x,evil=1;p', 'line\r\n': 'x\r\nset-cookie: a=1', emoji: '\u{1f600}' });
  const header = formatBaggage(baggage);
  assert.equal(
    header,
    'a%2Cb%3Dc=x%2Cevil%3D1%3Bp,line%0D%0A=x%0D%0Aset-cookie%3A%20a%3D1,emoji=%F0%9F%98%80',
  );
  assert.deepEqual(entries(header), {
    'a,b=c': 'x,evil=1;p',
    'line\r\n': 'x\r\nset-cookie: a=1',
    emoji: '\u{1f600}',
  });
});

for (const metadata of ['p,evil=1', 'p\r\nset-cookie: a=1', 'caf\u00e9']) {
  test(`written: metadata ${JSON.stringify(metadata)} is left out, its value is not`, () => {
    const entry = { value: '1', metadata: { toString: () => metadata } as never };
    assert.equal(formatBaggage(new MapBaggage(new Map([['a', entry]]))), 'a=1');
  });
}

test('written: at most 64 members and 8,192 bytes, lone surrogates replaced, empty keys left out', () => {
  const many = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`k${i}`, 'v']));
  assert.equal(formatBaggage(bag(many)).split(',').length, 64);
  assert.equal(formatBaggage(bag({ a: 'x'.repeat(8190) })).length, 8192);
  assert.equal(formatBaggage(bag({ a: 'x'.repeat(8191), b: '2' })), 'b=2');
  assert.equal(formatBaggage(bag({ a: '\ud800' })), 'a=%EF%BF%BD');
  assert.equal(formatBaggage(bag({ '': '1' })), '');
});

test('nothing is sent without baggage or in a suppressed context', () => {
  const propagator = createPropagator(['baggage']);
  const headers: Headers = {};
  const suppress = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
  propagator.inject(ROOT_CONTEXT.withBaggage(new MapBaggage()), headers, setter);
  propagator.inject(ROOT_CONTEXT.withBaggage(bag({ a: '1' })).setValue(suppress, true), headers, setter);
  assert.deepEqual(headers, {});
});

test('a baggage never changes; what is derived from it does', () => {
  const first = bag({ a: '1', b: '2', c: '3' });
  const second = first.setEntry('d', { value: '4' }).removeEntry('a').removeEntries('b', 'c');
  assert.deepEqual(second.getAllEntries(), [['d', { value: '4' }]]);
  assert.equal(first.getAllEntries().length, 3);
  assert.deepEqual(first.clear().getAllEntries(), []);
});
