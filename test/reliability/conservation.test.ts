/**
 * Every span is delivered or counted as dropped, with the reason, whatever the backend does: created = delivered +
 * dropped, to the span, by the app's own `getStats()` and by what a receiver decoded.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retryInfo, startGrpcReceiver } from '../helpers/grpc-receiver';
import { type Answer, startOtlpReceiver } from '../helpers/otlp-receiver';
import { account, assertConserved, type Step } from './conservation';
import { answerWith, resetAfter, startFaultyProxy } from './faulty-proxy';

const UNAVAILABLE = 14;
const RESOURCE_EXHAUSTED = 8;
const endpoint = (url: string): Record<string, string> => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
/** Three requests, one after the other, then enough time for whatever is tried again. */
const threeBatches: Step[] = [
  { spans: 100 },
  { flush: 2000 },
  { spans: 100 },
  { flush: 2000 },
  { spans: 100 },
  { flush: 15_000 },
];

describe('a burst in one tick', () => {
  it('of 50,000 spans is delivered as a whole', async () => {
    const receiver = await startOtlpReceiver();
    const told = await account([{ spans: 50_000 }, { flush: 60_000 }], endpoint(receiver.url));
    assertConserved(told, receiver.spans());
    assert.equal(told.stats.delivered, 50_000);
    await receiver.close();
  });

  it('that does not fit loses the oldest spans, and says how many', async () => {
    const receiver = await startOtlpReceiver();
    const env = { ...endpoint(receiver.url), CANVASOPS_MAX_QUEUE_BYTES: '1000000' };
    const told = await account([{ spans: 20_000 }, { flush: 60_000 }], env);
    assertConserved(told, receiver.spans());
    assert.equal(told.stats.created, 20_000);
    assert.ok((told.stats.dropped.queue_full ?? 0) > 0);
    assert.ok(
      receiver.spans().some(({ name }) => name === 'span 19999'),
      'the newest span is there',
    );
    await receiver.close();
  });
});

describe('an outage', () => {
  it('of half the time, at 500 spans per second, loses nothing', async () => {
    const first = await startOtlpReceiver();
    const { port } = first;
    await first.close();
    const back = new Promise<Awaited<ReturnType<typeof startOtlpReceiver>>>((resolve) => {
      setTimeout(() => resolve(startOtlpReceiver({ port })), 4000);
    });
    const told = await account([{ rate: 500, ms: 8000 }, { flush: 30_000 }], endpoint(first.url));
    const receiver = await back;
    assertConserved(told, receiver.spans());
    assert.equal(told.stats.delivered, 4000);
    assert.equal(told.lines.length, 2, told.lines.join('\n'));
    await receiver.close();
  });

  const away: Record<string, Answer> = {
    '503 with Retry-After': { status: 503, headers: { 'retry-after': '1' } },
    '429': { status: 429 },
    'a connection that is reset': { reset: true },
    'no answer in time': { hang: true },
  };
  for (const [what, answer] of Object.entries(away)) {
    it(`that is ${what} loses nothing`, async () => {
      const receiver = await startOtlpReceiver();
      receiver.answerNext(answer, answer);
      const env = { ...endpoint(receiver.url), OTEL_EXPORTER_OTLP_TIMEOUT: '300' };
      const told = await account(threeBatches, env);
      assertConserved(told, receiver.spans());
      assert.equal(told.stats.delivered, 300);
      await receiver.close();
    });
  }

  it('with connections cut in the middle of the body loses nothing', async () => {
    const receiver = await startOtlpReceiver();
    const cut = resetAfter(20_000);
    const proxy = await startFaultyProxy(receiver.port, (socket, index) => index < 2 && cut(socket));
    const steps = [{ spans: 400, text: 'x'.repeat(500) }, { flush: 20_000 }];
    const told = await account(steps, endpoint(proxy.url));
    assertConserved(told, receiver.spans());
    assert.equal(told.stats.delivered, 400);
    await Promise.all([proxy.close(), receiver.close()]);
  });

  const codes = {
    UNAVAILABLE: { code: UNAVAILABLE },
    'RESOURCE_EXHAUSTED with RetryInfo': {
      code: RESOURCE_EXHAUSTED,
      trailers: { 'grpc-status-details-bin': retryInfo(RESOURCE_EXHAUSTED, 1) },
    },
    'no answer in time': { hang: true },
  };
  for (const [what, answer] of Object.entries(codes)) {
    it(`over gRPC that is ${what} loses nothing`, async () => {
      const receiver = await startGrpcReceiver();
      receiver.answerNext(answer, answer);
      const env = {
        ...endpoint(receiver.url),
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_TIMEOUT: '300',
      };
      const told = await account(threeBatches, env);
      assertConserved(told, receiver.spans());
      assert.equal(told.stats.delivered, 300);
      await receiver.close();
    });
  }
});

