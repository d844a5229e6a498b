/** fastify 5 seen from outside: the route, the errors and the user of a request, and an app that notices nothing. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { rolldown } from 'rolldown';
import { installFixtures } from '../helpers/fixtures';
import { fromRoot } from '../helpers/paths';
import {
  assertFailures,
  assertPrivate,
  assertRoutes,
  assertSameBehaviour,
  type Failure,
  manyRoutes,
  thrown,
  withApp,
} from './framework-harness';

const forms = ['cjs', 'mjs'] as const;

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

for (const form of forms) {
  const app = `fixtures/fastify/app.${form}`;
  const routing = `fixtures/fastify/routing.${form}`;

  test(`the route of a request is its path as it is written in the app, ${form}`, async () => {
    await withApp(app, {}, (ask) => assertRoutes(ask, routes));
    await withApp(routing, {}, async (ask) => {
      await assertRoutes(ask, { ...moreRoutes, ...otherRoutes });
      const { status, span } = await ask('GET /plain', { 'x-stranger': '1' });
      assert.deepEqual([status, span.name], [401, 'GET /plain'], 'also of requests that a hook answers');
    });
  });

  test(`errors are recorded once, wherever they come from, ${form}`, async () => {
    await withApp(routing, {}, async (ask) => {
      await assertFailures(ask, { ...failures, ...innerFailures });
      const { status, span } = await ask('POST /echo {broken');
      assert.deepEqual([status, span.name, span.events.length], [400, 'POST /echo', 1]);
    });
    await withApp(app, {}, async (ask) => {
      const { status, span } = await ask('GET /validated');
      assert.deepEqual([status, span.name, span.events.length], [400, 'GET /validated', 1]);
      assert.equal(span.status.code, 'unset');
    });
  });

  test(`of the user there is the id, ${form}`, async () => {
    await withApp(routing, {}, async (ask, receiver) => {
      for (const request of ['GET /plain', 'GET /throws', 'GET /hijacked', 'GET /none']) {
        const { span } = await ask(request, { 'x-user': 'user-7' });
        assert.equal(span.attributes['user.id'], 'user-7', request);
      }
      assert.equal((await ask('GET /plain')).span.attributes['user.id'], undefined);
      assertPrivate(receiver);
    });
    await withApp(routing, { CANVASOPS_CAPTURE_USER: 'false' }, async (ask) => {
      const { span } = await ask('GET /plain', { 'x-user': 'user-7' });
      assert.equal(span.attributes['user.id'], undefined);
    });
  });

  test(`the app sees the same fastify, ${form}`, () =>
    assertSameBehaviour(`fixtures/fastify/behaviour.${form}`, manyRoutes));
}

test('switched off there is no route', async () => {
  const env = { CANVASOPS_INSTRUMENTATIONS_DISABLED: 'fastify' };
  await withApp('fixtures/fastify/routing.mjs', env, async (ask) => {
    const { span } = await ask('GET /plain');
    assert.deepEqual([span.name, span.attributes['http.route']], ['GET', undefined]);
  });
});

test('fastify inside a bundle', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'canvasops-bundle-'));
  const file = path.join(folder, 'app.cjs');
  const input = fromRoot('fixtures/fastify/routing.cjs');
  await installFixtures(input);
  const bundle = await rolldown({ input, platform: 'node', logLevel: 'silent' });
  await bundle.write({ file, format: 'cjs' });
  await bundle.close();
  try {
    await withApp(file, {}, async (ask) => {
      await assertRoutes(ask, moreRoutes);
      await assertFailures(ask, failures);
      const { span } = await ask('GET /plain', { 'x-user': 'user-7' });
      assert.equal(span.attributes['user.id'], 'user-7');
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
