/** What becomes a transaction's span, by the statements that one connection is given. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstrumentationEnv } from '../../src/instrumentations/define';
import { describeServer } from '../../src/instrumentations/operations/database';
import { DatabaseCall } from '../../src/instrumentations/operations/database-call';
import { SqlDatabase } from '../../src/instrumentations/operations/sql';
import type { SqlDialect } from '../../src/redaction/sql/describe';
import { ROOT_CONTEXT, runWith } from '../../src/tracing/context';
import type { RecordingSpan } from '../../src/tracing/span';
import { testProvider } from '../tracing/provider';

function setUp(dialect: SqlDialect = 'postgresql', sampler: 'always_on' | 'always_off' = 'always_on') {
  const test = testProvider({}, sampler);
  const released: ((connection: object) => void)[] = [];
  const env = {
    tracer: test.provider.getTracer('test'),
    config: { requireParent: [], dbParameters: false, dbRepeatedStatements: 0 },
    guard: (fn: unknown) => fn,
    wrap: (_owner: unknown, _method: string, { before }: { before(self: object, args: unknown[]): void }) =>
      released.push((connection) => before(connection, [])),
  } as unknown as InstrumentationEnv;
  const database = new SqlDatabase<object>(env, {
    dialect,
    serverOf: () => describeServer({ system: dialect, database: 'shop', host: 'db', port: 5432 }),
    errorCode: () => undefined,
  });
  database.abandonsTransactions({}, 'release');
  const call = (connection: object, text: string) =>
    new DatabaseCall(database, database.start(connection, text, undefined));
  /** Calls and answers. `!` before a text: it fails. */
  const run = (connection: object, ...texts: string[]): void => {
    for (const text of texts) {
      const fails = text.startsWith('!');
      call(connection, fails ? text.slice(1) : text).finish(fails ? new Error('no') : undefined);
    }
  };
  const request = test.provider.getTracer('app').startSpan('request') as RecordingSpan;
  const within = <T>(fn: () => T, span = request): T => runWith(ROOT_CONTEXT.withSpan(span), fn);
  return { ...test, call, run, within, request, release: (c: object) => released[0]?.(c) };
}

/** `transaction committed 1: BEGIN, INSERT t, COMMIT`, per span that has others below it, in the order of their start. */
function tree(ended: readonly RecordingSpan[]): string[] {
  const spans = [...ended].sort((a, b) => a.startMs - b.startMs);
  const below = (span: RecordingSpan) => spans.filter(({ parentSpanId }) => parentSpanId === span.spanId);
  return spans
    .filter(({ name }) => name === 'transaction' || name === 'savepoint')
    .map((span) => {
      const outcome = span.get('canvasops.transaction.outcome');
      const statements = span.get('canvasops.transaction.statements');
      const names = below(span).map(({ name }) => name);
      return `${span.name} ${String(outcome)} ${String(statements)}: ${names.join(', ')}`;
    });
}

