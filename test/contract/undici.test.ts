/** fetch and undici seen from outside: one span per request on the wire, under the call that made it, on every Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasNode, type NodeVersion } from '../helpers/node-versions';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { type RunningApp, runApp, runToExit } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { drawTree, inTrace } from '../helpers/tree';
import { startUpstream, type Upstream } from '../helpers/upstream';

const forms = ['cjs', 'mjs'] as const;

interface Setting {
  readonly app: RunningApp;
  readonly receiver: OtlpReceiver;
  readonly upstream: Upstream;
}

async function withApp(
  entry: string,
  options: { env?: Record<string, string>; node?: NodeVersion },
  use: (setting: Setting) => Promise<void>,
): Promise<void> {
  const [receiver, upstream] = await Promise.all([startOtlpReceiver(), startUpstream()]);
  const env = { ...options.env, UPSTREAM_URL: upstream.url };
  const app = await runApp({ entry, otlp: receiver.url, node: options.node, env });
  try {
    await use({ app, receiver, upstream });
    assert.equal(app.stderr().includes('[canvasops]'), false, app.stderr());
  } finally {
    await app.stop();
    await Promise.all([receiver.close(), upstream.close()]);
  }
}

/** The client spans of a request to the app, all of them children of its server span. */
async function clientsOf(
  { app, receiver }: Setting,
  path: string,
  count: number,
): Promise<readonly ReceivedSpan[]> {
  const trace = callerTrace();
  await app.get(path, trace.headers);
  const spans = inTrace(
    await receiver.waitForSpans((all) => {
      const own = inTrace(all, trace.traceId);
      return own.length > count && own.some(({ kind }) => kind === 'server');
    }),
    trace.traceId,
  );
  const server = spans.find(({ kind }) => kind === 'server');
  const clients = spans.filter(({ kind }) => kind === 'client');
  assert.equal(clients.length, count, `${path}\n${drawTree(spans)}`);
  for (const client of clients) assert.equal(client.parentSpanId, server?.spanId, path);
  return clients.sort((a, b) => (a.startNs < b.startNs ? -1 : 1));
}

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

  test(`what is told to the other side, ${form}`, async () => {
    await withApp(`fixtures/undici/app.${form}`, {}, async (setting) => {
      await clientsOf(setting, '/signed', 1);
      const signed = setting.upstream.requestTo('/signed').headers;
      assert.deepEqual(
        [signed.traceparent, signed.tracestate, signed.baggage],
        [undefined, undefined, undefined],
      );
      await clientsOf(setting, '/global-fetch', 1);
      assert.equal(setting.upstream.requestTo('/global-fetch').headers['x-own'], 'kept');
    });
    const entry = `fixtures/undici/contexts.${form}`;
    await withApp(entry, {}, async (setting) => {
      const [own] = await clientsOf(setting, '/own-traceparent', 1);
      const { headers } = setting.upstream.requestTo('/own');
      assert.equal(headers.traceparent, `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`);
      assert.deepEqual([headers.tracestate, headers['x-own']], [undefined, 'kept']);
      assert.equal(own?.name, 'GET');
      await clientsOf(setting, '/presigned', 1);
      assert.equal(setting.upstream.requestTo('/presigned').headers.traceparent, undefined);
      for (const { body } of setting.receiver.requests) assert.equal(body.includes('canary'), false);
    });
    for (const [hosts, isTold] of [
      ['example.com', false],
      ['127.*', true],
      ['127.0.0.1:1', false],
    ] as const) {
      await withApp(entry, { env: { CANVASOPS_PROPAGATE_TO: hosts } }, async (setting) => {
        await clientsOf(setting, '/many', 3);
        const told = setting.upstream.requests.filter(({ headers }) => headers.traceparent !== undefined);
        assert.equal(told.length, isTold ? 3 : 0, hosts);
      });
    }
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

  test(`the app sees the same undici and fetch, ${form}`, async () => {
    const receiver = await startOtlpReceiver();
    const entry = `fixtures/undici/behaviour.${form}`;
    const [bare, traced] = await Promise.all([
      runToExit({ entry, flag: 'none' }),
      runToExit({ entry, otlp: receiver.url }),
    ]);
    assert.equal(bare.code, 0, bare.stderr);
    assert.deepEqual([traced.code, traced.signal, traced.stderr], [0, null, bare.stderr]);
    assert.equal(traced.stdout, bare.stdout);
    assert.ok(receiver.spans().filter(({ kind }) => kind === 'client').length > 10, 'it was traced');
    await receiver.close();
  });
}

test('requests of an ignored request have no spans and no headers', async () => {
  const env = { CANVASOPS_IGNORE_PATHS: '/many' };
  await withApp('fixtures/undici/contexts.mjs', { env }, async (setting) => {
    const { traceId, headers } = callerTrace();
    await setting.app.get('/many', headers);
    assert.deepEqual(
      setting.upstream.requests.map((request) => request.headers.traceparent),
      [undefined, undefined, undefined],
    );
    await clientsOf(setting, '/user-agent', 1);
    assert.deepEqual(inTrace(setting.receiver.spans(), traceId), []);
  });
});

test('of a trace that is not sampled the other side is told so', async () => {
  await withApp('fixtures/undici/contexts.mjs', {}, async ({ app, upstream }) => {
    const { traceId, headers } = callerTrace(false);
    await app.get('/user-agent', headers);
    assert.match(
      String(upstream.requestTo('/agent').headers.traceparent),
      new RegExp(`^00-${traceId}-.*-00$`),
    );
  });
});

for (const node of ['20', '22', '24', '26'] satisfies NodeVersion[]) {
  const skip =
    !hasNode(node) && `Node ${node} is not in .cache yet; the first test that needs it installs it`;
  test(`Node's own fetch, Node ${node}`, { skip }, async () => {
    await withApp('fixtures/undici/app.mjs', { node }, (setting) => assertRequests(setting, globalFetch));
  });
}
