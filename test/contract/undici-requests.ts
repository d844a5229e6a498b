/** What a request of fetch or undici is to look like, and what Node's own fetch is asked for. */
import assert from 'node:assert/strict';
import type { ReceivedSpan } from '../helpers/span';
import { clientsOf, type Setting } from './undici-harness';

export interface Expected {
  readonly url: string;
  readonly status?: number;
  readonly method?: string;
  readonly error?: string;
  readonly resent?: number;
}

export const ok = (url: string, method = 'GET'): Expected => ({ url, method, status: 200 });
export const redirected = [
  { url: '/redirect/2', status: 302 },
  { url: '/redirect/1', status: 302, resent: 1 },
  { url: '/redirected', status: 200, resent: 2 },
];

export const globalFetch: Record<string, readonly Expected[]> = {
  '/global-fetch': [ok('/global-fetch?token=REDACTED')],
  '/fetch-unread': [ok('/stream?chunks=2')],
  '/fetch-redirect': redirected,
  '/fetch-abort': [{ url: '/hang', error: 'TimeoutError' }],
  '/fetch-refused': [{ url: '/', error: 'ECONNREFUSED' }],
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

export async function assertRequests(
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
