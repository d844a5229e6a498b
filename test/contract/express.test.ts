/** express 4 and 5 seen from outside: the route, the errors and the user of a request, and an app that notices nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
const versions = [
  { name: 'express 4', folder: 'express-4', behaviour: 'behaviour', rejects: false },
  { name: 'express 5', folder: 'express-pg', behaviour: 'router-behaviour', rejects: true },
] as const;

/** Request -> the route as it is written in the app, '' where none was reached. */
const routes: Record<string, string> = {
  'GET /static/file.txt': '/static',
  'GET /static/none': '',
  'GET /nowhere': '',
  'GET /proxy/any/thing?x=1': '/proxy',
  'POST /proxy': '/proxy',
  'GET /api/v1/graphql': '/api/v1/graphql',
  'GET /tenants/acme/graphql': '/tenants/:tenant/graphql',
  'GET /admin/health': '/admin/health',
  'GET /admin/handled-inside/deep': '/admin/handled-inside',
  'GET /left/then-answered-by-nobody': '',
  'GET /left/and-answered-further-down': '/left/and-answered-further-down',
  'GET /left/and-mounted-further-down/x': '/left/and-mounted-further-down',
  'GET /late-mount/x': '/late-mount',
  'GET /numbered7/of-a-mount': '/^\\/numbered\\d+/of-a-mount',
  'GET /second/x/of-a-mount': '/second/:name/of-a-mount',
  'OPTIONS /api/v1/items/1/parts': '/api/v1/items/:itemId/parts',
  'GET /api/v1/items/1/parts/2': '/api/v1/items/:itemId/parts/:partId',
  'GET /api/v1/items/1/parts/2?q=/x': '/api/v1/items/:itemId/parts/:partId',
  'GET /api/v1/items/1/parts': '/api/v1/items/:itemId/parts',
  'GET /api/v1/items/1/none': '',
  'GET /api/v1': '',
  'GET /again/2': '/again/:partId',
  'GET /slash/2': '/slash/:partId',
  'GET /later/2': '/later/:partId',
  'GET /acme/home': '/acme/home',
  'GET /acme/none': '',
  'GET /globex/elsewhere': '/:tenant/elsewhere',
  'GET /deep/inside': '/deep/inside',
  'GET /deep/outside': '/deep/outside',
  'GET /admin': '/admin',
  'GET /admin/stats/monday': '/admin/stats/:day',
  'GET /admin/nested/leaf': '/admin/nested/leaf',
  'GET /admin/nested/none': '',
  'GET /first/end': '/first/end',
  'GET /second/x/end': '/second/:name/end',
  'GET /numbered7/end': '/^\\/numbered\\d+/end',
  'GET /either': '/either',
  'GET /or/2': '/or/:id',
  'GET /pattern/12': '/^\\/pattern\\/(\\d+)$/',
  'GET /mixed-1': '/^\\/mixed-(\\d+)$/',
  'GET /mixed': '/mixed',
  'GET /any': '/any',
  'DELETE /any': '/any',
  'GET /book': '/book',
  'POST /book': '/book',
  'HEAD /book': '/book',
  'PUT /book': '',
  'OPTIONS /book': '',
  'HEAD /post-only': '',
  'GET /next-route': '/next-route',
  'GET /next-router': '/next-router',
  'GET /nobody-answers': '/nobody-answers',
  'GET /paint/red': '/paint/:color',
};

const failures: Record<string, Failure> = {
  'GET /throws': thrown(500, '/throws', 'TypeError: thrown by a handler'),
  'GET /next-error': thrown(500, '/next-error', 'Error: handed to next'),
  'GET /next-text': thrown(500, '/next-text', 'Error: just a text'),
  'GET /teapot': thrown(418, '/teapot', 'Error: short and stout'),
  'GET /admin/breaks': thrown(500, '/admin/breaks', 'RangeError: thrown in a mounted app'),
  'GET /paint/infrared': thrown(500, '/paint/:color', 'Error: not a color'),
  'GET /replaced': thrown(500, '/replaced', 'Error: the cause', 'Error: the effect'),
  'GET /guarded/own-handler': thrown(400, '/guarded/own-handler', 'Error: handled on the spot'),
  'GET /middleware-throws': thrown(500, '/middleware-throws', 'Error: thrown by a middleware'),
  'GET /middleware-fails/x': thrown(403, '/middleware-fails', 'Error: not for you'),
  'GET /admin/mounted-throws': thrown(500, '/admin/mounted-throws', 'Error: thrown in a mounted handler'),
  'GET /%zz': thrown(400, '', "URIError: Failed to decode param '%zz'"),
};

/** express 4 does not look at what handlers return. */
const rejections: Record<string, Failure> = {
  'GET /rejects': thrown(500, '/rejects', 'SyntaxError: rejected by a handler'),
};

for (const { name, folder, behaviour, rejects } of versions) {
  for (const form of forms) {
    const entry = `fixtures/${folder}/routing.${form}`;

    test(`the route of a request is its path as it is written in the app, ${name}, ${form}`, async () => {
      await withApp(entry, {}, (ask) => assertRoutes(ask, routes));
    });

    test(`errors are recorded once, whoever answers them, ${name}, ${form}`, async () => {
      const expected = rejects ? { ...failures, ...rejections } : failures;
      for (const handler of ['app', 'express']) {
        await withApp(entry, { FINAL_HANDLER: handler }, (ask) => assertFailures(ask, expected));
      }
    });

    test(`of the user there is the id, ${name}, ${form}`, async () => {
      await withApp(entry, {}, async (ask, receiver) => {
        for (const request of ['GET /any', 'GET /throws', 'GET /nowhere']) {
          const { span } = await ask(request, { 'x-user': 'user-7' });
          assert.equal(span.attributes['user.id'], 'user-7', request);
        }
        assert.equal((await ask('GET /any')).span.attributes['user.id'], undefined);
        assertPrivate(receiver);
      });
      await withApp(entry, { CANVASOPS_CAPTURE_USER: 'false' }, async (ask) => {
        const { span } = await ask('GET /any', { 'x-user': 'user-7' });
        assert.equal(span.attributes['user.id'], undefined);
      });
    });

    test(`requests at the same time keep apart, ${name}, ${form}`, async () => {
      await withApp(entry, {}, async (ask) => {
        const mounts = ['/later', '/again', '/slash', '/api/v1/items/:itemId/parts'];
        const asked = Array.from({ length: 80 }, async (_, i) => {
          const mount = mounts[i % mounts.length] ?? '';
          const { span } = await ask(`GET ${mount.replace(':', '')}/${i}`);
          assert.equal(span.attributes['http.route'], `${mount}/:partId`);
        });
        await Promise.all(asked);
      });
    });

    test(`the app sees the same express, ${name}, ${form}`, () =>
      assertSameBehaviour(`fixtures/${folder}/${behaviour}.${form}`, manyRoutes));
  }

  test(`switched off there is no route, ${name}`, async () => {
    const env = { CANVASOPS_INSTRUMENTATIONS_DISABLED: 'express' };
    await withApp(`fixtures/${folder}/routing.mjs`, env, async (ask) => {
      const { span } = await ask('GET /any');
      assert.deepEqual([span.name, span.attributes['http.route']], ['GET', undefined]);
    });
  });
}
