import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainSpan as plainOf } from '../../../src/export/batching/plain-span';
import { packSpan, unpackSpan } from '../../../src/export/threads/packed-span';
import { ThreadLog } from '../../../src/export/threads/thread-log';
import { plainSpan } from '../../otlp/random-span';

function logOf(destinations = 1): ThreadLog {
  const log = ThreadLog.create(destinations);
  assert.ok(log !== undefined);
  return log;
}

const record = (number: number, size = 8): Uint8Array => new Uint8Array(size).fill(number % 251);
const done = (number: number): { settled: number; sent: number }[] => [{ settled: number, sent: number }];

test('the other thread reads what was written and not let go of', () => {
  const log = logOf();
  for (let number = 1; number <= 5; number++) assert.ok(log.write(number, record(number)));
  log.update(done(3));
  const { spans, sent } = new ThreadLog(log.memory).takeAll(false);
  assert.deepEqual(
    spans.map(({ number, bytes }) => [number, bytes]),
    [3, 4, 5].map((number) => [number, record(number)]),
  );
  assert.deepEqual(sent, [3]);
});

test('what one destination has not got stays, and each says how far it is', () => {
  const log = logOf(2);
  for (let number = 1; number <= 4; number++) log.write(number, record(number));
  log.update([
    { settled: 5, sent: 5 },
    { settled: 2, sent: 3 },
  ]);
  const { spans, sent } = new ThreadLog(log.memory).takeAll(false);
  assert.deepEqual(
    spans.map(({ number }) => number),
    [2, 3, 4],
  );
  assert.deepEqual(sent, [5, 3]);
});

test('it goes round: a million bytes a hundred times', () => {
  const log = logOf();
  const size = 99_991;
  for (let number = 1; number <= 1000; number++) {
    assert.ok(log.write(number, record(number, size)), String(number));
    log.update(done(number - 2));
  }
  const { spans } = new ThreadLog(log.memory).takeAll(false);
  assert.deepEqual(
    spans.map(({ number }) => number),
    [998, 999, 1000],
  );
  for (const { number, bytes } of spans) assert.deepEqual(bytes, record(number, size));
});

test('a full one takes nothing more until there is room', () => {
  const log = logOf();
  let written = 0;
  while (log.write(written + 1, record(written, 1000))) written++;
  assert.ok(written > 1000);
  assert.equal(log.write(written + 1, record(1, 1000)), false);
  log.update(done(written));
  assert.ok(log.write(written + 1, record(1, 1000)));
});

test('once it is taken nothing is written any more, and the thread can tell', () => {
  const log = logOf();
  log.write(1, record(1));
  assert.equal(log.isClosed, false);
  assert.equal(new ThreadLog(log.memory).takeAll(true).spans.length, 1);
  assert.equal(log.isClosed, true);
  assert.equal(log.write(2, record(2)), false);
  log.update(done(9));
});

for (const value of [
  1,
  'text',
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  [1, Number.NaN],
  ['a', null],
  new Uint8Array([1]),
]) {
  test(`a span is read as it was written, with ${String(value)} on it`, () => {
    const span = plainOf({ ...plainSpan(1), attrs: ['key', value as never, 'other', 'é\ud800'] });
    const read = unpackSpan(packSpan(span));
    assert.deepEqual(read.attrs, span.attrs);
    assert.deepEqual([read.name, read.startMs, read.spanId], [span.name, span.startMs, span.spanId]);
  });
}