const forms: Record<string, [statements: string[], spans: string[]]> = {
  committed: [
    ['BEGIN', 'insert into t values (1)', 'select * from t', 'COMMIT'],
    ['transaction committed 2: BEGIN, INSERT t, SELECT t, COMMIT'],
  ],
  'rolled back': [
    ['START TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'delete from t', 'ROLLBACK'],
    ['transaction rolled_back 1: START TRANSACTION, DELETE t, ROLLBACK'],
  ],
  'other words': [
    ['  begin;', 'delete from t', 'END;', '/* again */ BEGIN', 'ABORT'],
    ['transaction committed 1: BEGIN, DELETE t, END', 'transaction rolled_back 0: BEGIN, ABORT'],
  ],
  'what comes after it': [['BEGIN', 'COMMIT', 'select 1 from t'], ['transaction committed 0: BEGIN, COMMIT']],
  'savepoints released and rolled back to': [
    [
      'BEGIN',
      'SAVEPOINT a',
      'insert into t values (1)',
      'SAVEPOINT b',
      'delete from t',
      'ROLLBACK TO SAVEPOINT b',
      'RELEASE SAVEPOINT a',
      'COMMIT',
    ],
    [
      'transaction committed 2: BEGIN, savepoint, COMMIT',
      'savepoint committed 2: SAVEPOINT, INSERT t, savepoint, RELEASE SAVEPOINT',
      'savepoint rolled_back 1: SAVEPOINT, DELETE t, ROLLBACK',
    ],
  ],
  'a savepoint that is left open': [
    ['BEGIN', 'SAVEPOINT a', 'COMMIT'],
    ['transaction committed 0: BEGIN, savepoint', 'savepoint committed 0: SAVEPOINT, COMMIT'],
  ],
  'a name of a savepoint that nobody knows': [
    ['BEGIN', 'RELEASE SAVEPOINT x', 'COMMIT'],
    ['transaction committed 0: BEGIN, RELEASE SAVEPOINT, COMMIT'],
  ],
  'COMMIT fails': [['BEGIN', '!COMMIT'], ['transaction rolled_back 0: BEGIN, COMMIT']],
  'BEGIN fails': [['!BEGIN', 'select 1 from t'], ['transaction abandoned 0: BEGIN']],
  'COMMIT after a failure': [
    ['BEGIN', '!delete from t', 'COMMIT'],
    ['transaction rolled_back 1: BEGIN, DELETE t, COMMIT'],
  ],
  'COMMIT after a failure that a savepoint took back': [
    ['BEGIN', 'SAVEPOINT a', '!delete from t', 'ROLLBACK TO a', 'COMMIT'],
    [
      'transaction committed 1: BEGIN, savepoint, COMMIT',
      'savepoint rolled_back 1: SAVEPOINT, DELETE t, ROLLBACK',
    ],
  ],
  'several statements in one text': [['BEGIN; delete from t; COMMIT', 'select 1 from t'], []],
  'another transaction is committed': [
    ['BEGIN', "COMMIT PREPARED 'x'", 'ROLLBACK'],
    ['transaction rolled_back 1: BEGIN, COMMIT, ROLLBACK'],
  ],
  'another connection is to commit it': [
    ['BEGIN', 'delete from t', "PREPARE TRANSACTION 'x'", 'select 1 from t'],
    ['transaction prepared 1: BEGIN, DELETE t, PREPARE'],
  ],
  'BEGIN within one': [['BEGIN', 'BEGIN', 'COMMIT'], ['transaction committed 0: BEGIN, BEGIN, COMMIT']],
};

for (const [title, [statements, expected]] of Object.entries(forms)) {
  test(`a transaction: ${title}`, () => {
    const { run, within, ended } = setUp();
    within(() => run({}, ...statements));
    assert.deepEqual(tree(ended), expected);
  });
}

test('its span is below the request, of kind INTERNAL, and no operation of the database', () => {
  const { run, within, ended, request } = setUp();
  within(() => run({}, 'BEGIN', 'COMMIT'));
  const transaction = ended.find(({ name }) => name === 'transaction');
  assert.equal(transaction?.parentSpanId, request.spanId);
  assert.equal(transaction?.kind, 0);
  assert.deepEqual(transaction?.attributes, {
    'db.namespace': 'shop',
    'server.address': 'db',
    'server.port': 5432,
    'canvasops.transaction.outcome': 'committed',
    'canvasops.transaction.statements': 0,
  });
});

test('statements that are called before the ones before them are answered', () => {
  const { call, within, ended } = setUp();
  const connection = {};
  const calls = within(() =>
    ['BEGIN', 'delete from t', 'COMMIT', 'select 1 from t'].map((t) => call(connection, t)),
  );
  for (const each of calls) each.finish();
  assert.deepEqual(tree(ended), ['transaction committed 1: BEGIN, DELETE t, COMMIT']);
});

test('a connection that is given back before the end', () => {
  const { run, release, within, ended } = setUp();
  const connection = {};
  within(() => run(connection, 'BEGIN', 'SAVEPOINT a'));
  release(connection);
  within(() => run(connection, 'select 1 from t'));
  assert.deepEqual(tree(ended), [
    'transaction abandoned 0: BEGIN, savepoint',
    'savepoint abandoned 0: SAVEPOINT',
  ]);
});

test('the next request begins one on a connection whose transaction nobody ended', () => {
  const { run, within, ended, start } = setUp();
  const connection = {};
  within(() => run(connection, 'BEGIN'));
  within(() => run(connection, 'BEGIN', 'COMMIT'), start('another request'));
  assert.deepEqual(tree(ended), ['transaction abandoned 0: BEGIN', 'transaction committed 0: BEGIN, COMMIT']);
});

test('MySQL commits a transaction when the next one begins', () => {
  const { run, within, ended } = setUp('mysql');
  within(() => run({}, 'BEGIN', 'delete from t', 'START TRANSACTION', 'ROLLBACK'));
  assert.deepEqual(tree(ended), [
    'transaction committed 1: BEGIN, DELETE t',
    'transaction rolled_back 0: START TRANSACTION, ROLLBACK',
  ]);
});

test('BEGIN of T-SQL is a block unless it says TRAN', () => {
  const { run, within, ended } = setUp('microsoft.sql_server');
  within(() => run({}, 'BEGIN', 'COMMIT', 'BEGIN TRAN', 'COMMIT TRAN'));
  assert.deepEqual(tree(ended), ['transaction committed 0: BEGIN, COMMIT']);
});

test('each BEGIN of T-SQL has a COMMIT of its own, and a ROLLBACK ends all of them', () => {
  const { run, within, ended } = setUp('microsoft.sql_server');
  const begin = 'BEGIN TRANSACTION';
  within(() => run({}, begin, begin, 'COMMIT', 'delete from t', 'COMMIT', begin, begin, 'ROLLBACK TRAN'));
  assert.deepEqual(tree(ended), [
    'transaction committed 1: BEGIN, BEGIN, COMMIT, DELETE t, COMMIT',
    'transaction rolled_back 0: BEGIN, BEGIN, ROLLBACK',
  ]);
});

test('ROLLBACK of T-SQL names a savepoint or the transaction', () => {
  const { run, within, ended } = setUp('microsoft.sql_server');
  within(() => run({}, 'BEGIN TRAN a', 'SAVE TRAN b', 'delete from t', 'ROLLBACK TRAN b', 'ROLLBACK TRAN a'));
  assert.deepEqual(tree(ended), [
    'transaction rolled_back 1: BEGIN, savepoint, ROLLBACK',
    'savepoint rolled_back 1: SAVE, DELETE t, ROLLBACK',
  ]);
});

test('below a span of the app a statement stays where it is, and is counted', () => {
  const { run, within, ended, start } = setUp();
  const connection = {};
  const step = start('step');
  within(() => run(connection, 'BEGIN'));
  within(() => run(connection, 'delete from t'), step);
  within(() => run(connection, 'COMMIT'));
  assert.deepEqual(tree(ended), ['transaction committed 1: BEGIN, COMMIT']);
  assert.equal(ended.find(({ name }) => name === 'DELETE t')?.parentSpanId, step.spanId);
});

test('outside of a request it is the root of a trace', () => {
  const { run, ended } = setUp();
  run({}, 'BEGIN', 'delete from t', 'COMMIT');
  assert.deepEqual(tree(ended), ['transaction committed 1: BEGIN, DELETE t, COMMIT']);
  assert.equal(new Set(ended.map(({ traceId }) => traceId)).size, 1);
});

test('none where nothing is recorded', () => {
  const { run, ended } = setUp('postgresql', 'always_off');
  run({}, 'BEGIN', 'delete from t', 'COMMIT');
  assert.deepEqual(ended, []);
});
