import assert from 'node:assert/strict';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { OtlpDestination } from '../../../src/config/types';
import { createTransport } from '../../../src/export/transports/grpc';
import type { SendResult, Transport } from '../../../src/export/types';
import { type GrpcReceiver, retryInfo, startGrpcReceiver } from '../../helpers/grpc-receiver';
import { startOtlpReceiver } from '../../helpers/otlp-receiver';
import { type Certificates, makeCertificates } from '../../helpers/tls';
import { otlp } from '../config';
import { batchOf, resource, span, stayAlive } from '../harness';

const spans = [span(0), span(1), span(2)];
const open: Transport[] = [];
const closers: (() => void)[] = [];
let receiver: GrpcReceiver;
let certificates: Certificates;
let mayEnd: () => void;

before(async () => {
  mayEnd = stayAlive();
  receiver = await startGrpcReceiver();
  certificates = makeCertificates();
});
afterEach(async () => {
  receiver.clear();
  receiver.answer({});
  for (const transport of open.splice(0)) await transport.close();
  for (const close of closers.splice(0)) close();
});
after(async () => {
  await receiver.close();
  certificates.remove();
  mayEnd();
});

function transport(over: Partial<OtlpDestination> = {}): Transport {
  const made = createTransport(otlp(receiver.url, { protocol: 'grpc', ...over }), resource);
  open.push(made);
  return made;
}

function send(over: Partial<OtlpDestination> = {}, timeoutMs = 5000): Promise<SendResult> {
  return transport(over).send(batchOf('protobuf', spans), timeoutMs);
}

function fixOf(result: SendResult): string {
  assert.notEqual(result.outcome, 'delivered');
  return result.outcome === 'delivered' ? '' : `${result.reason} | ${result.fix}`;
}

