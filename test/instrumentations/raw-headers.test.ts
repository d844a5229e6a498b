/** Headers read past Node's getter are those that the getter gives. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { createHeaderReader } from '../../src/instrumentations/operations/raw-headers';

/** Each of them is sent twice. Those that Node takes the first of, those that it joins, and the two exceptions. */
const NAMES = [
  ...['age', 'authorization', 'content-type', 'etag', 'expires', 'from', 'if-modified-since'],
  ...['if-unmodified-since', 'last-modified', 'location', 'max-forwards', 'proxy-authorization', 'referer'],
  ...['retry-after', 'server', 'user-agent', 'accept', 'baggage', 'forwarded', 'traceparent', 'tracestate'],
  ...['x-forwarded-for', 'x-forwarded-host', 'x-mine', 'cookie', 'set-cookie'],
];

/** A real request whose headers Node has not built yet. */
async function upgradeRequest(): Promise<IncomingMessage> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const lines = NAMES.flatMap((name) => [`${name}: one`, `${name.toUpperCase()}: two`]);
  client.write(
    `GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n${lines.join('\r\n')}\r\n\r\n`,
  );
  const [request, socket] = (await once(server, 'upgrade')) as [IncomingMessage, Duplex];
  socket.destroy();
  client.on('error', () => undefined).destroy();
  server.close();
  return request;
}

test('the headers that are wanted are those of Node, and Node has not built its own', async () => {
  const request = await upgradeRequest();
  const kept = Object.getOwnPropertySymbols(request).find(({ description }) => description === 'kHeaders');
  assert.ok(kept);
  const read = createHeaderReader([...NAMES, 'host', 'missing'])(request);
  assert.equal((request as unknown as Record<symbol, unknown>)[kept], null);
  const { connection: _connection, upgrade: _upgrade, ...expected } = request.headers;
  assert.deepEqual(read, expected);
});

test('other headers are left out', async () => {
  assert.deepEqual(createHeaderReader(['host', 'missing'])(await upgradeRequest()), { host: 'a' });
});

test('a request that a test made has the headers that it gave it', () => {
  const made = (headers: unknown) => ({ rawHeaders: [], headers }) as unknown as IncomingMessage;
  assert.deepEqual(createHeaderReader(['host'])(made({ host: 'x' })), { host: 'x' });
  assert.deepEqual(createHeaderReader(['host'])(made(undefined)), {});
});
