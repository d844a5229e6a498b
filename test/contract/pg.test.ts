/** pg seen from outside: what goes over the wire has one span each, in the right place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runApp } from '../helpers/run-app';
import { isTransaction, parentsOfTransactions, type ReceivedSpan } from '../helpers/span';
import { startStatementProxy } from '../helpers/statement-proxy';
import { callerTrace } from '../helpers/traceparent';
import { assertTree, inTrace } from '../helpers/tree';
import { isQuery, queriesOf, withApp } from './pg-harness';

const skip = skipWithout('postgres');

const routes = [
  '/users/1',
  '/throws/1',
  '/callback-error',
  '/api/v1/items/a/parts/b',
  '/cursor',
  '/stream',
  '/stream-abandoned',
  '/named',
  '/batch',
  '/literal',
  '/several-statements',
  '/submittable',
  '/connect-callback',
  '/queued/1',
  '/own-client',
  '/n-plus-one/5',
  '/slow?ms=5',
  '/health',
];

for (const form of ['cjs', 'mjs'] as const) {
  test(`every statement on the wire has exactly one span, ${form}`, { skip }, async () => {
    await withApp(`fixtures/express-pg/app.${form}`, {}, async (setting) => {
      const { app, receiver } = setting;
      await Promise.all([...routes, ...routes].map((route) => app.get(route)));
      const queries = await queriesOf(setting);
      const spans = receiver.spans();
      const servers = new Map(
        spans.filter(({ kind }) => kind === 'server').map((span) => [span.spanId, span]),
      );
      const transactions = parentsOfTransactions(spans);
      for (const query of queries) {
        assert.equal(query.kind, 'client');
        // The statements with which the app prepares its tables belong to no request.
        if (query.parentSpanId === '') continue;
        const parent = servers.get(transactions.get(query.parentSpanId) ?? query.parentSpanId);
        assert.ok(parent, `"${query.name}" is not below a request`);
        assert.ok(query.startNs >= parent.startNs, `"${query.name}" starts before its request`);
        assert.ok(query.endNs >= query.startNs);
      }
      assert.equal(queries.filter(({ parentSpanId }) => parentSpanId === '').length, 5);
    });
  });

  test(`what a query span says, ${form}`, { skip }, async () => {
    await withApp(`fixtures/express-pg/app.${form}`, {}, async ({ app, receiver, proxy }) => {
      const trace = callerTrace();
      await app.get('/users/1', trace.headers);
      const isDone = (spans: ReceivedSpan[]): boolean =>
        inTrace(spans, trace.traceId).some(({ kind }) => kind === 'server');
      const spans = inTrace(await receiver.waitForSpans(isDone), trace.traceId).filter(
        (span) => isQuery(span) || isTransaction(span),
      );
      assertTree(
        spans,
        `
        client SELECT users
        client SELECT orders
        internal transaction
          client BEGIN
          client INSERT orders
          client COMMIT
        client SELECT missing_table  [error]  !exception
        `,
        { callers: [spans[0]?.parentSpanId ?? ''], events: true },
      );
      const namespace = new URL(proxy.url).pathname.slice(1);
      const server = { 'server.address': '127.0.0.1', 'server.port': proxy.port };
      const common = { 'db.system.name': 'postgresql', 'db.namespace': namespace, ...server };
      const [first] = spans;
      const failed = spans.at(-1);
      assert.deepEqual(first?.attributes, {
        ...common,
        'db.operation.name': 'SELECT',
        'db.collection.name': 'users',
        'db.query.text': 'select id, name from users where id = $1',
        'db.query.summary': 'SELECT users',
      });
      assert.equal(failed?.attributes['db.response.status_code'], '42P01');
      assert.equal(failed?.attributes['error.type'], '42P01');
      assert.deepEqual(failed?.status, {
        code: 'error',
        message: 'relation "missing_table" does not exist',
      });
      assert.equal(failed?.events[0]?.attributes['exception.message'], failed?.status.message);
    });
  });

  test(`literals stay in the process, ${form}`, { skip }, async () => {
    await withApp(`fixtures/express-pg/app.${form}`, {}, async (setting) => {
      await setting.app.get('/literal');
      const queries = await queriesOf(setting);
      const literal = queries.find(
        ({ attributes }) => attributes['db.query.text'] === 'select ? as text, ? as number',
      );
      assert.ok(literal, 'the literals were replaced');
      for (const { body } of setting.receiver.requests) assert.equal(body.includes('secret-literal'), false);
    });
  });

  test(`50 requests share a pool of one connection, ${form}`, { skip }, async () => {
    const env = { CANVASOPS_DB_PARAMETERS: 'true' };
    await withApp(`fixtures/express-pg/app.${form}`, env, async (setting) => {
      const callers = Array.from({ length: 50 }, () => callerTrace());
      setting.proxy.clear();
      await Promise.all(callers.map(({ headers }, id) => setting.app.get(`/queued/${id}`, headers)));
      const spans = await setting.receiver.waitForSpans((received) =>
        callers.every(({ traceId }) => inTrace(received, traceId).length >= 2),
      );
      for (const [id, { traceId, spanId }] of callers.entries()) {
        const [server, query, ...rest] = inTrace(spans, traceId).sort((a, b) =>
          a.startNs < b.startNs ? -1 : 1,
        );
        assert.deepEqual(rest, []);
        assert.equal(server?.parentSpanId, spanId);
        assert.equal(query?.parentSpanId, server?.spanId);
        assert.equal(query?.attributes['db.query.parameter.0'], String(id));
      }
      assert.equal(new Set(setting.proxy.statements().map(({ connection }) => connection)).size, 1);
    });
  });

  test(`statements end with their connection, ${form}`, { skip }, async () => {
    await withApp(`fixtures/express-pg/callbacks.${form}`, {}, async ({ app, receiver, proxy }) => {
      const trace = callerTrace();
      const answer = app.get('/broken', trace.headers);
      const sleeping = (): number =>
        proxy.statements().filter(({ text }) => text.includes('pg_sleep')).length;
      while (sleeping() < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      proxy.breakConnections();
      assert.equal((await answer).text, 'ECONNRESET');
      const spans = inTrace(
        await receiver.waitForSpans((received) => inTrace(received, trace.traceId).length >= 9),
        trace.traceId,
      );
      assertTree(
        spans,
        `
        server GET
          client SELECT  error.type=ECONNRESET  [error]
          client SELECT  error.type=ECONNRESET  [error]
          client SELECT  error.type=ECONNRESET  [error]
          client SELECT  error.type=ECONNRESET  [error]
          internal first
          internal of pool
          internal second
          internal third
        `,
        { callers: [trace.spanId], attributes: ['error.type'], order: 'text' },
      );
    });
  });

  test(`a statement that never got a connection has its span, ${form}`, { skip }, async () => {
    const receiver = await startOtlpReceiver();
    const proxy = await startStatementProxy('postgres', serverUrl('postgres'));
    await proxy.close();
    const app = await runApp({
      entry: `fixtures/express-pg/behaviour.${form}`,
      args: ['unreachable'],
      otlp: receiver.url,
      env: { DATABASE_URL: proxy.url },
      waitFor: 'spawn',
    });
    await app.exit;
    assert.equal(app.stdout().trim(), '["ECONNREFUSED","ECONNREFUSED"]');
    const [query, ...rest] = receiver.spans();
    assert.deepEqual(rest, []);
    assert.equal(query?.name, 'SELECT users');
    assert.equal(query?.status.code, 'error');
    assert.equal(query?.attributes['error.type'], 'ECONNREFUSED');
    assert.equal(query?.attributes['server.port'], proxy.port);
    await receiver.close();
  });
}
