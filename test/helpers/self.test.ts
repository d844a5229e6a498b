/**
 * The helpers against independent senders: each receiver has to understand what somebody else's code
 * says, and has to complain about what is wrong. A helper that cannot fail proves nothing.
 */
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { retryInfo, startGrpcReceiver } from './grpc-receiver';
import { startOtlpReceiver } from './otlp-receiver';
import { grpcSend, officialSend, thriftBatch } from './senders';
import type { ReceivedSpan } from './span';
import { startThriftUdpReceiver } from './thrift-udp-receiver';
import { makeCertificates } from './tls';
import { assertTree, checkTraces, drawTree, oneTrace, spanNamed } from './tree';

function assertOfficialSpans(spans: ReceivedSpan[]): void {
  const tree = `
    server parent  half=0.5  list=["a","b"]
      client child  [error]  !exception
  `;
  assertTree(spans, tree, { attributes: ['half', 'list'], events: true });
  const parent = spanNamed(spans, 'parent');
  const child = spanNamed(spans, 'child');
  assert.deepEqual(parent.attributes, { text: 'äöü', whole: 42, half: 0.5, yes: true, list: ['a', 'b'] });
  assert.deepEqual(parent.scope, { name: 'official', version: '1.2.3', attributes: {} });
  assert.equal(parent.resource['telemetry.sdk.name'], 'opentelemetry');
  assert.equal(parent.links[0]?.traceId, '0123456789abcdef0123456789abcdef');
  assert.deepEqual(parent.links[0]?.attributes, { why: 'test' });
  assert.equal(parent.flags & 1, 1);
  assert.deepEqual(child.status, { code: 'error', message: 'too far' });
  assert.equal(child.events[0]?.attributes['exception.type'], 'RangeError');
  // Each span of the official SDK has a clock of its own, so they are not compared with each other.
  for (const { startNs, endNs } of [parent, child])
    assert.ok(endNs >= startNs && startNs > 1_700_000_000n * 10n ** 9n);
}

for (const form of ['proto', 'json'] as const) {
  for (const compression of ['none', 'gzip'] as const) {
    test(`the OTLP receiver decodes the official ${form} exporter, ${compression}`, async () => {
      const receiver = await startOtlpReceiver();
      await officialSend(form, `${receiver.url}/v1/traces`, [compression]);
      assertOfficialSpans(await receiver.waitForSpans(2));
      const [request] = receiver.requests;
      assert.equal(request?.contentEncoding, compression === 'none' ? '' : 'gzip');
      assert.equal(request?.contentType, form === 'json' ? 'application/json' : 'application/x-protobuf');
      await receiver.close();
    });
  }
}

test('the OTLP receiver answers what it is told, and the official exporter believes it', async () => {
  const receiver = await startOtlpReceiver();
  receiver.answerNext({ status: 503, headers: { 'retry-after': '0' } }, { reset: true }, { delayMs: 5 });
  await officialSend('proto', `${receiver.url}/v1/traces`);
  await receiver.waitForSpans(2);
  assert.ok(
    receiver.requests.length >= 4,
    `${receiver.requests.length} requests: both refusals are sent again`,
  );
  await receiver.close();
});

test('the OTLP receiver refuses what a backend would refuse', async () => {
  const post = (url: string, type: string, body: string): Promise<Response> =>
    fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
  const span = {
    traceId: 'ab'.repeat(16),
    spanId: 'cd'.repeat(8),
    name: 'x',
    startTimeUnixNano: '1',
    endTimeUnixNano: '2',
  };
  const json = (change: object): string =>
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, ...change }] }] }] });
  const bad = [
    '{',
    json({ traceId: 'ab' }),
    json({ start_time: '1' }),
    json({ endTimeUnixNano: 2 }),
    json({ kind: 9 }),
  ];
  for (const body of bad) {
    const receiver = await startOtlpReceiver();
    assert.equal((await post(`${receiver.url}/v1/traces`, 'application/json', body)).status, 400, body);
    assert.throws(() => receiver.spans(), /undecodable/);
    await receiver.close();
  }
  const receiver = await startOtlpReceiver();
  assert.equal((await post(`${receiver.url}/v1/traces/v1/traces`, 'application/json', json({}))).status, 404);
  assert.equal((await post(`${receiver.url}/v1/traces`, 'application/json', json({}))).status, 200);
  assert.equal(receiver.spans().length, 1);
  assert.equal(
    (await post(`${receiver.url}/v1/traces`, 'application/x-protobuf', 'not protobuf')).status,
    400,
  );
  assert.throws(() => receiver.spans(), /undecodable/);
  await receiver.close();
});

