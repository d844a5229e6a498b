/** What a person reads when a backend does not take the spans: what, why, what to do, and when it is over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGrpcReceiver } from '../helpers/grpc-receiver';
import { type Answer, type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import type { RunningApp } from '../helpers/run-app';
import { lines, order, runShop } from './shop-app';

const json = { 'content-type': 'application/json' };

interface Case {
  answer: Answer;
  says: RegExp[];
}

const cases: Record<string, Case> = {
  'a wrong key': {
    answer: { status: 401, headers: json, body: '{"code":16,"message":"invalid api key"}' },
    says: [/answered 401: invalid api key/, /To fix: check the key/],
  },
  'a wrong path': {
    answer: { status: 404 },
    says: [/answered 404/, /To fix: check the path .*\/v1\/traces/],
  },
  'a bad request': { answer: { status: 400 }, says: [/answered 400/, /To fix: /] },
  'a proxy that redirects': {
    answer: { status: 307, headers: { location: 'https://login.example/' } },
    says: [/answered 307/, /To fix: redirects are not followed.*https:\/\/login\.example/],
  },
};

for (const [what, { answer, says }] of Object.entries(cases)) {
  test(`${what}: one line that says URL, status, reason and what to do`, async () => {
    const receiver = await startOtlpReceiver({ answer });
    const app = await runShop({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    for (let n = 1; n <= 5; n++) {
      await order(app);
      await receiver.waitForRequests(n);
    }
    await app.waitForOutput('To fix');
    const [line, ...more] = lines(app);
    assert.deepEqual(more, [], 'one line, however many batches fail');
    assert.ok(line?.includes(`${receiver.url}/v1/traces`), line);
    for (const pattern of says) assert.match(line ?? '', pattern);
    await end(app, receiver);
  });
}

test('a partial success is told of, and not repeated', async () => {
  const partialSuccess = { rejectedSpans: 1, errorMessage: 'span too long' };
  const receiver = await startOtlpReceiver({ answer: { partialSuccess } });
  const app = await runShop({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  await order(app);
  await app.waitForOutput('span too long');
  assert.equal(lines(app).length, 1);
  assert.match(lines(app)[0] ?? '', /without 1 span: span too long/);
  await end(app, receiver);
  assert.equal(receiver.requests.length, 1);
});

for (const [what, away] of Object.entries({
  '503': { status: 503, headers: { 'retry-after': '0' } },
  'a reset connection': { reset: true },
} satisfies Record<string, Answer>)) {
  test(`${what}: nothing is lost, and one line says that it works again`, async () => {
    const receiver = await startOtlpReceiver();
    receiver.answerNext(away, away);
    const app = await runShop({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    await order(app);
    await receiver.waitForSpans(2);
    await app.waitForOutput('works again');
    const [failure, recovery, ...more] = lines(app);
    assert.deepEqual(more, []);
    assert.match(failure ?? '', /To fix: .*2 spans kept for the next attempt/);
    assert.match(recovery ?? '', /works again after 2 failed attempts$/);
    await end(app, receiver);
    assert.equal(receiver.spans().length, 2, 'each span once');
  });
}

test('a backend that starts after the app gets what happened before', async () => {
  const first = await startOtlpReceiver();
  const { port } = first;
  await first.close();
  const app = await runShop({ OTEL_EXPORTER_OTLP_ENDPOINT: first.url });
  await order(app);
  await app.waitForOutput('ECONNREFUSED');
  assert.match(
    lines(app)[0] ?? '',
    new RegExp(`nobody listens on 127.0.0.1:${port}.*To fix: start the backend`),
  );
  const receiver = await startOtlpReceiver({ port });
  await receiver.waitForSpans(2);
  await app.waitForOutput('works again');
  await end(app, receiver);
});

test('HTTP spoken to a gRPC port, and gRPC to an HTTP port, are told apart', async () => {
  const [grpc, http] = await Promise.all([startGrpcReceiver(), startOtlpReceiver()]);
  const wrong = [
    { OTEL_EXPORTER_OTLP_ENDPOINT: grpc.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: http.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  ];
  const fixes = [
    /not in HTTP\/1\.1.*OTEL_EXPORTER_OTLP_PROTOCOL=grpc/,
    /gRPC.*OTEL_EXPORTER_OTLP_PROTOCOL=http/,
  ];
  for (const [index, env] of wrong.entries()) {
    const app = await runShop(env);
    await order(app);
    await app.waitForOutput('To fix');
    assert.match(lines(app)[0] ?? '', fixes[index] as RegExp);
    await app.stop();
  }
  await Promise.all([grpc.close(), http.close()]);
});

test('nothing configured and nobody there: one line that says what to do, once', async (context) => {
  const taken = await startOtlpReceiver({ port: 4318 }).catch(() => undefined);
  if (taken === undefined) {
    context.skip('something listens on port 4318 here');
    return;
  }
  await taken.close();
  const app = await runShop({});
  for (let n = 0; n < 3; n++) {
    await order(app);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await app.waitForOutput('OTEL_EXPORTER_OTLP_ENDPOINT');
  await app.stop();
  assert.equal(lines(app).length, 1, app.stderr());
  assert.match(lines(app)[0] ?? '', /localhost:4318.*Start one.*OTEL_TRACES_EXPORTER=none/);
});

async function end(app: RunningApp, receiver: OtlpReceiver): Promise<void> {
  await app.stop();
  assert.equal(app.stdout(), `listening ${app.port}\n`);
  await receiver.close();
}
