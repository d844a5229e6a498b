/** express 4 and 5 seen from outside: the route, the errors and the user of a request, and an app that notices nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { type RunningApp, runApp, runToExit } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';

const forms = ['cjs', 'mjs'] as const;
const versions = [
  { name: 'express 4', folder: 'express-4', behaviour: 'behaviour', rejects: false },
  { name: 'express 5', folder: 'express-pg', behaviour: 'router-behaviour', rejects: true },
] as const;

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
  const [method = '', path = ''] = request.split(' ');
  const trace = callerTrace();
  const { status } = await app.request({ method, path, headers: { ...headers, ...trace.headers } });
  const spans = await receiver.waitForSpans((all) => inTrace(all, trace.traceId).length > 0);
  const [span, ...others] = inTrace(spans, trace.traceId);
  assert.deepEqual(others, [], 'middleware has no spans');
  assert.ok(span);
  assert.equal(span.kind, 'server');
  assert.equal(span.parentSpanId, trace.spanId);
  return { status, span };
}

/** Request -> the route as it is written in the app, '' where none was reached. */
const routes: Record<string, string> = {
  'GET /static/file.txt': '',
  'GET /static/none': '',
  'GET /nowhere': '',
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

interface Failure {
  readonly route: string;
  readonly status: number;
  readonly exceptions: readonly string[];
}

const thrown = (status: number, route: string, ...exceptions: string[]): Failure => ({
  route,
  status,
  exceptions,
});

const failures: Record<string, Failure> = {
  'GET /throws': thrown(500, '/throws', 'TypeError: thrown by a handler'),
  'GET /next-error': thrown(500, '/next-error', 'Error: handed to next'),
  'GET /next-text': thrown(500, '/next-text', 'Error: just a text'),
  'GET /teapot': thrown(418, '/teapot', 'Error: short and stout'),
  'GET /admin/breaks': thrown(500, '/admin/breaks', 'RangeError: thrown in a mounted app'),
  'GET /paint/infrared': thrown(500, '/paint/:color', 'Error: not a color'),
  'GET /replaced': thrown(500, '/replaced', 'Error: the cause', 'Error: the effect'),
  'GET /guarded/own-handler': thrown(400, '/guarded/own-handler', 'Error: handled on the spot'),
  'GET /middleware-throws': thrown(500, '', 'Error: thrown by a middleware'),
  'GET /%zz': thrown(400, '', "URIError: Failed to decode param '%zz'"),
};

/** express 4 does not look at what handlers return. */
const rejections: Record<string, Failure> = {
  'GET /rejects': thrown(500, '/rejects', 'SyntaxError: rejected by a handler'),
};

function assertFailure({ status, span }: Asked, expected: Failure, request: string): void {
  assert.equal(status, expected.status, request);
  assert.equal(span.attributes['http.route'] ?? '', expected.route, request);
  const exceptions = span.events.map(({ name, attributes }) => {
    assert.equal(name, 'exception');
    const text = `${String(attributes['exception.type'])}: ${String(attributes['exception.message'])}`;
    const isText = text.endsWith('just a text');
    assert.equal(typeof attributes['exception.stacktrace'], isText ? 'undefined' : 'string', request);
    return text;
  });
  assert.deepEqual(exceptions, expected.exceptions, request);
  const isFault = expected.status >= 500;
  assert.equal(span.status.code, isFault ? 'error' : 'unset', request);
  const type = expected.exceptions.at(-1)?.split(':')[0];
  assert.equal(span.attributes['error.type'], isFault ? type : undefined, request);
}

for (const { name, folder, behaviour, rejects } of versions) {
  for (const form of forms) {
    test(`the route of a request is its path as it is written in the app, ${name}, ${form}`, async () => {
      await withApp(`fixtures/${folder}/routing.${form}`, {}, async (app, receiver) => {
        const asked = Object.entries(routes).map(async ([request, route]) => {
          const { span } = await ask(app, receiver, request);
          const [method = ''] = request.split(' ');
          assert.equal(span.attributes['http.route'] ?? '', route, request);
          assert.equal(span.name, route === '' ? method : `${method} ${route}`);
          assert.deepEqual(span.events, [], `${request} is no error`);
          assert.equal(span.status.code, 'unset');
        });
        await Promise.all(asked);
      });
    });

    test(`errors are recorded once, whoever answers them, ${name}, ${form}`, async () => {
      for (const handler of ['app', 'express']) {
        const env = { FINAL_HANDLER: handler };
        await withApp(`fixtures/${folder}/routing.${form}`, env, async (app, receiver) => {
          const expected = rejects ? { ...failures, ...rejections } : failures;
          const asked = Object.entries(expected).map(async ([request, failure]) => {
            assertFailure(await ask(app, receiver, request), failure, request);
          });
          await Promise.all(asked);
        });
      }
    });

    test(`of the user there is the id, ${name}, ${form}`, async () => {
      const entry = `fixtures/${folder}/routing.${form}`;
      await withApp(entry, {}, async (app, receiver) => {
        const { span } = await ask(app, receiver, 'GET /any', { 'x-user': 'user-7' });
        assert.equal(span.attributes['user.id'], 'user-7');
        const failed = await ask(app, receiver, 'GET /throws', { 'x-user': 'user-8' });
        assert.equal(failed.span.attributes['user.id'], 'user-8');
        assert.equal((await ask(app, receiver, 'GET /any')).span.attributes['user.id'], undefined);
        for (const { body } of receiver.requests) {
          assert.equal(body.includes('example.com') || body.includes('Somebody'), false);
        }
      });
      await withApp(entry, { CANVASOPS_CAPTURE_USER: 'false' }, async (app, receiver) => {
        const { span } = await ask(app, receiver, 'GET /any', { 'x-user': 'user-7' });
        assert.equal(span.attributes['user.id'], undefined);
      });
    });

    test(`requests at the same time keep apart, ${name}, ${form}`, async () => {
      await withApp(`fixtures/${folder}/routing.${form}`, {}, async (app, receiver) => {
        const mounts = ['/later', '/again', '/slash', '/api/v1/items/:itemId/parts'];
        const asked = Array.from({ length: 80 }, async (_, i) => {
          const mount = mounts[i % mounts.length] ?? '';
          const { span } = await ask(app, receiver, `GET ${mount.replace(':', '')}/${i}`);
          assert.equal(span.attributes['http.route'], `${mount}/:partId`);
        });
        await Promise.all(asked);
      });
    });

    test(`the app sees the same express, ${name}, ${form}`, async () => {
      const receiver = await startOtlpReceiver();
      const entry = `fixtures/${folder}/${behaviour}.${form}`;
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

  test(`switched off there is no route, ${name}`, async () => {
    const env = { CANVASOPS_INSTRUMENTATIONS_DISABLED: 'express' };
    await withApp(`fixtures/${folder}/routing.mjs`, env, async (app, receiver) => {
      const { span } = await ask(app, receiver, 'GET /any');
      assert.equal(span.name, 'GET');
      assert.equal(span.attributes['http.route'], undefined);
    });
  });
}
