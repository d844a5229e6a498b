/** fastify 5 seen from outside: the route, the errors and the user of a request, and an app that notices nothing. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { rolldown } from 'rolldown';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type RunningApp, runApp, runToExit } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';

const forms = ['cjs', 'mjs'] as const;

async function withApp(
  entry: string,
  env: Record<string, string>,
  use: (app: RunningApp, receiver: OtlpReceiver) => Promise<void>,
): Promise<void> {
  const receiver = await startOtlpReceiver();
  const app = await runApp({ entry, otlp: receiver.url, env });
  try {
    await use(app, receiver);
    assert.equal(app.stderr().includes('[canvasops]'), false, app.stderr());
  } finally {
    await app.stop();
    await receiver.close();
  }
}

interface Asked {
  readonly status: number;
  readonly span: ReceivedSpan;
}

async function ask(
  app: RunningApp,
  receiver: OtlpReceiver,
  request: string,
  headers: Record<string, string> = {},
): Promise<Asked> {
  const [method = '', target = '', body] = request.split(' ');
  const trace = callerTrace();
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const { status } = await app.request({
    method,
    path: target,
    headers: { ...headers, ...type, ...trace.headers },
    body,
  });
  const spans = await receiver.waitForSpans((all) => inTrace(all, trace.traceId).length > 0);
  const [span, ...others] = inTrace(spans, trace.traceId);
  assert.deepEqual(others, [], 'hooks have no spans');
  assert.ok(span);
  assert.equal(span.kind, 'server');
  assert.equal(span.parentSpanId, trace.spanId);
  return { status, span };
}

async function assertRoutes(
  app: RunningApp,
  receiver: OtlpReceiver,
  expected: Record<string, string>,
): Promise<void> {
  const asked = Object.entries(expected).map(async ([request, route]) => {
    const { span } = await ask(app, receiver, request);
    const [method = ''] = request.split(' ');
    assert.equal(span.attributes['http.route'] ?? '', route, request);
    assert.equal(span.name, route === '' ? method : `${method} ${route}`);
    assert.deepEqual(span.events, [], `${request} is no error`);
    assert.equal(span.status.code, 'unset');
  });
  await Promise.all(asked);
}

/** Request -> the route as it is written in the app, '' where none was reached. */
const routes: Record<string, string> = {
  'GET /': '/',
  'GET /users/1?q=1': '/users/:id',
  'HEAD /users/1': '/users/:id',
  'GET /callback/1': '/callback/:id',
  'GET /wild/a/b': '/wild/*',
  'GET /number/12': '/number/:n(^\\d+$)',
  'GET /number/none': '',
  'PATCH /things/1': '/things/:id',
  'GET /things/1': '',
  'POST /echo {}': '/echo',
  'GET /hook-reply': '/hook-reply',
  'GET /validated?n=1': '/validated',
  'GET /stream': '/stream',
  'GET /hijack': '/hijack',
  'GET /redirect': '/redirect',
  'GET /api/v1/items/1': '/api/v1/items/:itemId',
  'GET /api/v1/items/1/parts/2': '/api/v1/items/:itemId/parts/:partId',
  'GET /api/v1/none': '',
  'GET /none': '',
};

/** Replies that go past the route's own; in a bundle they cannot be seen. */
const otherRoutes: Record<string, string> = {
  'GET /raw': '/raw',
  'GET /not-found-after-all': '/not-found-after-all',
};

const moreRoutes: Record<string, string> = {
  'GET /plain': '/plain',
  'GET /hijacked': '/hijacked',
  'GET /api/v1/none': '',
  'GET /api/v1/items/1/parts/2': '/api/v1/items/:itemId/parts/:partId',
};

interface Failure {
  readonly status: number;
  readonly route: string;
  readonly exceptions: readonly string[];
}

const thrown = (status: number, route: string, ...exceptions: string[]): Failure => ({
  status,
  route,
  exceptions,
});

const failures: Record<string, Failure> = {
  'GET /throws': thrown(500, '/throws', 'TypeError: thrown by a handler'),
  'GET /rejects': thrown(500, '/rejects', 'SyntaxError: rejected by a handler'),
  'GET /sends-error': thrown(500, '/sends-error', 'RangeError: sent by a handler'),
  'GET /teapot': thrown(418, '/teapot', 'Error: short and stout'),
  'GET /hook-error': thrown(500, '/hook-error', 'Error: thrown by a hook'),
  // The app's error handler sets no status code; fastify leaves it at 200 then, and so do we.
  'GET /api/v1/handled': thrown(200, '/api/v1/handled', 'Error: handled by the app'),
  'GET /api/v1/handled-async': thrown(200, '/api/v1/handled-async', 'Error: handled by the app'),
  'GET /api/v1/handled/again': thrown(
    500,
    '/api/v1/handled/again',
    'Error: the cause',
    'Error: thrown by the error handler',
  ),
};

/** Errors that nobody sends as what they are. */
const innerFailures: Record<string, Failure> = {
  'GET /throws-text': thrown(500, '/throws-text', 'Error: just a text'),
  'GET /on-send': thrown(500, '/on-send', 'Error: thrown while sending'),
  'GET /broken-stream': thrown(500, '/broken-stream', 'Error: the body broke'),
};

