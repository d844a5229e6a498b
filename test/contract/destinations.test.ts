/** Every way out of the process, driven through the real preload: what is configured is what arrives. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { startGrpcReceiver } from '../helpers/grpc-receiver';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { startThriftUdpReceiver } from '../helpers/thrift-udp-receiver';
import { makeCertificates } from '../helpers/tls';
import { assertOrder, assertQuiet, lines, order, runShop } from './shop-app';

const types = { 'http/protobuf': 'application/x-protobuf', 'http/json': 'application/json' } as const;

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  for (const compression of ['none', 'gzip'] as const) {
    test(`OTLP over ${protocol}, ${compression}`, async () => {
      const receiver = await startOtlpReceiver();
      const app = await runShop({
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_COMPRESSION: compression,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-team=a%20b',
      });
      await order(app);
      assertOrder(await receiver.waitForSpans(2));
      const [request] = receiver.requests;
      assert.equal(request?.contentType, types[protocol]);
      assert.equal(request?.contentEncoding, compression === 'none' ? '' : 'gzip');
      assert.equal(request?.headers['x-team'], 'a b');
      const [span] = receiver.spans();
      assert.equal(span?.resource['service.name'], 'shop');
      assert.equal(span?.resource['telemetry.sdk.language'], 'nodejs');
      await assertQuiet(app);
      await receiver.close();
    });
  }
}

for (const compression of ['none', 'gzip'] as const) {
  test(`OTLP over gRPC, ${compression}`, async () => {
    const receiver = await startGrpcReceiver();
    const app = await runShop({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=a',
    });
    await order(app);
    assertOrder(await receiver.waitForSpans(2));
    assert.equal(receiver.requests[0]?.metadata['x-team'], 'a');
    assert.match(receiver.requests[0]?.encoding ?? '', compression === 'gzip' ? /^gzip$/ : /^(identity)?$/);
    await assertQuiet(app);
    await receiver.close();
  });
}

test('the legacy names: OTLP_ENDPOINT is gRPC, OTLP_API_KEY its bearer token', async () => {
  const receiver = await startGrpcReceiver();
  const app = await runShop({ OTLP_ENDPOINT: receiver.url, OTLP_API_KEY: 'k-1' });
  await order(app);
  assertOrder(await receiver.waitForSpans(2));
  assert.equal(receiver.requests[0]?.metadata.authorization, 'Bearer k-1');
  await app.stop();
  await receiver.close();
});

for (const protocol of ['http/protobuf', 'grpc'] as const) {
  test(`TLS with an authority of its own and a client certificate, ${protocol}`, async () => {
    const certificates = makeCertificates();
    const tls = { ...certificates.server, requestCert: true, rejectUnauthorized: true };
    const receiver =
      protocol === 'grpc' ? await startGrpcReceiver({ tls }) : await startOtlpReceiver({ tls });
    const trusting = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_CERTIFICATE: certificates.caFile,
    };
    const app = await runShop({
      ...trusting,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: certificates.clientKeyFile,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: certificates.clientCertFile,
    });
    await order(app);
    assertOrder(await receiver.waitForSpans(2));
    await assertQuiet(app);

    receiver.clear();
    const stranger = await runShop(trusting);
    await order(stranger);
    await stranger.waitForOutput('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE');
    const distrustful = await runShop({ ...trusting, OTEL_EXPORTER_OTLP_CERTIFICATE: '' });
    await order(distrustful);
    await distrustful.waitForOutput('OTEL_EXPORTER_OTLP_CERTIFICATE');
    await Promise.all([stranger.stop(), distrustful.stop()]);
    assert.deepEqual(receiver.spans(), [], 'nobody got in without a certificate');
    await receiver.close();
    certificates.remove();
  });
}

test('Jaeger over UDP when JAEGER_PORT is 6831', async () => {
  const agent = await startThriftUdpReceiver('127.0.0.32', 6831);
  const app = await runShop({ JAEGER_HOST: agent.host, JAEGER_PORT: '6831' });
  await order(app);
  const spans = await agent.waitForSpans(2);
  const charge = spans.find(({ operationName }) => operationName === 'charge');
  const request = spans.find(({ operationName }) => operationName === 'GET');
  assert.ok(charge && request);
  assert.equal(charge.parentSpanId, request.spanId);
  assert.equal(charge.traceId, request.traceId);
  assert.equal(charge.service, 'shop');
  assert.equal(charge.tags['charge.cents'], 1999);
  assert.equal(request.tags['span.kind'], 'server');
  await app.stop();
  const [warning, ...more] = lines(app);
  assert.deepEqual(more, []);
  assert.match(warning ?? '', /UDP.*JAEGER_PORT=4318/, 'what UDP cannot do is said at the start');
  await agent.close();
});

test('Jaeger by its host alone is OTLP', async () => {
  const receiver = await startOtlpReceiver();
  const app = await runShop({ JAEGER_HOST: `127.0.0.1:${receiver.port}` });
  await order(app);
  assertOrder(await receiver.waitForSpans(2));
  await app.stop();
  await receiver.close();
});

test('the terminal: a tree per trace, on stderr only', async () => {
  const app = await runShop({ OTEL_TRACES_EXPORTER: 'console' });
  await order(app);
  await app.waitForOutput('charge');
  await app.stop();
  const tree = app.stderr().split('\n');
  const request = tree.findIndex((line) => /^ {2}GET +server +[\d.]+ ?\S+ .*\/order/.test(line));
  assert.notEqual(request, -1, app.stderr());
  assert.match(tree[request + 1] ?? '', /^ {2}└─ charge +internal/);
  assert.equal(app.stdout(), `listening ${app.port}\n`);
});

for (const extension of ['cjs', 'mjs'] as const) {
  test(`an exporter of the user's own, ${extension}`, async () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'canvasops-exporter-'));
    const file = path.join(dir, 'spans');
    // The setting is relative to the working directory.
    const app = await runShop(
      { CANVASOPS_EXPORTER: `./exporter.${extension}`, EXPORT_TO: file },
      { cwd: 'fixtures/programs' },
    );
    await order(app);
    while (!existsSync(file) || written(file).length < 2)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await assertQuiet(app);
    const spans = written(file).filter((line) => typeof line === 'object');
    const request = spans.find(({ name }) => name === 'GET');
    const charge = spans.find(({ name }) => name === 'charge');
    assert.equal(charge?.parentSpanId, request?.spanId);
    assert.equal(charge?.traceId, request?.traceId);
    assert.deepEqual(charge?.attributes, { 'charge.cents': 1999, 'session.id': 's-3', 'user.id': 'u-7' });
    assert.equal(request?.kind, 1, "the official API's SpanKind.SERVER");
    assert.equal(request?.service, 'shop');
    assert.equal(request?.took, 2, 'seconds and nanoseconds');
    rmSync(dir, { recursive: true });
  });
}

test('an exporter that cannot be loaded is told of, and the app runs', async () => {
  const app = await runShop({ CANVASOPS_EXPORTER: fromRoot('fixtures/programs/none.cjs') });
  await order(app);
  await app.waitForOutput('none.cjs');
  await app.stop();
  assert.match(lines(app).join('\n'), /there is no file .*none\.cjs/);
});

interface Written {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  attributes: Record<string, unknown>;
  service: string;
  took: number;
}

function written(file: string): Written[] {
  const text = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return text.map((line) => JSON.parse(line) as Written);
}
