import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceState } from '@opentelemetry/api';
import { parseTraceState, traceStateText } from '../../src/tracing/propagation/trace-state';

const longest = 'k'.repeat(256);
const members = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}=v`).join(',');

const valid: [header: string, out: string, why: string][] = [
  ['a=1', 'a=1', 'one member'],
  [' a=1 ,\tb=2 ', 'a=1,b=2', 'white space around members'],
  ['a=1,,b=2,', 'a=1,b=2', 'empty members'],
  ['0tenant@sys/tem*_-=x', '0tenant@sys/tem*_-=x', 'every character that a key may have'],
  ['fw529a3039@dt=FfFfFfFf', 'fw529a3039@dt=FfFfFfFf', 'a multi-tenant key'],
  ['a= leading blank', 'a= leading blank', 'a value that begins with a blank'],
  ['a=!"#$%&\'()*+-./:;<>?@[\\]^_`{|}~', 'a=!"#$%&\'()*+-./:;<>?@[\\]^_`{|}~', 'every character of a value'],
  ['a=1,b=2,a=1', 'a=1,b=2', 'a member that is there twice'],
  ['a=1,b=2,a=3', 'a=1,b=2', 'two members with the same key: the newer one stands first'],
  [members(32), members(32), '32 members'],
  [`a=${'v'.repeat(256)}`, `a=${'v'.repeat(256)}`, 'a value of 256 characters'],
  [`${longest}=v`, `${longest}=v`, 'a key of 256 characters'],
];
for (const [header, out, why] of valid) {
  test(`valid: ${why}`, () => {
    assert.equal(parseTraceState(header)?.serialize(), out);
  });
}

const invalid: [header: string, why: string][] = [
  ['', 'empty'],
  [',,,', 'empty members only'],
  ['a', 'no value'],
  ['a=', 'an empty value'],
  ['=1', 'an empty key'],
  ['A=1', 'a key in upper case'],
  ['_a=1', 'a key that begins with a special character'],
  ['a b=1', 'a blank in a key'],
  ['a=1=2', 'an equals sign in a value'],
  ['a=\u00e9', 'a value that is not ASCII'],
  ['a=x\u0000y', 'a NUL'],
  ['a=1\u00a0,b=2', 'white space that HTTP does not know'],
  [members(33), '33 members'],
  ['a=1,'.repeat(33), '33 members with one key'],
  [`${longest}k=v`, 'a key of 257 characters'],
  [`a=${'v'.repeat(257)}`, 'a value of 257 characters'],
  [`a=1,${'b=2,'.repeat(1)}C=3`, 'one bad member spoils the list'],
];
for (const [header, why] of invalid) {
  test(`discarded: ${why}`, () => {
    assert.equal(parseTraceState(header), undefined);
  });
}

test('a list over 512 characters loses its long members first, then those at its end', () => {
  const long = `long=${'v'.repeat(200)}`;
  const short = Array.from({ length: 20 }, (_, i) => `k${i}=${'v'.repeat(15)}`); // 20 characters each, roughly
  const withLong = parseTraceState([short[0], long, ...short.slice(1)].join(','))?.serialize();
  assert.equal(withLong, short.join(','));
  const many = Array.from({ length: 32 }, (_, i) => `k${i + 10}=${'v'.repeat(20)}`); // 24 characters and a comma
  assert.equal(parseTraceState(many.join(','))?.serialize(), many.slice(0, 20).join(','));
});

test('exactly 512 characters stay', () => {
  const header = `${'a'.repeat(99)}=${'v'.repeat(100)},${'b'.repeat(99)}=${'v'.repeat(100)},c=${'v'.repeat(108)}`;
  assert.equal(header.length, 512);
  assert.equal(parseTraceState(header)?.serialize(), header);
});

test('a changed member moves to the front; the original stays as it was', () => {
  const state = parseTraceState('a=1,b=2');
  assert.equal(state?.set('b', '3').serialize(), 'b=3,a=1');
  assert.equal(state?.set('c', '3').serialize(), 'c=3,a=1,b=2');
  assert.equal(state?.unset('a').serialize(), 'b=2');
  assert.equal(state?.set('Bad', 'x'), state);
  assert.equal(state?.get('a'), '1');
  assert.equal(parseTraceState(members(32))?.set('new', 'x').serialize().split(',').length, 32);
});

const foreign = (serialize: () => unknown): TraceState => ({ serialize }) as unknown as TraceState;
const states: [name: string, state: TraceState | undefined, text: string][] = [
  ['none', undefined, ''],
  ['our own', parseTraceState('a=1'), 'a=1'],
  ["somebody else's", foreign(() => 'a=1,b=2'), 'a=1,b=2'],
  ['half a surrogate pair', foreign(() => 'a=\ud83d'), ''],
  ['a line break', foreign(() => 'a=1\r\nx: y'), ''],
  ['a number', foreign(() => 42), ''],
  [
    'one that throws',
    foreign(() => {
      throw new Error('refused');
    }),
    '',
  ],
  ['no method at all', {} as TraceState, ''],
];
for (const [name, state, text] of states) {
  test(`what is sent of a trace state: ${name}`, () => {
    assert.equal(traceStateText(state), text);
  });
}
