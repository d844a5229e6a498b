/** mysql2 seen from outside: what goes over the wire has one span each, in the right place, and the app notices nothing. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { rolldown } from 'rolldown';
import { installFixtures } from '../helpers/fixtures';
import { serverUrl, skipWithout } from '../helpers/needs';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type RunningApp, runApp, runToExit } from '../helpers/run-app';
import { parentsOfTransactions, type ReceivedSpan } from '../helpers/span';
import { type StatementProxy, startStatementProxy } from '../helpers/statement-proxy';
import { callerTrace } from '../helpers/traceparent';
import { assertTree, inTrace, spanNamed } from '../helpers/tree';

const skip = skipWithout('mariadb');
const forms = ['cjs', 'mjs'] as const;

interface Setting {
  app: RunningApp;
  receiver: OtlpReceiver;
  proxy: StatementProxy;
}

async function withApp(
  entry: string,
  env: Record<string, string>,
  use: (setting: Setting) => Promise<void>,
): Promise<void> {
  const receiver = await startOtlpReceiver();
  const proxy = await startStatementProxy('mysql', serverUrl('mariadb'));
  const app = await runApp({ entry, otlp: receiver.url, env: { DATABASE_URL: proxy.url, ...env } });
  try {
    await use({ app, receiver, proxy });
    assert.equal(app.stderr().includes('[canvasops]'), false, app.stderr());
  } finally {
    await app.stop();
    await Promise.all([receiver.close(), proxy.close()]);
  }
}

const isStatement = (span: ReceivedSpan): boolean => span.attributes['db.system.name'] === 'mariadb';

/** A text on either side of the masking and of mysql2 putting the values in, so that wire and spans compare. */
const comparable = (text: unknown): string =>
  String(text)
    .replace(/'[^']*'|(?<![$\w])\d+(\.\d+)?|:\w+/g, '?')
    .replace(/\s+/g, ' ')
    // Rows of values are one row in ours.
    .replace(/(\(\?(?:, \?)*\))(?:, \1)+/g, '$1');

/** Waits until there is a span for every statement, then demands that there is exactly one. */
async function statementsOf({ receiver, proxy, app }: Setting): Promise<ReceivedSpan[]> {
  const expected = proxy.statements().map(({ text }) => comparable(text));
  await receiver.waitForSpans((spans) => spans.filter(isStatement).length >= expected.length);
  await app.stop();
  const statements = receiver.spans().filter(isStatement);
  const actual = statements.map((span) => comparable(span.attributes['db.query.text']));
  assert.deepEqual(actual.sort(), expected.sort());
  return statements;
}

const routes = [
  '/callback',
  '/callback-options',
  '/events',
  '/stream',
  '/execute-callback',
  '/promise',
  '/execute',
  '/prepare',
  '/pool',
  '/pool-connection',
  '/pool-promise',
  '/pool-of-callback-pool',
  '/concurrent',
  '/queued?id=1',
  '/transaction',
  '/rollback',
  '/error',
  '/error-callback',
  '/error-execute',
  '/error-unhandled',
  '/literal',
  '/named-placeholders',
  '/several-statements',
  '/cluster',
  '/refused',
];
/** Only prepared there, and refused by the server. */
const neverExecuted = '/error-execute';