describe('what a backend will not have', () => {
  const partialSuccess = { rejectedSpans: 7, errorMessage: 'too old' };

  it('is counted: partial success', async () => {
    const receiver = await startOtlpReceiver({ answer: { partialSuccess } });
    const told = await account(threeBatches, endpoint(receiver.url));
    assertConserved(told, receiver.spans(), 21);
    assert.deepEqual(told.stats.dropped, { rejected: 21 });
    await receiver.close();
  });

  it('is counted: partial success over gRPC', async () => {
    const receiver = await startGrpcReceiver({ answer: { partialSuccess } });
    const told = await account(threeBatches, {
      ...endpoint(receiver.url),
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    });
    assertConserved(told, receiver.spans(), 21);
    assert.deepEqual(told.stats.dropped, { rejected: 21 });
    await receiver.close();
  });

  it('is counted: one refused batch between others', async () => {
    const receiver = await startOtlpReceiver();
    receiver.answerNext({}, { status: 400 });
    const told = await account(threeBatches, endpoint(receiver.url));
    assertConserved(told, receiver.spans());
    assert.deepEqual(told.stats.dropped, { refused: 100 });
    await receiver.close();
  });

  const garbage = {
    'bytes that are no HTTP': 'these are not the bytes you are looking for\r\n\r\n',
    'half a header': 'HTTP/1.1 200 OK\r\nContent-Le',
    'a header without end': `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(200_000)}\r\n\r\n`,
    'a length that is none': 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n',
  };
  for (const [what, text] of Object.entries(garbage)) {
    it(`is counted: ${what}`, async () => {
      const proxy = await startFaultyProxy(0, answerWith(text));
      const told = await account([{ spans: 100 }, { flush: 1000 }], endpoint(proxy.url));
      assertConserved(told, []);
      assert.equal(told.stats.created, 100);
      await proxy.close();
    });
  }

  for (const type of ['application/x-protobuf', 'application/json']) {
    it(`an answer of ${type} that cannot be read says nothing against the spans`, async () => {
      const body = Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7b, 0x22, 0x00]);
      const receiver = await startOtlpReceiver({ answer: { headers: { 'content-type': type }, body } });
      const told = await account(threeBatches, endpoint(receiver.url));
      assertConserved(told, receiver.spans());
      assert.deepEqual(told.lines, []);
      await receiver.close();
    });
  }
});

describe('at level info, the last line', () => {
  it('has the totals of the only destination', async () => {
    const receiver = await startOtlpReceiver({
      answer: { partialSuccess: { rejectedSpans: 3, errorMessage: '' } },
    });
    const env = { ...endpoint(receiver.url), CANVASOPS_LOG_LEVEL: 'info' };
    const told = await account([{ spans: 50 }, { flush: 5000 }], env);
    assert.equal(told.lines.at(-1), '[canvasops] spans: created 50, delivered 47, dropped 3 (rejected 3)');
    assert.equal(told.lines.filter((line) => line.includes('created')).length, 1);
    await receiver.close();
  });

  it('has those of each of several destinations', async () => {
    const receiver = await startOtlpReceiver();
    const phoenix = await startOtlpReceiver({ answer: { status: 401 } });
    const told = await account([{ spans: 50 }, { flush: 5000 }], {
      ...endpoint(receiver.url),
      PHOENIX_COLLECTOR_ENDPOINT: phoenix.url,
      CANVASOPS_LOG_LEVEL: 'info',
    });
    assert.equal(
      told.lines.at(-1),
      '[canvasops] spans: created 50; otlp: delivered 50, dropped 0; phoenix: delivered 0, dropped 50 (refused 50)',
    );
    await Promise.all([receiver.close(), phoenix.close()]);
  });
});
