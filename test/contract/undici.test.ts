/** fetch and undici seen from outside: one span per request on the wire, under the call that made it, on every Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasNode, type NodeVersion } from '../helpers/node-versions';
import type { ReceivedSpan } from '../helpers/span';
import { assertSameBehaviour } from './framework-setting';
import { clientsOf, type Setting, withApp } from './undici-setting';

const forms = ['cjs', 'mjs'] as const;

interface Expected {
  readonly url: string;
  readonly status?: number;
  readonly method?: string;
  readonly error?: string;
  readonly resent?: number;
}

const ok = (url: string, method = 'GET'): Expected => ({ url, method, status: 200 });
const redirected = [
  { url: '/redirect/2', status: 302 },
  { url: '/redirect/1', status: 302, resent: 1 },
  { url: '/redirected', status: 200, resent: 2 },
];

const globalFetch: Record<string, readonly Expected[]> = {
  '/global-fetch': [ok('/global-fetch?token=REDACTED')],
  '/fetch-unread': [ok('/stream?chunks=2')],
  '/fetch-redirect': redirected,
  '/fetch-abort': [{ url: '/hang', error: 'TimeoutError' }],
  '/fetch-refused': [{ url: '/', error: 'ECONNREFUSED' }],
};

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

function assertSpan(span: ReceivedSpan, expected: Expected, { upstream }: Setting): void {
  const { method = 'GET' } = expected;
  const { attributes } = span;
  assert.equal(span.name, method);
  assert.equal(attributes['http.request.method'], method);
  assert.equal(attributes['server.address'], '127.0.0.1');
  const url = new URL(String(attributes['url.full']));
  assert.equal(url.pathname + url.search, expected.url);
  assert.equal(attributes['server.port'], Number(url.port));
  assert.equal(attributes['http.response.status_code'], expected.status);
  assert.equal(attributes['error.type'], expected.error);
  assert.equal(attributes['http.request.resend_count'], expected.resent);
  assert.equal(span.status.code, expected.error === undefined ? 'unset' : 'error');
  const hasException = expected.error !== undefined && !/^\d/.test(expected.error);
  assert.equal(span.events.length, hasException ? 1 : 0);
  if (expected.error === 'ECONNREFUSED') return;
  assert.equal(url.port, String(upstream.port));
  assert.equal(attributes['network.peer.address'], '127.0.0.1');
  assert.equal(attributes['network.peer.port'], upstream.port);
  assert.equal(attributes['network.protocol.version'], '1.1');
}

async function assertRequests(
  setting: Setting,
  expected: Record<string, readonly Expected[]>,
): Promise<void> {
  for (const [path, requests] of Object.entries(expected)) {
    setting.upstream.clear();
    const spans = await clientsOf(setting, path, requests.length);
    for (const [i, span] of spans.entries()) assertSpan(span, requests[i] as Expected, setting);
    for (const { url, headers } of setting.upstream.requests) {
      if (url === '/signed') continue;
      const names = spans.filter(({ traceId, spanId }) =>
        headers.traceparent?.includes(`${traceId}-${spanId}`),
      );
      assert.equal(names.length, 1, `${url} was told the id of its span`);
    }
  }
}

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

for (const node of ['20', '22', '24', '26'] satisfies NodeVersion[]) {
  const skip =
    !hasNode(node) && `Node ${node} is not in .cache yet; the first test that needs it installs it`;
  test(`Node's own fetch, Node ${node}`, { skip }, async () => {
    await withApp('fixtures/undici/app.mjs', { node }, (setting) => assertRequests(setting, globalFetch));
  });
}
