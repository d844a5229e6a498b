import assert from 'node:assert/strict';
import diagnosticsChannel from 'node:diagnostics_channel';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { OtlpDestination } from '../../../src/config/types';
import { createTransport } from '../../../src/export/transports/http';
import type { SendResult, Transport } from '../../../src/export/types';
import { startGrpcReceiver } from '../../helpers/grpc-receiver';
import { type OtlpReceiver, startOtlpReceiver } from '../../helpers/otlp-receiver';
import { type Certificates, makeCertificates } from '../../helpers/tls';
import { otlp } from '../config';
import { batchOf, resource, span, stayAlive } from '../harness';

const spans = [span(0), span(1), span(2)];
const open: Transport[] = [];
const servers: net.Server[] = [];
let receiver: OtlpReceiver;
let certificates: Certificates;
let mayEnd: () => void;

before(async () => {
  mayEnd = stayAlive();
  receiver = await startOtlpReceiver();
  certificates = makeCertificates();
});
afterEach(async () => {
  receiver.clear();
  receiver.answer({});
  for (const transport of open.splice(0)) await transport.close();
  for (const server of servers.splice(0)) server.close();
});
after(async () => {
  await receiver.close();
  certificates.remove();
  mayEnd();
});

function transport(over: Partial<OtlpDestination> = {}): Transport {
  const made = createTransport(otlp(`${receiver.url}/v1/traces`, over), resource);
  open.push(made);
  return made;
}

function send(over: Partial<OtlpDestination> = {}, timeoutMs = 5000): Promise<SendResult> {
  return transport(over).send(batchOf(over.protocol === 'http/json' ? 'json' : 'protobuf', spans), timeoutMs);
}

/** A server that says these bytes to whatever is sent, then what `then` does. */
async function raw(bytes: string | Buffer, then: (socket: net.Socket) => void = () => {}): Promise<string> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(bytes, () => then(socket)));
    socket.unref();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
}

function fixOf(result: SendResult): string {
  assert.notEqual(result.outcome, 'delivered');
  return result.outcome === 'delivered' ? '' : `${result.reason} | ${result.fix}`;
}

