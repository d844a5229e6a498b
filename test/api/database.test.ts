import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import {
  addMetadata,
  getQueryStats,
  traceBulkCreate,
  traceBulkUpdate,
  traceCreate,
  traceDatabaseQuery,
  traceDelete,
  traceSave,
  traceTransaction,
  traceUpdate,
} from '../../src/api';
import { register, type TestRuntime } from './runtime';

let runtime: TestRuntime;
beforeEach(() => {
  runtime = register();
});

test('a query: a client span with the statement, without its literals', async () => {
  const rows = await traceDatabaseQuery(
    "SELECT * FROM users WHERE email = 'bob@example.org' AND age > 42",
    { system: 'postgresql', namespace: 'shop', address: 'db.local', port: 5433 },
    async () => [1, 2],
  );
  assert.deepEqual(rows, [1, 2]);
  const { name, kind, attributes } = runtime.last();
  assert.deepEqual([name, kind], ['SELECT users', 2]);
  assert.deepEqual(attributes, {
    'db.system.name': 'postgresql',
    'db.namespace': 'shop',
    'db.operation.name': 'SELECT',
    'db.collection.name': 'users',
    'db.query.text': 'SELECT * FROM users WHERE email = ? AND age > ?',
    'db.query.summary': 'SELECT users',
    'server.address': 'db.local',
    'server.port': 5433,
  });
});

test('the system decides how the text is read', () => {
  const text = 'SELECT "bob" FROM t';
  traceDatabaseQuery(text, { system: 'mysql' }, () => 1);
  assert.equal(runtime.last().attributes['db.query.text'], 'SELECT ? FROM t');
  traceDatabaseQuery(text, { system: 'postgresql' }, () => 1);
  assert.equal(runtime.last().attributes['db.query.text'], text);
});

test('without options it is some SQL, and whatever the text is, the query runs', () => {
  for (const options of [{}, undefined, null, { system: 7 }]) {
    assert.equal(
      traceDatabaseQuery('SELECT 1', options as never, () => 'row'),
      'row',
    );
  }
  assert.equal(runtime.ended[0]?.attributes['db.system.name'], 'other_sql');
  for (const text of [
    '',
    '\0',
    undefined,
    null,
    Symbol('x'),
    Object.create(null),
    'SELECT '.repeat(100_000),
  ]) {
    assert.equal(
      traceDatabaseQuery(text as never, {}, () => 1),
      1,
    );
  }
});

test('failed queries: error type and status, the same error for the caller', async () => {
  const error = Object.assign(new Error('duplicate key'), { code: '23505' });
  await assert.rejects(
    traceDatabaseQuery('INSERT INTO t VALUES (1)', { system: 'postgresql' }, async () => {
      throw error;
    }),
    (thrown) => thrown === error,
  );
  assert.equal(runtime.last().attributes['error.type'], '23505');
  assert.equal(runtime.last().status.code, 2);
});

test('getQueryStats counts what ran, by statement, with its failures', async () => {
  const before = getQueryStats();
  traceDatabaseQuery('SELECT * FROM stats_a WHERE id = 1', {}, () => 1);
  traceDatabaseQuery('SELECT * FROM stats_a WHERE id = 2', {}, () => 1);
  assert.throws(() =>
    traceDatabaseQuery('SELECT * FROM stats_a WHERE id = 3', {}, () => {
      throw new Error('no');
    }),
  );
  const after = getQueryStats();
  assert.deepEqual([after.queries - before.queries, after.errors - before.errors], [3, 1]);
  const row = after.byStatement['SELECT stats_a'];
  assert.deepEqual([row?.queries, row?.errors], [3, 1]);
  assert.ok(after.totalMs >= before.totalMs && after.averageMs === after.totalMs / after.queries);
});

test('a transaction tells how it ended, and queries in it are its children', async () => {
  await traceTransaction('transfer', async () =>
    traceDatabaseQuery('UPDATE accounts SET a = 1', {}, () => 1),
  );
  await assert.rejects(
    traceTransaction('refused', async () => {
      throw new Error('no');
    }),
  );
  const outcome = 'canvasops.transaction.outcome';
  assert.equal(runtime.named('transfer').attributes[outcome], 'committed');
  assert.equal(runtime.named('refused').attributes[outcome], 'rolled_back');
  assert.equal(runtime.named('UPDATE accounts').parentSpanId, runtime.named('transfer').spanId);
});

const operations = [
  [traceCreate, 'create'],
  [traceUpdate, 'update'],
  [traceDelete, 'delete'],
  [traceSave, 'save'],
  [traceBulkCreate, 'bulk_create'],
  [traceBulkUpdate, 'bulk_update'],
] as const;
for (const [trace, operation] of operations) {
  test(`${trace === traceSave ? 'save' : operation}: a span per call with the model, result untouched`, async () => {
    class User {}
    const byName = trace('User')(async (rows: number[], factor: number) => {
      addMetadata('inside', true);
      return rows.map((row) => row * factor);
    });
    assert.deepEqual(await byName([1, 2, 3], 2), [2, 4, 6]);
    const isBulk = operation.startsWith('bulk_');
    assert.equal(runtime.last().name, `User.${operation}`);
    assert.deepEqual(runtime.last().attributes, {
      'canvasops.model.name': 'User',
      'canvasops.model.operation': operation,
      ...(isBulk ? { 'canvasops.model.count': 3 } : {}),
      inside: true,
    });
    trace(User)(() => 1)();
    assert.equal(runtime.last().name, `User.${operation}`);
    trace(undefined as never)(() => 1)();
    assert.equal(runtime.last().name, `model.${operation}`);
  });
}
