/** Arize and Phoenix by their own variables, and several destinations side by side. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGrpcReceiver } from '../helpers/grpc-receiver';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import type { ReceivedSpan } from '../helpers/span';
import { spanNamed } from '../helpers/tree';
import { assertOrder, assertQuiet, lines, order, runShop } from './shop-app';

const SPACE = 'U3BhY2U6MTIzOmFiYw==';
const arize = (receiver: OtlpReceiver): Record<string, string> => ({
  ARIZE_API_KEY: 'arize-key',
  ARIZE_SPACE_ID: SPACE,
  ARIZE_PROJECT_NAME: 'checkout',
  ARIZE_COLLECTOR_ENDPOINT: receiver.url,
});

const metadataOf = (span: ReceivedSpan): Record<string, unknown> => {
  assert.equal(typeof span.attributes.metadata, 'string', 'backends filter by a JSON text');
  return JSON.parse(String(span.attributes.metadata)) as Record<string, unknown>;
};

test('Arize gets its headers, its resource and OpenInference, and a plain OTLP backend none of it', async () => {
  const [backend, plain] = await Promise.all([startOtlpReceiver(), startOtlpReceiver()]);
  const app = await runShop({ ...arize(backend), OTEL_EXPORTER_OTLP_ENDPOINT: plain.url });
  await order(app);
  const spans = await backend.waitForSpans(2);
  assertOrder(spans);
  assertOrder(await plain.waitForSpans(2));
  await assertQuiet(app);

  const [request] = backend.requests;
  assert.equal(request?.contentType, 'application/x-protobuf');
  const wire = new Map<string, string>();
  const raw = request?.rawHeaders ?? [];
  for (let i = 0; i < raw.length; i += 2) wire.set(raw[i] ?? '', raw[i + 1] ?? '');
  // As they are written on the wire, in lower case.
  assert.equal(wire.get('authorization'), 'arize-key');
  assert.equal(wire.get('api_key'), 'arize-key');
  assert.equal(wire.get('arize-api-key'), 'arize-key');
  assert.equal(wire.get('arize-space-id'), SPACE);
  assert.equal(wire.get('space_id'), SPACE);
  assert.ok(wire.get('arize-interface'));

  const server = spanNamed(spans, 'GET');
  for (const name of ['openinference.project.name', 'model_id', 'arize.project.name']) {
    assert.equal(server.resource[name], 'checkout', name);
  }
  for (const span of spans) assert.equal(span.attributes['openinference.span.kind'], 'CHAIN');
  const metadata = metadataOf(server);
  assert.equal(metadata['order.id'], 'o-1');
  assert.equal(metadata['order.items'], 3);
  assert.equal(metadata['http.request.method'], 'GET');
  assert.deepEqual(server.attributes['tag.tags'], ['vip', 'eu']);
  assert.equal(server.attributes['session.id'], 's-3');
  assert.equal(server.attributes['user.id'], 'u-7');
  assert.equal(metadataOf(spanNamed(spans, 'charge'))['charge.cents'], 1999);

  for (const span of plain.spans()) {
    assert.equal(span.attributes['openinference.span.kind'], undefined);
    assert.equal(span.attributes.metadata, undefined);
    for (const name of ['openinference.project.name', 'model_id', 'arize.project.name']) {
      assert.equal(span.resource[name], undefined, name);
    }
  }
  for (const { headers } of plain.requests) {
    assert.equal(JSON.stringify(headers).includes('arize'), false, 'its key is for Arize only');
  }
  // The same spans, not twins of them.
  const ids = (all: ReceivedSpan[]): string[] => all.map(({ spanId }) => spanId).sort();
  assert.deepEqual(ids(spans), ids(plain.spans()));
  await Promise.all([backend.close(), plain.close()]);
});

test('the older ARIZE_SPACE_KEY still works, with a word of warning', async () => {
  const backend = await startOtlpReceiver();
  const app = await runShop({ ...arize(backend), ARIZE_SPACE_ID: '', ARIZE_SPACE_KEY: 'space-key' });
  await order(app);
  await backend.waitForSpans(2);
  assert.equal(backend.requests[0]?.headers.space_id, 'space-key');
  await app.stop();
  const [warning, ...more] = lines(app);
  assert.deepEqual(more, []);
  assert.match(warning ?? '', /ARIZE_SPACE_ID/);
  assert.equal(app.stderr().includes('space-key'), false);
  await backend.close();
});

test('half of Arize: said at the start, and the rest works', async () => {
  const plain = await startOtlpReceiver();
  const app = await runShop({ ARIZE_API_KEY: 'arize-key', OTEL_EXPORTER_OTLP_ENDPOINT: plain.url });
  await order(app);
  assertOrder(await plain.waitForSpans(2));
  await app.stop();
  assert.match(lines(app)[0] ?? '', /ARIZE_SPACE_ID is missing/);
  await plain.close();
});

test('Phoenix by its own variables', async () => {
  const backend = await startOtlpReceiver();
  const app = await runShop({
    PHOENIX_COLLECTOR_ENDPOINT: backend.url,
    PHOENIX_API_KEY: 'phoenix-key',
    PHOENIX_PROJECT: 'checkout',
    PHOENIX_CLIENT_HEADERS: 'x-tenant=t%201',
  });
  await order(app);
  const spans = await backend.waitForSpans(2);
  assertOrder(spans);
  const [request] = backend.requests;
  assert.equal(request?.headers.authorization, 'Bearer phoenix-key');
  assert.equal(request?.headers['x-tenant'], 't 1');
  assert.equal(spans[0]?.resource['openinference.project.name'], 'checkout');
  assert.equal(metadataOf(spanNamed(spans, 'charge'))['charge.cents'], 1999);
  await assertQuiet(app);
  await backend.close();
});

test('several at once: each gets everything, and a dead one harms nobody', async () => {
  const [backend, phoenix, grpc] = await Promise.all([
    startOtlpReceiver(),
    startOtlpReceiver(),
    startGrpcReceiver(),
  ]);
  const env = {
    ...arize(backend),
    PHOENIX_COLLECTOR_ENDPOINT: phoenix.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: grpc.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_EXPORTER: 'otlp,console',
    // Nobody listens there.
    JAEGER_HOST: '127.0.0.1:1',
  };
  const app = await runShop(env);
  for (let n = 0; n < 20; n++) await order(app, `o-${n}`);
  const all = await Promise.all([backend, phoenix, grpc].map((receiver) => receiver.waitForSpans(40)));
  const ids = all.map((spans) => spans.map(({ spanId }) => spanId).sort());
  assert.equal(new Set(ids[0]).size, 40);
  assert.deepEqual(ids[1], ids[0]);
  assert.deepEqual(ids[2], ids[0]);
  await app.stop();
  assert.equal(app.stderr().split('└─ charge').length - 1, 20, 'the terminal has all of them');
  const complaints = app.stderr().match(/\[canvasops\] Jaeger, .*/g) ?? [];
  assert.match(complaints[0] ?? '', /http:\/\/127\.0\.0\.1:1.*ECONNREFUSED/);
  assert.equal(app.stdout(), `listening ${app.port}\n`);
  await Promise.all([backend.close(), phoenix.close(), grpc.close()]);
});

test('one that never answers holds up neither the others nor the end', async () => {
  const [slow, quick] = await Promise.all([
    startOtlpReceiver({ answer: { hang: true } }),
    startOtlpReceiver(),
  ]);
  const app = await runShop({ PHOENIX_COLLECTOR_ENDPOINT: slow.url, OTEL_EXPORTER_OTLP_ENDPOINT: quick.url });
  await order(app);
  assertOrder(await quick.waitForSpans(2));
  await slow.waitForRequests(1);
  await order(app, 'o-2');
  await quick.waitForSpans(4);
  assert.deepEqual(await app.stop(), { code: null, signal: 'SIGTERM' });
  assert.match(app.stderr(), /Phoenix, .*lost/);
  await Promise.all([slow.close(), quick.close()]);
});