describe('OTLP over HTTP', () => {
  for (const protocol of ['http/protobuf', 'http/json'] as const) {
    for (const compression of ['none', 'gzip'] as const) {
      it(`delivers as ${protocol}, compression ${compression}`, async () => {
        const big = Array.from({ length: 50 }, (_, i) => span(i));
        const sender = transport({
          protocol,
          compression,
          headers: { authorization: 'Bearer secret' },
          resourceAttributes: { model_id: 'm' },
        });
        const progress = { written: false };
        const result = await sender.send(
          batchOf(protocol === 'http/json' ? 'json' : 'protobuf', big),
          5000,
          progress,
        );
        assert.deepEqual(result, { outcome: 'delivered', rejected: 0, message: '', status: '200' });
        assert.equal(progress.written, true);
        assert.deepEqual(
          receiver.spans().map(({ name }) => name),
          big.map(({ name }) => name),
        );
        const [request] = receiver.requests;
        assert.equal(request?.contentEncoding, compression === 'gzip' ? 'gzip' : '');
        assert.equal(request?.headers.authorization, 'Bearer secret');
        assert.equal(request?.headers['user-agent'], 'canvasops-register/1.2.3');
        assert.equal(receiver.spans()[0]?.resource.model_id, 'm');
        assert.equal(receiver.spans()[0]?.resource['service.name'], 'test');
      });
    }
  }

  it('keeps its connection', async () => {
    const sender = transport();
    const before = receiver.connectionCount;
    for (let i = 0; i < 5; i++)
      assert.equal((await sender.send(batchOf('protobuf', spans), 5000)).outcome, 'delivered');
    assert.equal(receiver.connectionCount - before, 1);
  });

  it('tries once more at once when the backend has closed the connection meanwhile', async () => {
    let connections = 0;
    const server = net.createServer((socket) => {
      connections++;
      let requests = 0;
      socket.on('error', () => {});
      socket.on('data', () => {
        if (++requests > 1) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const sender = transport({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces` });
    for (let i = 0; i < 3; i++)
      assert.equal((await sender.send(batchOf('protobuf', spans), 5000)).outcome, 'delivered');
    assert.equal(connections, 3);
    await sender.close();
  });

  it('does not care what the app does to http and the clock', async (t) => {
    const mocked = t.mock.method(http, 'request', () => {
      throw new Error('mocked');
    });
    t.mock.timers.enable({ apis: ['setTimeout'] });
    assert.equal((await send()).outcome, 'delivered');
    assert.equal(mocked.mock.callCount(), 0);
  });

  it('counts a partial success, whatever the backend says', async () => {
    for (const protocol of ['http/protobuf', 'http/json'] as const) {
      receiver.answer({ partialSuccess: { rejectedSpans: 2, errorMessage: 'too old' } });
      const result = await send({ protocol });
      assert.deepEqual(result, { outcome: 'delivered', rejected: 2, message: 'too old', status: '200' });
      receiver.answer({ partialSuccess: { rejectedSpans: 1_000_000, errorMessage: '' } });
      assert.deepEqual(await send({ protocol }), {
        outcome: 'delivered',
        rejected: 3,
        message: '',
        status: '200',
      });
      receiver.answer({ partialSuccess: { rejectedSpans: -5, errorMessage: '' } });
      assert.deepEqual(await send({ protocol }), {
        outcome: 'delivered',
        rejected: 0,
        message: '',
        status: '200',
      });
    }
    for (const body of ['garbage', '{"partialSuccess":7}', '{', '\u0000', Buffer.alloc(50, 0xff)]) {
      for (const type of ['application/json', 'application/x-protobuf']) {
        receiver.answer({ body, headers: { 'content-type': type } });
        assert.deepEqual(await send(), { outcome: 'delivered', rejected: 0, message: '', status: '200' });
      }
    }
  });

  const statuses: [number, SendResult['outcome'], RegExp][] = [
    [
      301,
      'refused',
      /redirects are not followed.* set the endpoint to https:\/\/example\.org\/v1\/traces\?…$/,
    ],
    [307, 'refused', /redirects are not followed/],
    [400, 'refused', /takes OTLP traces/],
    [401, 'refused', /check the key/],
    [403, 'refused', /check the key/],
    [404, 'refused', /check the path of http:\/\/127\.0\.0\.1:\d+\/v1\/traces/],
    [413, 'refused', /too big/],
    [429, 'retry', /fewer spans/],
    [500, 'refused', /logs of the backend/],
    [502, 'retry', /overloaded/],
    [503, 'retry', /overloaded/],
    [504, 'retry', /overloaded/],
  ];
  for (const [status, outcome, fix] of statuses) {
    it(`judges ${status}: ${outcome}`, async () => {
      const location = 'https://user:pass@example.org/v1/traces?api_key=secret';
      receiver.answer({
        status,
        headers: { location, 'retry-after': '7', 'content-type': 'application/json' },
        body: '{"message":"key s3cr3t-key no good"}',
      });
      const result = await send({ headers: { authorization: 'Bearer s3cr3t-key' } });
      assert.equal(result.outcome, outcome);
      assert.equal(result.status, String(status));
      assert.match(fixOf(result), fix);
      assert.match(fixOf(result), /key \*\*\* no good/);
      assert.doesNotMatch(fixOf(result), /s3cr3t|pass@|secret/);
      if (result.outcome === 'retry') assert.equal(result.retryAfterMs, 7000);
      assert.equal(receiver.requests.length, 1);
    });
  }

  it('understands Retry-After as a date', async () => {
    receiver.answer({
      status: 503,
      headers: { 'retry-after': new Date(Date.now() + 100_000).toUTCString() },
    });
    const result = await send();
    assert.ok(
      result.outcome === 'retry' &&
        result.retryAfterMs !== undefined &&
        result.retryAfterMs > 90_000 &&
        result.retryAfterMs <= 100_000,
    );
  });

  it('takes an HTML page for what it is', async () => {
    receiver.answer({ body: '<html>', headers: { 'content-type': 'text/html; charset=utf-8' } });
    assert.match(fixOf(await send()), /not an OTLP endpoint/);
  });

  it('gives up after its time', async () => {
    receiver.answer({ hang: true });
    const result = await send({}, 50);
    assert.equal(result.outcome, 'retry');
    assert.match(fixOf(result), /no answer within 50 ms/);
  });

  it('survives what a hostile or broken backend says', async () => {
    const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\n';
    const reset = (socket: net.Socket): void => void socket.resetAndDestroy();
    assert.equal((await send({ url: await raw('', reset) })).outcome, 'retry');
    assert.equal((await send({ url: await raw('', (socket) => socket.end()) })).outcome, 'retry');
    assert.equal((await send({ url: await raw('rubbish\r\n\r\n') })).outcome, 'refused');
    assert.equal(
      (await send({ url: await raw('HTTP/1.1 200 OK\r\ncontent-length: nonsense\r\n\r\n') })).outcome,
      'refused',
    );
    assert.equal(
      (await send({ url: await raw(`${ok}content-length: 100\r\n\r\nabc`, reset) })).outcome,
      'delivered',
    );
    assert.equal(
      (await send({ url: await raw(`${ok}content-length: 100\r\n\r\nabc`) }, 100)).outcome,
      'delivered',
    );
    assert.equal(
      (await send({ url: await raw(`${ok}content-length: 5\r\ncontent-encoding: br\r\n\r\nabcde`) })).outcome,
      'delivered',
    );
    assert.equal(
      (
        await send(
          { url: await raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n') },
          500,
        )
      ).outcome,
      'retry',
    );
    assert.equal(
      (await send({ url: await raw(`HTTP/1.1 503 no\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`) })).outcome,
      'refused',
    );
  });

  it('makes no request by way of node:http, whose inline caches the server of the app needs for itself', async () => {
    const seen: unknown[] = [];
    const note = (message: unknown): void => void seen.push(message);
    diagnosticsChannel.subscribe('http.client.request.start', note);
    try {
      assert.equal((await send()).outcome, 'delivered');
    } finally {
      diagnosticsChannel.unsubscribe('http.client.request.start', note);
    }
    assert.equal(seen.length, 0);
  });

  it('takes an answer that comes in pieces, after another one, in chunks with trailers', async () => {
    const head = 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 503 No\r\ncontent-type: text/plain\r\n';
    const answer = `${head}transfer-encoding: chunked\r\n\r\n4\r\nout \r\n8;a=b\r\nof order\r\n0\r\nx-t: 1\r\n\r\n`;
    const url = await raw('', (socket) => {
      let at = 0;
      const more = (): void => {
        socket.write(answer.slice(at, ++at));
        if (at < answer.length) setTimeout(more, 1);
      };
      more();
    });
    const result = await send({ url });
    assert.equal(result.outcome, 'retry');
    assert.match((result as { reason: string }).reason, /out of order/);
  });

  it('reads only the beginning of an endless answer', async () => {
    let written = 0;
    const url = await raw('HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n', (socket) => {
      const more = (): void => {
        if (socket.destroyed) return;
        written += 65_536;
        socket.write(Buffer.alloc(65_536), more);
      };
      more();
    });
    assert.equal((await send({ url })).outcome, 'delivered');
    assert.ok(written < 64 * 1024 * 1024, `${written} bytes were taken`);
  });

  it('does not unpack a bomb', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const zeroes = Buffer.alloc(32 * 1024 * 1024);
    receiver.answer({ headers, body: gzipSync(zeroes) });
    const before = process.memoryUsage().arrayBuffers;
    assert.deepEqual(await send(), { outcome: 'delivered', rejected: 0, message: '', status: '200' });
    assert.ok(process.memoryUsage().arrayBuffers - before < zeroes.length / 2);
    receiver.answer({ headers, body: gzipSync(Buffer.from([0x0a, 2, 0x08, 1])) });
    assert.deepEqual(await send(), { outcome: 'delivered', rejected: 1, message: '', status: '200' });
  });

  it('names the fix for connections that cannot be', async () => {
    const grpc = await startGrpcReceiver();
    const secure = await startOtlpReceiver({ tls: certificates.server });
    const closed = await startOtlpReceiver();
    await closed.close();
    try {
      assert.match(
        fixOf(await send({ url: `${closed.url}/v1/traces` })),
        /nobody listens on 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
      );
      assert.match(
        fixOf(await send({ url: `${grpc.url}/v1/traces` })),
        /not in HTTP\/1\.1.*4318.*OTEL_EXPORTER_OTLP_PROTOCOL=grpc/,
      );
      assert.match(
        fixOf(await send({ url: `${secure.url}/v1/traces` })),
        /not signed by anyone.*OTEL_EXPORTER_OTLP_CERTIFICATE/,
      );
      assert.match(
        fixOf(await send({ url: `${receiver.url.replace('http:', 'https:')}/v1/traces` })),
        /use http:\/\//,
      );
      assert.match(
        fixOf(await send({ url: 'http://no-such-host.invalid/v1/traces' })),
        /no-such-host\.invalid cannot be resolved/,
      );
      assert.match(
        fixOf(await send({ url: `${secure.url}/v1/traces`, tls: { certificate: '/no/such/file' } })),
        /cannot be read/,
      );
      const header = await send({ headers: { authorization: 'Bearer secret\nvalue' } });
      assert.equal(header.outcome, 'refused');
      assert.match(fixOf(header), /character that headers cannot have/);
      assert.doesNotMatch(fixOf(header), /secret/);
    } finally {
      await Promise.all([grpc.close(), secure.close()]);
    }
  });

  it('speaks TLS with certificates of the user', async () => {
    const secure = await startOtlpReceiver({
      tls: { ...certificates.server, requestCert: true, rejectUnauthorized: true },
    });
    const tls = {
      certificate: certificates.caFile,
      clientKey: certificates.clientKeyFile,
      clientCertificate: certificates.clientCertFile,
    };
    assert.equal((await send({ url: `${secure.url}/v1/traces`, tls })).outcome, 'delivered');
    assert.equal(
      (await send({ url: `${secure.url}/v1/traces`, tls: { certificate: tls.certificate } })).outcome,
      'retry',
    );
    assert.equal(secure.spans().length, 3);
    await secure.close();
  });
});
