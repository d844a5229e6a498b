/** What is said where a backend is reached in the wrong way, and that doing what is said helps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGrpcReceiver } from '../helpers/grpc-receiver';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';
import { assertOrder, assertQuiet, order, runShop } from './shop-app';

/** The advice is a setting as one writes it. */
const settingIn = (text: string, variable: string): Record<string, string> => {
  const value = new RegExp(`write ${variable}=(\\S+?)[.;,]? `).exec(text)?.[1];
  assert.ok(value, text);
  return { [variable]: value };
};

const ways = [
  {
    variable: 'PHOENIX_COLLECTOR_ENDPOINT',
    written: (port: number) => `http://127.0.0.1:${port}`,
    usual: '6006',
  },
  { variable: 'JAEGER_HOST', written: (port: number) => `127.0.0.1:${port}`, usual: '4318' },
];

for (const { variable, written, usual } of ways) {
  test(`${variable} on an unusual gRPC port: the advice is what this destination reads`, async () => {
    const receiver = await startGrpcReceiver();
    const wrong = await runShop({ [variable]: written(receiver.port) });
    await order(wrong);
    await wrong.waitForOutput('not in HTTP/1.1');
    await wrong.stop();
    const said = wrong.stderr();
    assert.ok(said.includes(`(${usual} as a rule)`), said);
    assert.doesNotMatch(said, /OTEL_EXPORTER_OTLP_PROTOCOL/);

    const right = await runShop(settingIn(said, variable));
    await order(right);
    assertOrder(await receiver.waitForSpans(2));
    await assertQuiet(right);
    await receiver.close();
  });

  test(`${variable} with grpc:// on an HTTP port: the advice is what this destination reads`, async () => {
    const receiver = await startOtlpReceiver();
    const wrong = await runShop({ [variable]: `grpc://127.0.0.1:${receiver.port}` });
    await order(wrong);
    await wrong.waitForOutput('not in HTTP/2');
    await wrong.stop();

    const right = await runShop(settingIn(wrong.stderr(), variable));
    await order(right);
    assertOrder(await receiver.waitForSpans(2));
    await right.stop();
    await receiver.close();
  });

  test(`OTEL_EXPORTER_OTLP_COMPRESSION reaches ${variable}, over HTTP and gRPC`, async () => {
    const gzip = { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' };
    const http = await startOtlpReceiver();
    const overHttp = await runShop({ ...gzip, [variable]: written(http.port) });
    await order(overHttp);
    assertOrder(await http.waitForSpans(2));
    assert.equal(http.requests[0]?.contentEncoding, 'gzip');
    await overHttp.stop();

    const grpc = await startGrpcReceiver();
    const overGrpc = await runShop({ ...gzip, [variable]: `grpc://127.0.0.1:${grpc.port}` });
    await order(overGrpc);
    assertOrder(await grpc.waitForSpans(2));
    assert.equal(grpc.requests[0]?.encoding, 'gzip');
    await assertQuiet(overGrpc);
    await Promise.all([http.close(), grpc.close()]);
  });
}

const refusal = (receiver: OtlpReceiver, env: Record<string, string>) => {
  receiver.answer({ status: 415 });
  return runToExit({ entry: 'fixtures/programs/large-span.cjs', env });
};

test('a backend that takes no gzip: the compression is named, for Phoenix only that', async () => {
  const receiver = await startOtlpReceiver();
  const gzip = { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' };
  const phoenix = await refusal(receiver, { ...gzip, PHOENIX_COLLECTOR_ENDPOINT: receiver.url });
  assert.match(phoenix.stderr, /set OTEL_EXPORTER_OTLP_COMPRESSION=none\./);
  const otlp = await refusal(receiver, { ...gzip, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  assert.match(otlp.stderr, /set OTEL_EXPORTER_OTLP_COMPRESSION=none, or try .*http\/json/);
  await receiver.close();
});

const tooLarge =
  /one span, `import`, takes 5\.0 MiB, 5\.0 MiB of it in its attribute `import\.rows`.*OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT.*a smaller batch does not help/;

test('one span above the limit of a gRPC server is named, with what in it is so large', async () => {
  const receiver = await startGrpcReceiver({ maxMessageBytes: 4 * 1024 * 1024 });
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  const { code, stderr } = await runToExit({ entry: 'fixtures/programs/large-span.cjs', env });
  assert.equal(code, 0);
  assert.match(stderr, /RESOURCE_EXHAUSTED/);
  assert.match(stderr, tooLarge);
  assert.doesNotMatch(stderr, /MAX_EXPORT_BATCH_SIZE/);
  await receiver.close();
});

test('one span above the limit of an HTTP server is named, too', async () => {
  const receiver = await startOtlpReceiver({ answer: { status: 413 } });
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const { stderr } = await runToExit({ entry: 'fixtures/programs/large-span.cjs', env });
  assert.match(stderr, tooLarge);
  await receiver.close();
});

test('a limit of the length of attributes is the way out', async () => {
  const receiver = await startGrpcReceiver({ maxMessageBytes: 4 * 1024 * 1024 });
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '10000',
  };
  const { stderr } = await runToExit({ entry: 'fixtures/programs/large-span.cjs', env });
  assert.equal(stderr, '');
  assert.equal(receiver.spans().length, 2);
  await receiver.close();
});