async function assertFailures(
  app: RunningApp,
  receiver: OtlpReceiver,
  expected: Record<string, Failure>,
): Promise<void> {
  const asked = Object.entries(expected).map(async ([request, failure]) => {
    const { status, span } = await ask(app, receiver, request);
    assert.equal(status, failure.status, request);
    assert.equal(span.attributes['http.route'] ?? '', failure.route, request);
    const exceptions = span.events.map(({ name, attributes }) => {
      assert.equal(name, 'exception');
      const text = `${String(attributes['exception.type'])}: ${String(attributes['exception.message'])}`;
      const hasStack = !text.endsWith('just a text');
      assert.equal(typeof attributes['exception.stacktrace'] === 'string', hasStack, request);
      return text;
    });
    assert.deepEqual(exceptions, failure.exceptions, request);
    const isFault = failure.status >= 500;
    assert.equal(span.status.code, isFault ? 'error' : 'unset', request);
    const type = failure.exceptions.at(-1)?.split(':')[0];
    assert.equal(span.attributes['error.type'], isFault ? type : undefined, request);
  });
  await Promise.all(asked);
}

for (const form of forms) {
  test(`the route of a request is its path as it is written in the app, ${form}`, async () => {
    await withApp(`fixtures/fastify/app.${form}`, {}, (app, receiver) => assertRoutes(app, receiver, routes));
    await withApp(`fixtures/fastify/routing.${form}`, {}, async (app, receiver) => {
      await assertRoutes(app, receiver, { ...moreRoutes, ...otherRoutes });
      const { status, span } = await ask(app, receiver, 'GET /plain', { 'x-stranger': '1' });
      assert.deepEqual([status, span.name], [401, 'GET /plain'], 'also of requests that a hook answers');
    });
  });

  test(`errors are recorded once, wherever they come from, ${form}`, async () => {
    await withApp(`fixtures/fastify/routing.${form}`, {}, async (app, receiver) => {
      await assertFailures(app, receiver, { ...failures, ...innerFailures });
      const { status, span } = await ask(app, receiver, 'POST /echo {broken');
      assert.deepEqual([status, span.name, span.events.length], [400, 'POST /echo', 1]);
    });
    await withApp(`fixtures/fastify/app.${form}`, {}, async (app, receiver) => {
      const { status, span } = await ask(app, receiver, 'GET /validated');
      assert.deepEqual([status, span.name, span.events.length], [400, 'GET /validated', 1]);
      assert.equal(span.status.code, 'unset');
    });
  });

  test(`of the user there is the id, ${form}`, async () => {
    const entry = `fixtures/fastify/routing.${form}`;
    await withApp(entry, {}, async (app, receiver) => {
      for (const request of ['GET /plain', 'GET /throws', 'GET /hijacked', 'GET /none']) {
        const { span } = await ask(app, receiver, request, { 'x-user': 'user-7' });
        assert.equal(span.attributes['user.id'], 'user-7', request);
      }
      assert.equal((await ask(app, receiver, 'GET /plain')).span.attributes['user.id'], undefined);
      for (const { body } of receiver.requests) {
        assert.equal(body.includes('example.com') || body.includes('Somebody'), false);
      }
    });
    await withApp(entry, { CANVASOPS_CAPTURE_USER: 'false' }, async (app, receiver) => {
      const { span } = await ask(app, receiver, 'GET /plain', { 'x-user': 'user-7' });
      assert.equal(span.attributes['user.id'], undefined);
    });
  });

  test(`the app sees the same fastify, ${form}`, async () => {
    const receiver = await startOtlpReceiver();
    const entry = `fixtures/fastify/behaviour.${form}`;
    const [bare, traced] = await Promise.all([
      runToExit({ entry, flag: 'none' }),
      runToExit({ entry, otlp: receiver.url }),
    ]);
    assert.equal(bare.code, 0, bare.stderr);
    assert.deepEqual([traced.code, traced.signal, traced.stderr], [0, null, bare.stderr]);
    assert.equal(traced.stdout, bare.stdout);
    const withRoute = receiver.spans().filter(({ attributes }) => attributes['http.route'] !== undefined);
    assert.ok(withRoute.length > 10, 'it was traced');
    await receiver.close();
  });
}

test('switched off there is no route', async () => {
  const env = { CANVASOPS_INSTRUMENTATIONS_DISABLED: 'fastify' };
  await withApp('fixtures/fastify/routing.mjs', env, async (app, receiver) => {
    const { span } = await ask(app, receiver, 'GET /plain');
    assert.deepEqual([span.name, span.attributes['http.route']], ['GET', undefined]);
  });
});

test('fastify inside a bundle', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'canvasops-bundle-'));
  const file = path.join(folder, 'app.cjs');
  const bundle = await rolldown({
    input: fromRoot('fixtures/fastify/routing.cjs'),
    platform: 'node',
    logLevel: 'silent',
  });
  await bundle.write({ file, format: 'cjs' });
  await bundle.close();
  try {
    await withApp(file, {}, async (app, receiver) => {
      await assertRoutes(app, receiver, moreRoutes);
      await assertFailures(app, receiver, failures);
      const { span } = await ask(app, receiver, 'GET /plain', { 'x-user': 'user-7' });
      assert.equal(span.attributes['user.id'], 'user-7');
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
