/**
 * The main road: one request through express, pg, fetch and node:http, seen from outside. The same wherever it is
 * driven, so `test/contract/smoke.test.ts` and `test/matrix/smoke.test.ts` share it.
 */
import assert from 'node:assert/strict';
import { serverUrl } from '../helpers/needs';
import type { NodeVersion } from '../helpers/node-versions';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { type Flag, type RunningApp, runApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { type StatementProxy, startStatementProxy } from '../helpers/statement-proxy';
import { callerTrace } from '../helpers/traceparent';
import { assertTree, checkTraces, inTrace, spanNamed } from '../helpers/tree';
import { startUpstream, type Upstream } from '../helpers/upstream';
import { comparable, isQuery } from './pg-harness';

export interface Road {
  /** How the app loads its libraries: CommonJS or ES modules. */
  form: 'cjs' | 'mjs';
  flag?: Flag;
  /** The Node that runs the tests unless told. */
  node?: NodeVersion;
}

interface Stop {
  app: RunningApp;
  receiver: OtlpReceiver;
  proxy: StatementProxy;
  upstream: Upstream;
}

const knexRoutes = ['/select', '/insert', '/transaction', '/rollback', '/stream', '/error', '/concurrent'];

/** Everything below, one after the other: a start of an app is the expensive part. */
export async function driveMainRoad(road: Road): Promise<void> {
  await withFixture('express-pg', road, async (stop) => {
    await requestIsOneTree(stop);
    await errorIsOnTheRequest(stop);
    await unmatchedHasNoRoute(stop);
    await oneSpanPerStatement(stop);
  });
  await withFixture('knex', road, async (stop) => {
    await Promise.all([...knexRoutes, ...knexRoutes].map((route) => stop.app.get(route)));
    await oneSpanPerStatement(stop);
  });
}

async function withFixture(
  fixture: string,
  { form, flag, node }: Road,
  use: (stop: Stop) => Promise<void>,
): Promise<void> {
  const [receiver, upstream] = await Promise.all([startOtlpReceiver(), startUpstream()]);
  const proxy = await startStatementProxy('postgres', serverUrl('postgres'));
  const env = { DATABASE_URL: proxy.url, UPSTREAM_URL: upstream.url };
  const app = await runApp({ entry: `fixtures/${fixture}/app.${form}`, otlp: receiver.url, flag, node, env });
  try {
    await use({ app, receiver, proxy, upstream });
    assert.equal(app.stdout(), `listening ${app.port}\n`, 'stdout belongs to the app');
    // Node itself may warn (of its own deprecations, say); we and the ways in which we hook in must not.
    assert.doesNotMatch(app.stderr(), /canvasops|DEP0205|ExperimentalWarning/);
  } finally {
    await app.stop();
    await Promise.all([receiver.close(), proxy.close(), upstream.close()]);
  }
}

async function traceOf(stop: Stop, path: string): Promise<{ spans: ReceivedSpan[]; server: ReceivedSpan }> {
  const trace = callerTrace();
  await stop.app.get(path, trace.headers);
  const received = await stop.receiver.waitForSpans((all) =>
    inTrace(all, trace.traceId).some(({ kind }) => kind === 'server'),
  );
  const spans = inTrace(received, trace.traceId);
  const server = spans.find(({ kind }) => kind === 'server');
  assert.ok(server);
  assert.equal(server.parentSpanId, trace.spanId, "the caller's trace goes on");
  checkTraces(spans, [trace.spanId]);
  return { spans, server };
}

async function requestIsOneTree(stop: Stop): Promise<void> {
  stop.upstream.clear();
  const { spans, server } = await traceOf(stop, '/users/1');
  assertTree(
    spans,
    `
    server GET /users/:id  http.route=/users/:id
      client SELECT users
      client SELECT orders
      internal transaction
        client BEGIN
        client INSERT orders
        client COMMIT
      client SELECT missing_table  db.response.status_code=42P01  [error]
      client GET
      client GET
    `,
    { attributes: ['http.route', 'db.response.status_code'], callers: [server.parentSpanId] },
  );
  assert.equal(server.attributes['http.request.method'], 'GET');
  assert.equal(server.attributes['http.response.status_code'], 200);
  assert.equal(server.attributes['url.path'], '/users/1');

  const database = new URL(stop.proxy.url).pathname.slice(1);
  const texts = [
    'select id, name from users where id = $1',
    'select count(*)::int as n from orders where user_id = $1',
    'BEGIN',
    'insert into orders (user_id, amount) values ($1, $2) returning id',
    'COMMIT',
    'select * from missing_table',
  ];
  const queries = spans.filter(isQuery).sort((a, b) => (a.startNs < b.startNs ? -1 : 1));
  assert.deepEqual(
    queries.map(({ attributes }) => attributes['db.query.text']),
    texts,
  );
  for (const { name, attributes } of queries) {
    assert.equal(attributes['db.query.summary'], name);
    assert.equal(attributes['db.namespace'], database);
    assert.equal(attributes['server.address'], '127.0.0.1');
    assert.equal(attributes['server.port'], stop.proxy.port);
  }

  // The upstream continues exactly the span of the call it got.
  const clients = spans.filter((span) => span.attributes['url.full'] !== undefined);
  for (const path of ['/a', '/b']) {
    const span = clients.find(({ attributes }) => String(attributes['url.full']).includes(path));
    assert.ok(span, `there is a span of the call to ${path}`);
    const sent = stop.upstream.requestTo(path).headers.traceparent;
    assert.equal(sent, `00-${span.traceId}-${span.spanId}-01`);
    assert.equal(span.attributes['server.port'], stop.upstream.port);
    assert.equal(span.attributes['http.response.status_code'], 200);
  }
}

async function errorIsOnTheRequest(stop: Stop): Promise<void> {
  const { spans, server } = await traceOf(stop, '/throws/2');
  assert.equal(server.name, 'GET /throws/:id');
  assert.equal(server.status.code, 'error');
  assert.equal(server.attributes['http.response.status_code'], 500);
  assert.equal(server.attributes['error.type'], 'TypeError');
  const [exception, ...more] = server.events;
  assert.deepEqual(more, []);
  assert.equal(exception?.attributes['exception.type'], 'TypeError');
  assert.equal(exception?.attributes['exception.message'], 'thrown after a query');
  assert.match(String(exception?.attributes['exception.stacktrace']), /at .*routes\.cjs:\d+:\d+/);
  // The query before it worked.
  assert.equal(spanNamed(spans, 'SELECT users').status.code, 'unset');
}

async function unmatchedHasNoRoute(stop: Stop): Promise<void> {
  const { spans, server } = await traceOf(stop, '/nowhere/4711');
  assert.equal(spans.length, 1);
  assert.equal(server.name, 'GET');
  assert.equal(server.attributes['http.route'], undefined);
  assert.equal(server.attributes['http.response.status_code'], 404);
  assert.equal(server.status.code, 'unset');
}

async function oneSpanPerStatement({ app, receiver, proxy }: Stop): Promise<void> {
  const expected = proxy.statements().map(({ text }) => comparable(text));
  await receiver.waitForSpans((spans) => spans.filter(isQuery).length >= expected.length);
  await app.stop();
  const spans = receiver.spans().filter(isQuery);
  const actual = spans.map(({ attributes }) => comparable(attributes['db.query.text']));
  assert.deepEqual(actual.sort(), expected.sort());
}
