import assert from 'node:assert/strict';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { test } from 'node:test';
import {
  putRequestFacts,
  putRequestHeaders,
  putResponseHeaders,
} from '../../src/instrumentations/operations/http-server-facts';
import { sanitizeName } from '../../src/redaction/sanitized';
import { testProvider } from '../tracing/provider';

interface Asked {
  url?: string;
  method?: string;
  headers?: Record<string, string | string[]>;
  socket?: object;
}

function requestOf({ url = '/', method = 'GET', headers = {}, socket }: Asked): IncomingMessage {
  const peer = socket ?? { remoteAddress: '10.0.0.1', remotePort: 5555 };
  return { url, method, headers, httpVersion: '1.1', socket: peer } as unknown as IncomingMessage;
}

const plain = createHttpServer();
const secure = createHttpsServer();

function facts(
  asked: Asked,
  normalized = 'GET',
  server = plain as typeof plain | typeof secure,
): Record<string, unknown> {
  const span = testProvider().start();
  const request = requestOf(asked);
  putRequestFacts(span, server as typeof plain, request, request.headers, sanitizeName(normalized));
  return span.attributes;
}

test('an ordinary request', () => {
  const headers = { host: 'shop.example:8080', 'user-agent': 'curl/8' };
  assert.deepEqual(facts({ url: '/users/1?page=2&token=hush', headers }), {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'url.path': '/users/1',
    'url.query': 'page=2&token=REDACTED',
    'server.address': 'shop.example',
    'server.port': 8080,
    'client.address': '10.0.0.1',
    'network.peer.address': '10.0.0.1',
    'network.peer.port': 5555,
    'network.protocol.version': '1.1',
    'user_agent.original': 'curl/8',
  });
});

test('a request that says nothing', () => {
  assert.deepEqual(facts({ socket: {} }), {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'url.path': '/',
    'network.protocol.version': '1.1',
  });
});

const proxied: [headers: Record<string, string | string[]>, server: unknown[], client: unknown][] = [
  [{ host: 'a' }, ['a', 80], '10.0.0.1'],
  [{ host: 'in', 'x-forwarded-host': 'out, mid' }, ['out', 80], '10.0.0.1'],
  [{ host: 'in', 'x-forwarded-host': 'out', 'x-forwarded-proto': 'HTTPS, http' }, ['out', 443], '10.0.0.1'],
  [{ host: 'in', 'x-forwarded-proto': 'https' }, ['in', 80], '10.0.0.1'],
  [{ host: 'in', forwarded: 'host=out;proto=https;for=192.0.2.1' }, ['out', 443], '192.0.2.1'],
  [
    { host: 'in', forwarded: 'for="[2001:db8::1]:99"', 'x-forwarded-for': '192.0.2.9' },
    ['in', 80],
    '2001:db8::1',
  ],
  [{ host: 'in', 'x-forwarded-for': '192.0.2.1:1234, 10.0.0.9' }, ['in', 80], '192.0.2.1'],
  [{ host: 'in', 'x-forwarded-for': ['192.0.2.1', 'x'] }, ['in', 80], '192.0.2.1'],
  [{ host: 'in', 'x-forwarded-for': '' }, ['in', 80], '10.0.0.1'],
  [{ host: 'in', 'x-forwarded-host': '' }, [undefined, undefined], '10.0.0.1'],
];
for (const [headers, server, client] of proxied) {
  test(`behind a proxy that sends ${JSON.stringify(headers)}`, () => {
    const found = facts({ headers });
    assert.deepEqual([found['server.address'], found['server.port']], server);
    assert.equal(found['client.address'], client);
  });
}

test('an https server', () => {
  const found = facts({ headers: { host: 'a' } }, 'GET', secure);
  assert.deepEqual([found['url.scheme'], found['server.port']], ['https', 443]);
});

test('an unknown method is quoted, at no length', () => {
  const found = facts({ method: 'X'.repeat(1000) }, '_OTHER');
  assert.equal(found['http.request.method'], '_OTHER');
  assert.equal(found['http.request.method_original'], 'X'.repeat(64));
});

test('texts of the client are cut', () => {
  const long = 'x'.repeat(100_000);
  const found = facts({
    url: `/${long}?q=${long}`,
    headers: { host: long, 'user-agent': long, 'x-forwarded-for': long },
  });
  for (const value of Object.values(found))
    assert.ok(String(value).length <= 2100, String(value).slice(0, 20));
});

test('headers that were asked for, with secrets masked; the others are not looked at', () => {
  const span = testProvider().start();
  const headers = { 'x-request-id': 'r1', cookie: 'sid=hush', accept: ['a', 'b'] };
  putRequestHeaders(span, requestOf({ headers }).headers, ['x-request-id', 'cookie', 'accept', 'missing']);
  assert.deepEqual(span.attributes['http.request.header.x-request-id'], ['r1']);
  assert.deepEqual(span.attributes['http.request.header.accept'], ['a', 'b']);
  assert.ok(!JSON.stringify(span.attributes).includes('hush'));
  assert.equal('http.request.header.missing' in span.attributes, false);
});

test('response headers may be numbers and lists of anything', () => {
  const values: Record<string, unknown> = { 'content-length': 12, 'x-list': ['a', 7, null] };
  const response = { getHeader: (name: string) => values[name] } as unknown as ServerResponse;
  const span = testProvider().start();
  putResponseHeaders(span, response, ['content-length', 'x-list', 'missing']);
  assert.deepEqual(span.attributes, {
    'http.response.header.content-length': ['12'],
    'http.response.header.x-list': ['a', '7', 'null'],
  });
});
