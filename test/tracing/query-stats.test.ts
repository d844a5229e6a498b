import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countQuery, queryStats } from '../../src/tracing/query-stats';

const statement = (summary: string) => ({ text: `${summary} text`, summary, operation: '' });

test('queries are counted in all and by statement, errors and times too', () => {
  assert.deepEqual(queryStats(), {
    queries: 0,
    errors: 0,
    totalMs: 0,
    averageMs: 0,
    byStatement: Object.create(null),
  });
  countQuery(statement('SELECT users'), 10, false);
  countQuery(statement('SELECT users'), 20, true);
  countQuery(statement('__proto__'), 30, false);
  const stats = queryStats();
  assert.deepEqual([stats.queries, stats.errors, stats.totalMs, stats.averageMs], [3, 1, 60, 20]);
  assert.deepEqual(stats.byStatement['SELECT users'], { queries: 2, errors: 1, totalMs: 30 });
  assert.deepEqual(Object.keys(stats.byStatement), ['SELECT users', '__proto__']);
});

test('what was handed out does not change with the next query', () => {
  const before = queryStats();
  countQuery(statement('SELECT users'), 5, false);
  assert.equal(before.byStatement['SELECT users']?.queries, 2);
});

test('a statement without summary goes by its operation, else by its text, at no length', () => {
  countQuery({ text: 'x'.repeat(1000), summary: '', operation: '' }, 1, false);
  countQuery({ text: 'get a', summary: '', operation: 'GET' }, 1, false);
  const keys = Object.keys(queryStats().byStatement);
  assert.ok(keys.includes('GET') && keys.includes('x'.repeat(255)), keys.join());
});

test('from 500 different statements on the further ones share a row', () => {
  for (let i = 0; i < 1000; i++) countQuery(statement(`SELECT t${i}`), 1, false);
  const { byStatement } = queryStats();
  assert.equal(Object.keys(byStatement).length, 501);
  assert.equal(byStatement['(other statements)']?.queries, 504);
  countQuery(statement('SELECT users'), 1, false);
  assert.equal(queryStats().byStatement['SELECT users']?.queries, 4);
});
