/** fetch and undici seen from outside: one span per request on the wire, under the call that made it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameBehaviour } from './framework-harness';
import { clientsOf, withApp } from './undici-harness';
import { assertRequests, type Expected, globalFetch, ok, redirected } from './undici-requests';

const forms = ['cjs', 'mjs'] as const;

const requests: Record<string, readonly Expected[]> = {
  ...globalFetch,
  '/request': [ok('/request?token=REDACTED')],
  '/request-post': [ok('/post', 'POST')],
  '/request-callback': [ok('/callback')],
  '/stream': [ok('/stream?chunks=3')],
  '/pipeline': [ok('/pipeline', 'POST')],
  '/dispatch': [ok('/dispatch')],
  '/fetch': [ok('/fetch')],
  '/status?code=503': [{ url: '/status/503', status: 503, error: '503' }],
  '/status?code=404': [{ url: '/status/404', status: 404, error: '404' }],
  '/redirect': redirected,
  // Given up by the app: no error.
  '/abort': [{ url: '/hang' }],
  '/timeout': [{ url: '/hang', error: 'UND_ERR_HEADERS_TIMEOUT' }],
  '/refused': [{ url: '/', error: 'ECONNREFUSED' }],
  '/reset': [{ url: '/reset', error: 'ECONNRESET' }],
  '/cut': [{ url: '/cut', status: 200, error: 'UND_ERR_SOCKET' }],
  '/invalid-url': [],
  '/signed': [ok('/signed')],
};

for (const form of forms) {
  test(`every request has one span, ${form}`, async () => {
    await withApp(`fixtures/undici/app.${form}`, {}, async (setting) => {
      await assertRequests(setting, requests);
      for (const { body } of setting.receiver.requests) assert.equal(body.includes('canary'), false);
    });
  });

  test(`a request belongs to the call that made it, whoever sends it, ${form}`, async () => {
    await withApp(`fixtures/undici/contexts.${form}`, {}, async (setting) => {
      await setting.app.get('/queued?n=first');
      const hops = { '/queued': 1, '/fetch-queued': 1, '/redirect': 2, '/retry': 2, '/other-origin': 2 };
      const asked = Object.entries(hops).flatMap(([path, count]) =>
        Array.from({ length: 20 }, async (_, n) => {
          const clients = await clientsOf(setting, `${path}?n=${n}`, count);
          const last = clients.at(-1);
          assert.ok(String(last?.attributes['url.full']).endsWith(`n=${n}`), path);
          assert.equal(last?.attributes['http.request.resend_count'], count === 1 ? undefined : 1, path);
        }),
      );
      await Promise.all(asked);
      for (const client of await clientsOf(setting, '/same-handler', 2)) {
        assert.equal(client.attributes['http.request.resend_count'], undefined);
      }
      await clientsOf(setting, '/many', 3);
    });
  });

  test(`what else a span says, ${form}`, async () => {
    const env = {
      CANVASOPS_CAPTURE_REQUEST_HEADERS: 'x-own,authorization',
      CANVASOPS_CAPTURE_RESPONSE_HEADERS: 'content-type',
    };
    await withApp(`fixtures/undici/contexts.${form}`, { env }, async (setting) => {
      const [own] = await clientsOf(setting, '/own-traceparent', 1);
      assert.deepEqual(own?.attributes['http.request.header.x-own'], ['kept']);
      assert.deepEqual(own?.attributes['http.response.header.content-type'], ['application/json']);
      const [agent] = await clientsOf(setting, '/user-agent', 1);
      assert.equal(agent?.attributes['user_agent.original'], 'mine/1');
      const [odd] = await clientsOf(setting, '/odd-method', 1);
      assert.equal(odd?.name, 'HTTP');
      assert.equal(odd?.attributes['http.request.method'], '_OTHER');
      assert.equal(odd?.attributes['http.request.method_original'], 'PROPFIND');
      await clientsOf(setting, '/mocked', 0);
    });
    await withApp(`fixtures/undici/app.${form}`, { env }, async (setting) => {
      const [signed] = await clientsOf(setting, '/signed', 1);
      assert.deepEqual(signed?.attributes['http.request.header.authorization'], ['REDACTED']);
    });
  });

  test(`the app sees the same undici and fetch, ${form}`, () =>
    assertSameBehaviour(
      `fixtures/undici/behaviour.${form}`,
      (spans) => spans.filter(({ kind }) => kind === 'client').length > 10,
    ));
}