test('the gRPC receiver decodes the official exporter', async () => {
  const receiver = await startGrpcReceiver();
  await officialSend('grpc', receiver.url, ['gzip']);
  assertOfficialSpans(await receiver.waitForSpans(2));
  assert.equal(receiver.requests[0]?.encoding, 'gzip');
  await receiver.close();
});

test('the gRPC receiver answers what it is told, and refuses what it cannot decode', async () => {
  const receiver = await startGrpcReceiver();
  const details = retryInfo(status.RESOURCE_EXHAUSTED, 3);
  receiver.answerNext({ code: status.RESOURCE_EXHAUSTED, trailers: { 'grpc-status-details-bin': details } });
  const refused = await grpcSend(receiver.port, Buffer.alloc(0));
  assert.equal(refused?.code, status.RESOURCE_EXHAUSTED);
  assert.deepEqual(refused?.metadata.get('grpc-status-details-bin'), [details]);
  assert.equal(await grpcSend(receiver.port, Buffer.alloc(0)), null);
  assert.equal((await grpcSend(receiver.port, Buffer.from('not protobuf')))?.code, status.INVALID_ARGUMENT);
  assert.throws(() => receiver.spans(), /undecodable/);
  await receiver.close();
});

test('the gRPC receiver speaks TLS to those who trust it', async () => {
  const certificates = makeCertificates();
  const receiver = await startGrpcReceiver({ tls: certificates.server });
  const env = { OTEL_EXPORTER_OTLP_CERTIFICATE: certificates.caFile };
  await officialSend('grpc', receiver.url.replace('127.0.0.1', 'localhost'), [], env);
  assertOfficialSpans(await receiver.waitForSpans(2));
  await receiver.close();
  certificates.remove();
});

test('the UDP receiver decodes what the thrift package writes, and nothing else', async () => {
  const receiver = await startThriftUdpReceiver();
  const socket = dgram.createSocket('udp4');
  socket.send(thriftBatch(), receiver.port, receiver.host);
  const [span] = await receiver.waitForSpans(1);
  assert.equal(span?.operationName, 'a job');
  assert.equal(span?.service, 'shop');
  assert.equal(span?.traceId, '00000000000000010000000000000002');
  assert.equal(span?.parentSpanId, '');
  assert.equal(span?.startMicros, 1_700_000_000_000_001n);
  assert.deepEqual(span?.tags, { answer: 42 });
  socket.send(thriftBatch().subarray(0, -3), receiver.port, receiver.host);
  await assert.rejects(receiver.waitForSpans(2), /undecodable/);
  socket.close();
  await receiver.close();
});

test('the tree complains about torn traces', async () => {
  const receiver = await startOtlpReceiver();
  await officialSend('json', `${receiver.url}/v1/traces`);
  const spans = await receiver.waitForSpans(2);
  await receiver.close();
  assert.equal(drawTree(spans), 'server parent\n  client child  [error]');
  const child = spanNamed(spans, 'child');
  assert.equal(oneTrace(spans).length, 2);
  assert.throws(() => checkTraces([child]), /orphan/);
  assert.throws(() => checkTraces([...spans, child]), /same span id/);
  const other = { ...child, spanId: 'f'.repeat(16), parentSpanId: '', traceId: 'e'.repeat(32) };
  assert.throws(() => oneTrace([...spans, other]), /2 traces/);
  assert.throws(() => assertTree(spans, 'server parent'), assert.AssertionError);
});