for (const form of forms) {
  test(`every statement on the wire has exactly one span, ${form}`, { skip }, async () => {
    await withApp(`fixtures/mysql2/app.${form}`, {}, async (setting) => {
      const { app, receiver } = setting;
      const asked = [...routes, ...routes].filter((route) => route !== neverExecuted);
      await Promise.all(asked.map((route) => app.get(route)));
      const statements = await statementsOf(setting);
      const servers = new Map(
        receiver
          .spans()
          .filter(({ kind }) => kind === 'server')
          .map((span) => [span.spanId, span]),
      );
      assert.equal(servers.size, asked.length);
      const transactions = parentsOfTransactions(receiver.spans());
      for (const statement of statements) {
        assert.equal(statement.kind, 'client');
        // The statements with which the app prepares its tables belong to no request.
        if (statement.parentSpanId === '') continue;
        const parent = servers.get(transactions.get(statement.parentSpanId) ?? statement.parentSpanId);
        assert.ok(parent, `"${statement.name}" is not below a request`);
        assert.ok(statement.startNs >= parent.startNs, `"${statement.name}" starts before its request`);
      }
      assert.equal(statements.filter(({ parentSpanId }) => parentSpanId === '').length, 3);
    });
  });

  test(`what a span says, ${form}`, { skip }, async () => {
    await withApp(`fixtures/mysql2/app.${form}`, {}, async ({ app, receiver, proxy }) => {
      const common = {
        'db.system.name': 'mariadb',
        'db.namespace': new URL(proxy.url).pathname.slice(1),
        'server.address': '127.0.0.1',
        'server.port': proxy.port,
        'network.peer.address': '127.0.0.1',
        'network.peer.port': proxy.port,
      };
      const right = ['/pool-promise', '/execute', '/callback'];
      const wrong = ['/error', '/error-callback', '/error-execute', '/error-unhandled'];
      const traces = new Map([...right, ...wrong].map((path) => [path, callerTrace()]));
      for (const [path, { headers }] of traces) await app.get(path, headers);
      await app.stop();
      const spansOf = (path: string): ReceivedSpan[] =>
        inTrace(receiver.spans(), traces.get(path)?.traceId ?? '').filter(isStatement);
      const description = {
        'db.operation.name': 'SELECT',
        'db.collection.name': 'products',
        'db.query.text': 'select id, name from products where id = ?',
        'db.query.summary': 'SELECT products',
      };
      // On a connection of its own it is asked before the server has said what it is.
      for (const path of right) {
        const [span, ...rest] = spansOf(path);
        assert.deepEqual(rest, []);
        assert.equal(span?.name, 'SELECT products');
        assert.deepEqual(span?.attributes, { ...common, ...description });
        assert.equal(span?.status.code, 'unset');
      }
      for (const path of wrong) {
        const [span, ...rest] = spansOf(path);
        assert.deepEqual(rest, []);
        assert.equal(span?.name, 'SELECT missing_table');
        assert.equal(span?.attributes['db.response.status_code'], '1146');
        assert.equal(span?.attributes['error.type'], '1146');
        assert.equal(span?.status.code, 'error');
        const [exception, ...others] = span?.events ?? [];
        assert.deepEqual(others, []);
        assert.equal(exception?.attributes['exception.message'], span?.status.message);
      }
    });
  });

  test(`literals stay in the process, ${form}`, { skip }, async () => {
    await withApp(`fixtures/mysql2/app.${form}`, {}, async (setting) => {
      await setting.app.get('/literal');
      const statements = await statementsOf(setting);
      const literal = statements.find(
        ({ attributes }) => attributes['db.query.text'] === 'select ? as text, ? as number',
      );
      assert.ok(literal, 'the literals were replaced');
      for (const { body } of setting.receiver.requests) assert.equal(body.includes('secret-literal'), false);
    });
  });

  test(`50 requests share a pool of one connection, ${form}`, { skip }, async () => {
    const env = { CANVASOPS_DB_PARAMETERS: 'true' };
    await withApp(`fixtures/mysql2/app.${form}`, env, async (setting) => {
      const callers = Array.from({ length: 50 }, () => callerTrace());
      setting.proxy.clear();
      await Promise.all(callers.map(({ headers }, id) => setting.app.get(`/queued?id=${id}`, headers)));
      const spans = await setting.receiver.waitForSpans((received) =>
        callers.every(({ traceId }) => inTrace(received, traceId).length >= 2),
      );
      for (const [id, { traceId, spanId }] of callers.entries()) {
        const own = inTrace(spans, traceId);
        assert.equal(own.length, 2);
        const server = own.find(({ kind }) => kind === 'server');
        const statement = own.find(isStatement);
        assert.equal(server?.parentSpanId, spanId);
        assert.equal(statement?.parentSpanId, server?.spanId);
        assert.equal(statement?.attributes['db.query.parameter.0'], String(id));
      }
      assert.equal(new Set(setting.proxy.statements().map(({ connection }) => connection)).size, 1);
    });
  });

  test(`callbacks and listeners run in the context of their call, ${form}`, { skip }, async () => {
    await withApp(`fixtures/mysql2/callbacks.${form}`, {}, async ({ app, receiver }) => {
      const runs = Object.keys(callbackTrees).flatMap((route) =>
        Array.from({ length: 5 }, () => ({ route, trace: callerTrace() })),
      );
      await Promise.all(runs.map(({ route, trace }) => app.get(`/${route}`, trace.headers)));
      await app.stop();
      for (const { route, trace } of runs) {
        const spans = inTrace(receiver.spans(), trace.traceId);
        const expected = callbackTrees[route as keyof typeof callbackTrees];
        assertTree(spans, expected, { callers: [trace.spanId], attributes: ['error.type'] });
      }
    });
  });

  test(`statements end with their connection, ${form}`, { skip }, async () => {
    await withApp(`fixtures/mysql2/callbacks.${form}`, {}, async ({ app, receiver, proxy }) => {
      const lost = callerTrace();
      const answer = app.get('/broken', lost.headers);
      const sleeping = (): number => proxy.statements().filter(({ text }) => text.includes('sleep')).length;
      while (sleeping() < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      proxy.breakConnections();
      assert.equal((await answer).text, 'ECONNRESET');
      const closed = callerTrace();
      await app.get('/destroyed', closed.headers);
      const spans = await receiver.waitForSpans(
        (received) =>
          inTrace(received, lost.traceId).length >= 8 && inTrace(received, closed.traceId).length >= 3,
      );
      const options = { attributes: ['error.type'], order: 'text' } as const;
      assertTree(
        inTrace(spans, lost.traceId),
        `
        server GET
          client SELECT  error.type=ECONNRESET  [error]
          client SELECT  error.type=ECONNRESET  [error]
          client SELECT  error.type=ECONNRESET  [error]
          client SELECT  error.type=ECONNRESET  [error]
          internal first
          internal of pool
          internal second
        `,
        { ...options, callers: [lost.spanId] },
      );
      assertTree(
        inTrace(spans, closed.traceId),
        `
        server GET
          client SELECT
          client SELECT  error.type=PROTOCOL_CONNECTION_LOST  [error]
        `,
        { ...options, callers: [closed.spanId] },
      );
    });
  });

  test(`the database that is in use, ${form}`, { skip }, async () => {
    await withApp(`fixtures/mysql2/callbacks.${form}`, {}, async ({ app, receiver }) => {
      await app.get('/change-user');
      await app.stop();
      const names = receiver
        .spans()
        .filter(isStatement)
        .map(({ attributes }) => [attributes['db.query.text'], attributes['db.namespace']]);
      assert.deepEqual(names, [
        ['use mysql', 'test'],
        ['select ?', 'mysql'],
        ['select ?', 'test'],
      ]);
    });
  });

  test(`a statement that never got a connection has its span, ${form}`, { skip }, async () => {
    await withApp(`fixtures/mysql2/callbacks.${form}`, {}, async ({ app, receiver }) => {
      const trace = callerTrace();
      const answer = await app.get('/unreachable', trace.headers);
      assert.equal(answer.text, 'ECONNREFUSED');
      const spans = await receiver.waitForSpans((received) => inTrace(received, trace.traceId).length >= 5);
      assertTree(
        inTrace(spans, trace.traceId),
        `
        server GET
          client SELECT  db.system.name=mysql  error.type=ECONNREFUSED  [error]
          internal of pool
          client SELECT  db.system.name=mysql  error.type=ECONNREFUSED  [error]
          internal of connection
        `,
        { callers: [trace.spanId], attributes: ['db.system.name', 'error.type'] },
      );
    });
  });

  test(`the app sees the same mysql2, ${form}`, { skip }, async () => {
    const receiver = await startOtlpReceiver();
    const run = { entry: `fixtures/mysql2/behaviour.${form}`, env: { DATABASE_URL: serverUrl('mariadb') } };
    for (const args of [[], ['crash']]) {
      const [bare, traced] = await Promise.all([
        runToExit({ ...run, args, flag: 'none' }),
        runToExit({ ...run, args, otlp: receiver.url }),
      ]);
      assert.deepEqual([traced.code, traced.signal], [bare.code, bare.signal], traced.stderr);
      assert.equal(traced.stdout, bare.stdout);
      assert.equal(bare.code, args.length === 0 ? 0 : 1);
      if (args.length > 0) continue;
      const { rejections } = JSON.parse(traced.stdout) as { rejections: string[] };
      assert.equal(rejections.length, 4);
    }
    assert.ok(receiver.spans().filter(isStatement).length > 20, 'it was traced');
    await receiver.close();
  });
}

test('mysql2 inside a bundle', { skip }, async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'canvasops-bundle-'));
  const file = path.join(folder, 'app.cjs');
  const input = fromRoot('fixtures/mysql2/app.cjs');
  await installFixtures(input);
  const bundle = await rolldown({ input, platform: 'node' });
  await bundle.write({ file, format: 'cjs' });
  await bundle.close();
  try {
    await withApp(file, { CANVASOPS_DB_PARAMETERS: 'true' }, async ({ app, receiver, proxy }) => {
      const callers = Array.from({ length: 50 }, () => callerTrace());
      await Promise.all(callers.map(({ headers }, id) => app.get(`/queued?id=${id}`, headers)));
      for (const route of ['/pool', '/execute', '/transaction', '/literal', '/error']) await app.get(route);
      await app.stop();
      const statements = receiver
        .spans()
        .filter(({ attributes }) => attributes['db.system.name'] === 'mysql');
      const texts = statements.map(({ attributes }) => comparable(attributes['db.query.text']));
      assert.deepEqual(
        texts.sort(),
        proxy
          .statements()
          .map(({ text }) => comparable(text))
          .sort(),
      );
      for (const [id, { traceId }] of callers.entries()) {
        const [statement, ...rest] = inTrace(statements, traceId);
        assert.deepEqual(rest, []);
        assert.equal(statement?.attributes['db.query.parameter.0'], String(id));
      }
      const failed = spanNamed(statements, 'SELECT missing_table');
      assert.equal(failed.attributes['db.response.status_code'], '1146');
      for (const { body } of receiver.requests) assert.equal(body.includes('secret-literal'), false);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const callbackTrees = {
  promise: `
    server GET
      client SELECT
      internal then
  `,
  callback: `
    server GET
      client SELECT
      internal callback
  `,
  'callback-of-values': `
    server GET
      client SELECT
      internal callback
  `,
  'callback-of-options': `
    server GET
      client SELECT
      internal callback
  `,
  'callback-of-error': `
    server GET
      client SELECT missing_table  error.type=1146  [error]
      internal callback
  `,
  'callback-of-execute': `
    server GET
      client SELECT
      internal callback
  `,
  'callback-of-failed-execute': `
    server GET
      client SELECT missing_table  error.type=1146  [error]
      internal callback
  `,
  'callback-of-prepared': `
    server GET
      internal prepared
      client SELECT
      internal callback
  `,
  'callback-of-pool': `
    server GET
      client SELECT
      internal callback
  `,
  'callback-of-pool-execute': `
    server GET
      client SELECT
      internal callback
  `,
  'callback-of-getConnection': `
    server GET
      internal connected
      client SELECT
      internal callback
  `,
  'callback-of-cluster': `
    server GET
      client SELECT
      internal callback
  `,
  'callback-of-ping': `
    server GET
      internal callback
  `,
  'callback-of-transaction': `
    server GET
      internal transaction
        client START TRANSACTION
        client ROLLBACK
      internal begun
      internal callback
  `,
  events: `
    server GET
      client SELECT seq_1_to_2
      internal row
      internal row
      internal end
  `,
  'event-of-error': `
    server GET
      client SELECT missing_table  error.type=1146  [error]
      internal error
  `,
  'events-of-execute': `
    server GET
      client SELECT seq_1_to_2
      internal row
      internal row
      internal end
  `,
  'events-of-pool': `
    server GET
      client SELECT seq_1_to_2
      internal row
      internal row
      internal end
  `,
  stream: `
    server GET
      client SELECT seq_1_to_3
      internal data
      internal data
      internal data
      internal end
  `,
  'own-connection': `
    server GET
      internal connected
      client SELECT
      internal callback
      internal ended
  `,
  timeout: `
    server GET
      client SELECT  error.type=PROTOCOL_SEQUENCE_TIMEOUT  [error]
      internal callback
  `,
  'ended-while-busy': `
    server GET
      client SELECT
      client SELECT
      internal first
      internal ended
      internal second
  `,
  'after-the-end': `
    server GET
      client SELECT  error.type=Error  [error]
      internal callback
      client SELECT  error.type=PROTOCOL_CONNECTION_LOST  [error]
  `,
} as const;
