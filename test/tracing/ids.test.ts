import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highWord, isHexId, lowWord, randomWord, spanIdText, TraceId } from '../../src/tracing/ids';

test('100,000 ids are well-formed and all different', () => {
  const seen = new Set<string>();
  for (let i = 0; i < 50_000; i++) {
    const trace = TraceId.random().toString();
    const span = spanIdText(randomWord(), randomWord());
    assert.ok(isHexId(trace, 32) && isHexId(span, 16), `${trace} ${span}`);
    seen.add(trace).add(span);
  }
  assert.equal(seen.size, 100_000);
});

test('each of the 128 bits of a trace id is as often 1 as 0', () => {
  const ones = new Array<number>(128).fill(0);
  const count = 10_000;
  for (let i = 0; i < count; i++) {
    const id = BigInt(`0x${TraceId.random().toString()}`);
    for (let bit = 0; bit < 128; bit++) if ((id >> BigInt(bit)) & 1n) ones[bit] = (ones[bit] ?? 0) + 1;
  }
  // six standard deviations
  for (const [bit, count1] of ones.entries()) {
    assert.ok(Math.abs(count1 - count / 2) < 300, `bit ${bit}: ${count1} of ${count}`);
  }
});

test('the words of an id are its digits', () => {
  const text = '0af7651916cd43dd8448eb211c80319c';
  const { word0, word1, word2, word3 } = TraceId.of(text);
  assert.equal(new TraceId(word0, word1, word2, word3).toString(), text);
  assert.equal(spanIdText(highWord('b7ad6b7169203331'), lowWord('b7ad6b7169203331')), 'b7ad6b7169203331');
});

const candidates: [text: string, valid: boolean][] = [
  ['00000000000000a1', true],
  ['0000000000000000', false],
  ['00000000000000A1', false],
  ['00000000000000g1', false],
  ['0000000000000a1', false],
  ['00000000000000/1', false],
  ['00000000000000:1', false],
  ['00000000000000`1', false],
];
for (const [text, valid] of candidates) {
  test(`${text} is ${valid ? 'an' : 'no'} id`, () => {
    assert.equal(isHexId(text, 16), valid);
  });
}
