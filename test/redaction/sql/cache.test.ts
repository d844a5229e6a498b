import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatementCache } from '../../../src/redaction/sql/cache';
import { describeStatement } from '../../../src/redaction/sql/describe';

interface Weight {
  readonly weight: number;
}

const weighing = (weight: number): Weight => ({ weight });
const cacheOf = (spaces: number): StatementCache<Weight> =>
  new StatementCache(spaces, (value) => value.weight);

test('a parameterised statement is described once', () => {
  const first = describeStatement('SELECT cached FROM t WHERE id = $1', 'postgresql');
  assert.equal(describeStatement('SELECT cached FROM t WHERE id = $1', 'postgresql'), first);
});

test('the same text in another dialect is another statement', () => {
  const text = 'SELECT "cached" FROM t WHERE a = ?';
  assert.equal(describeStatement(text, 'postgresql').text, text);
  assert.equal(describeStatement(text, 'mysql').text, 'SELECT ? FROM t WHERE a = ?');
  assert.equal(describeStatement(text, 'postgresql').text, text);
});

test('a statement with literals is kept when it comes a second time', () => {
  const text = 'SELECT cached FROM t WHERE id = 5';
  const first = describeStatement(text, 'postgresql');
  const second = describeStatement(text, 'postgresql');
  assert.deepEqual(second, first);
  assert.notEqual(second, first);
  assert.equal(describeStatement(text, 'postgresql'), second);
});

test('a long text is never kept', () => {
  const text = `SELECT cached FROM t WHERE ${'a = $1 AND '.repeat(400)} b`;
  assert.ok(text.length > 4096);
  assert.notEqual(describeStatement(text, 'postgresql'), describeStatement(text, 'postgresql'));
});

test('the number of entries is bounded', () => {
  const cache = cacheOf(2);
  for (let i = 0; i < 100_000; i++) cache.set(i % 2, `key ${i}`, weighing(10), false);
  assert.ok(cache.size <= 1000, `${cache.size} entries`);
  assert.ok(cache.size >= 500);
});

test('the number of characters is bounded', () => {
  const cache = cacheOf(1);
  for (let i = 0; i < 2000; i++) cache.set(0, `${i}${'x'.repeat(4000)}`, weighing(4000), false);
  assert.ok(cache.size * 8000 <= 1_048_576 / 2 + 16_000, `${cache.size} entries`);
  assert.ok(cache.size > 30);
});

test('what is used stays while others come and go', () => {
  const cache = cacheOf(1);
  const hot = weighing(1);
  cache.set(0, 'hot', hot, false);
  for (let i = 0; i < 10_000; i++) {
    cache.set(0, `cold ${i}`, weighing(1), false);
    assert.equal(cache.get(0, 'hot'), hot);
  }
});

test('texts that come once leave no entry and displace none', () => {
  const cache = cacheOf(1);
  const kept = weighing(1);
  cache.set(0, 'kept', kept, false);
  for (let i = 0; i < 100_000; i++) cache.set(0, `SELECT ${i}`, weighing(1), true);
  assert.equal(cache.get(0, 'kept'), kept);
  // Two texts may share a hash; a handful of them is no harm.
  assert.ok(cache.size < 20, `${cache.size} entries`);
});

test('nothing of one statement lives on in the next', () => {
  const text = 'GRANT ALL ON t TO u WITH x BY y';
  const first = describeStatement(text, 'generic').text;
  describeStatement('CREATE USER u IDENTIFIED BY secret', 'generic');
  describeStatement("SELECT 'unterminated", 'mysql');
  describeStatement('SELECT /*!50701 a', 'mysql');
  assert.equal(describeStatement(`${text} `, 'generic').text, `${first} `);
});