/** A bare HTTP/2 server for what the official library would never do. */
async function rawHttp2(
  onStream: (stream: http2.ServerHttp2Stream, session: http2.Http2Session) => void,
): Promise<string> {
  const server = http2.createServer();
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    if (stream.session) onStream(stream, stream.session);
  });
  server.on('sessionError', () => {});
  closers.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('OTLP over gRPC', () => {
  for (const compression of ['none', 'gzip'] as const) {
    it(`delivers, compression ${compression}`, async () => {
      const big = Array.from({ length: 2000 }, (_, i) => span(i));
      const progress = { written: false };
      const sender = transport({
        compression,
        headers: { 'api-key': 'secret' },
        resourceAttributes: { model_id: 'm' },
      });
      const result = await sender.send(batchOf('protobuf', big), 5000, progress);
      assert.deepEqual(result, { outcome: 'delivered', rejected: 0, message: '', status: 'OK' });
      assert.equal(progress.written, true);
      assert.deepEqual(
        receiver.spans().map(({ name }) => name),
        big.map(({ name }) => name),
      );
      const [request] = receiver.requests;
      assert.equal(request?.encoding, compression === 'gzip' ? 'gzip' : '');
      assert.equal(request?.metadata['api-key'], 'secret');
      assert.equal(request?.userAgent, 'canvasops-register/1.2.3');
      assert.equal(receiver.spans()[0]?.resource.model_id, 'm');
    });
  }

  it('keeps its connection, and makes a new one when the server has gone away', async () => {
    let sessions = 0;
    const seen = new Set<http2.Http2Session>();
    const url = await rawHttp2((stream, session) => {
      if (!seen.has(session)) sessions++;
      seen.add(session);
      stream.resume();
      stream.on('end', () => {
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' },
          { endStream: true },
        );
        if (++answered % 3 === 0) session.goaway();
      });
    });
    let answered = 0;
    const sender = transport({ url });
    for (let i = 0; i < 9; i++)
      assert.equal((await sender.send(batchOf('protobuf', spans), 5000)).outcome, 'delivered');
    assert.equal(sessions, 3);
  });

  it('repeats at once a call that the server refused unseen', async () => {
    let calls = 0;
    const url = await rawHttp2((stream) => {
      if (++calls === 1) {
        stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
        return;
      }
      stream.resume();
      stream.on('end', () =>
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' },
          { endStream: true },
        ),
      );
    });
    assert.equal((await send({ url })).outcome, 'delivered');
    assert.equal(calls, 2);
  });

  it('counts a partial success', async () => {
    receiver.answer({ partialSuccess: { rejectedSpans: 2, errorMessage: 'too öld' } });
    assert.deepEqual(await send(), { outcome: 'delivered', rejected: 2, message: 'too öld', status: 'OK' });
  });

  const codes: [status, SendResult['outcome'], RegExp][] = [
    [status.CANCELLED, 'retry', /CANCELLED/],
    [status.UNKNOWN, 'refused', /UNKNOWN/],
    [status.INVALID_ARGUMENT, 'refused', /takes OTLP traces/],
    [status.DEADLINE_EXCEEDED, 'retry', /DEADLINE_EXCEEDED/],
    [status.NOT_FOUND, 'refused', /no OTLP trace service/],
    [status.ALREADY_EXISTS, 'refused', /ALREADY_EXISTS/],
    [status.PERMISSION_DENIED, 'refused', /check the key/],
    [status.RESOURCE_EXHAUSTED, 'refused', /too big/],
    [status.FAILED_PRECONDITION, 'refused', /FAILED_PRECONDITION/],
    [status.ABORTED, 'retry', /ABORTED/],
    [status.OUT_OF_RANGE, 'retry', /OUT_OF_RANGE/],
    [status.UNIMPLEMENTED, 'refused', /no OTLP trace service/],
    [status.INTERNAL, 'refused', /INTERNAL/],
    [status.UNAVAILABLE, 'retry', /UNAVAILABLE/],
    [status.DATA_LOSS, 'retry', /DATA_LOSS/],
    [status.UNAUTHENTICATED, 'refused', /check the key/],
  ];
  for (const [code, outcome, fix] of codes) {
    it(`judges ${status[code]}: ${outcome}`, async () => {
      receiver.answer({ code, details: 'ünüsual 100% s3cr3t-key' });
      const result = await send({ headers: { authorization: 'Bearer s3cr3t-key' } });
      assert.equal(result.outcome, outcome);
      assert.equal(result.status, status[code]);
      assert.match(fixOf(result), fix);
      assert.match(fixOf(result), /ünüsual 100% \*\*\*/);
    });
  }

  it('waits as RetryInfo says, also when the quota is used up', async () => {
    for (const code of [status.RESOURCE_EXHAUSTED, status.UNAVAILABLE]) {
      receiver.answer({ code, trailers: { 'grpc-status-details-bin': retryInfo(code, 9) } });
      const result = await send();
      assert.ok(result.outcome === 'retry');
      assert.equal(result.retryAfterMs, 9000);
    }
  });

  it('gives up after its time', async () => {
    receiver.answer({ hang: true });
    assert.match(fixOf(await send({}, 100)), /no answer within 100 ms/);
    receiver.answer({});
    assert.equal((await send()).outcome, 'delivered');
  });

  it('survives what a hostile or broken server says', async () => {
    const respond =
      (headers: http2.OutgoingHttpHeaders, body?: Buffer) => (stream: http2.ServerHttp2Stream) => {
        stream.respond(headers);
        stream.end(body);
      };
    const grpc = { ':status': 200, 'content-type': 'application/grpc' };
    assert.match(
      fixOf(await send({ url: await rawHttp2(respond({ ':status': 200, 'content-type': 'text/html' })) })),
      /not gRPC/,
    );
    assert.equal((await send({ url: await rawHttp2(respond({ ':status': 503 })) })).outcome, 'retry');
    assert.match(fixOf(await send({ url: await rawHttp2(respond({ ':status': 404 })) })), /check the path/);
    assert.equal((await send({ url: await rawHttp2(respond(grpc)) })).outcome, 'retry');
    assert.equal(
      (await send({ url: await rawHttp2(respond({ ...grpc, 'grpc-status': 'x' })) })).outcome,
      'refused',
    );
    assert.equal(
      (await send({ url: await rawHttp2(respond({ ...grpc, 'grpc-status': '0' }, Buffer.alloc(100, 0xff))) }))
        .outcome,
      'delivered',
    );
    assert.equal(
      (await send({ url: await rawHttp2((stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR)) }))
        .outcome,
      'retry',
    );
    assert.equal((await send({ url: await rawHttp2((_, session) => session.destroy()) })).outcome, 'retry');
    let written = 0;
    const endless = await rawHttp2((stream) => {
      stream.respond({ ...grpc, 'grpc-status': '0' });
      const more = (): void => {
        if (stream.destroyed) return;
        written += 65_536;
        stream.write(Buffer.alloc(65_536), more);
      };
      more();
    });
    assert.equal((await send({ url: endless })).outcome, 'delivered');
    assert.ok(written < 16 * 1024 * 1024, `${written} bytes were taken`);
  });

  it('names the fix for connections that cannot be', async () => {
    const plain = await startOtlpReceiver();
    const secure = await startGrpcReceiver({ tls: certificates.server });
    const silent = net.createServer((socket) => socket.end('what?\r\n').on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closers.push(() => silent.close());
    try {
      assert.match(
        fixOf(await send({ url: 'http://127.0.0.1:1' })),
        /nobody listens on 127\.0\.0\.1:1 \(ECONNREFUSED\)/,
      );
      assert.match(fixOf(await send({ url: plain.url })), /not in HTTP\/2.*4317.*http\/protobuf/);
      assert.match(
        fixOf(await send({ url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` })),
        /not in HTTP\/2|closed the connection/,
      );
      assert.match(fixOf(await send({ url: secure.url })), /not signed by anyone/);
      assert.match(fixOf(await send({ url: receiver.url.replace('http:', 'https:') })), /use http:\/\//);
      assert.match(fixOf(await send({ url: 'http://no-such-host.invalid:4317' })), /cannot be resolved/);
      assert.match(
        fixOf(await send({ url: secure.url, tls: { certificate: '/no/such/file' } })),
        /cannot be read/,
      );
    } finally {
      await Promise.all([plain.close(), secure.close()]);
    }
  });

  it('speaks TLS with certificates of the user', async () => {
    const secure = await startGrpcReceiver({ tls: { ...certificates.server, requestCert: true } });
    const tls = {
      certificate: certificates.caFile,
      clientKey: certificates.clientKeyFile,
      clientCertificate: certificates.clientCertFile,
    };
    assert.equal((await send({ url: secure.url, tls })).outcome, 'delivered');
    assert.equal((await send({ url: secure.url, tls: { certificate: tls.certificate } })).outcome, 'retry');
    assert.equal(secure.spans().length, 3);
    await secure.close();
  });
});
