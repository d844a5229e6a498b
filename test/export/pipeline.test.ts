import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { after, before, describe, it } from 'node:test';
import type { Destination } from '../../src/config/types';
import { LatePipeline } from '../../src/export/late-pipeline';
import { createPipeline } from '../../src/export/pipeline';
import type { Batch, SendResult, Transport } from '../../src/export/types';
import { startGrpcReceiver } from '../helpers/grpc-receiver';
import { type Answer, startOtlpReceiver } from '../helpers/otlp-receiver';
import { pick, seeded } from '../otlp/random-span';
import { config, otlp } from './config';
import { type AnySpan, isConserved, pipelineOf, resource, span, stayAlive, testLog, until } from './harness';

let mayEnd: () => void;
before(() => {
  mayEnd = stayAlive();
});
after(() => mayEnd());

const ok: SendResult = { outcome: 'delivered', rejected: 0, status: '200' };
const again: Extract<SendResult, { outcome: 'retry' }> = {
  outcome: 'retry',
  reason: 'busy',
  fix: 'wait',
  status: '503',
};
const refused: SendResult = { outcome: 'refused', reason: 'no', fix: 'none', status: '400' };

/** A transport that does what a function says, and remembers. */
class Fake implements Transport {
  readonly batches: Batch[] = [];
  underWay = 0;
  mostUnderWay = 0;
  closed = false;
  private readonly answer: (batch: Batch, index: number) => SendResult | Promise<SendResult>;

  constructor(answer: (batch: Batch, index: number) => SendResult | Promise<SendResult>) {
    this.answer = answer;
  }

  async send(batch: Batch): Promise<SendResult> {
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    const index = this.batches.push(batch) - 1;
    await new Promise((resolve) => setTimeout(resolve, 1));
    try {
      return await this.answer(batch, index);
    } finally {
      this.underWay--;
    }
  }

  close(): void {
    this.closed = true;
  }
}

const destination = otlp('http://127.0.0.1:1/v1/traces');

describe('the pipeline', () => {
  it('sends a batch when it is big enough, or old enough', async () => {
    const fake = new Fake(() => ok);
    const { pipeline } = pipelineOf(
      config([destination], { scheduleDelayMs: 20, maxBatchSize: 10 }),
      () => () => fake,
    );
    for (let i = 0; i < 25; i++) pipeline.onEnd(span(i));
    await until(() => pipeline.pending === 0, 'all 25');
    assert.deepEqual(
      fake.batches.map(({ spanCount }) => spanCount),
      [10, 10, 5],
    );
    pipeline.onEnd(span(25, { attrs: ['text', 'x'.repeat(600_000)] }));
    await until(() => pipeline.pending === 0, 'the big one');
    assert.equal(fake.batches.length, 4);
    assert.deepEqual(pipeline.stats(), {
      created: 26,
      delivered: 26,
      dropped: {},
      pending: 0,
      destinations: { otlp: { created: 26, delivered: 26, dropped: {}, pending: 0 } },
    });
    await pipeline.shutdown(1000);
    assert.equal(fake.closed, true);
  });

  it('encodes once per form, and shares the bytes', async () => {
    const fakes: Record<string, Fake> = {};
    const destinations: Destination[] = [
      destination,
      otlp('http://127.0.0.1:2', { id: 'second', protocol: 'grpc' }),
      otlp('http://127.0.0.1:3', { id: 'json', protocol: 'http/json' }),
      otlp('http://127.0.0.1:4', { id: 'arize', dialect: 'openinference' }),
      { id: 'console', label: 'Terminal', transport: 'console' },
    ];
    const { pipeline } = pipelineOf(config(destinations), () => ({ id }) => {
      fakes[id] = new Fake(() => ok);
      return fakes[id];
    });
    for (let i = 0; i < 3; i++) pipeline.onEnd(span(i));
    assert.equal(await pipeline.flush(5000), true);
    const sent = (id: string): Batch => fakes[id]?.batches[0] as Batch;
    assert.equal(sent('otlp'), sent('second'));
    assert.deepEqual(
      ['otlp', 'json', 'arize', 'console'].map((id) => sent(id).form),
      ['protobuf', 'json', 'protobuf+openinference', 'spans'],
    );
    assert.equal(sent('console').spans.length, 3);
    await pipeline.shutdown(0);
  });

  it('works outside of the requests of the app, unseen by our tracing', async () => {
    const store = new AsyncLocalStorage<string>();
    const suppression = new AsyncLocalStorage<boolean>();
    const seen: unknown[] = [];
    const look = (): SendResult => {
      seen.push(store.getStore(), suppression.getStore());
      return seen.length < 4 ? again : ok;
    };
    const fake = new Fake(look);
    const log = testLog();
    const pipeline = new LatePipeline({
      log,
      create: (runDetached) =>
        createPipeline(config([destination], { scheduleDelayMs: 5 }), resource, {
          log,
          loadTransport: () => () => fake,
          runDetached: (fn) => runDetached(() => suppression.run(true, fn)),
          workerFile: '',
          now: performance.now.bind(performance),
        }),
    });
    await store.run('a request', async () => {
      pipeline.onEnd(span(0));
      await until(() => seen.length === 4, 'the second attempt');
      pipeline.onEnd(span(1));
      await pipeline.flush(1000);
      assert.equal(store.getStore(), 'a request');
    });
    assert.deepEqual(seen, [undefined, true, undefined, true, undefined, true]);
    await pipeline.shutdown(0);
  });

  it('loses none of 50,000 spans that end in one tick', async () => {
    const receiver = await startOtlpReceiver();
    const { pipeline, log } = pipelineOf(config([otlp(`${receiver.url}/v1/traces`)]));
    for (let i = 0; i < 50_000; i++) pipeline.onEnd(span(i));
    assert.equal(pipeline.stats().pending, 50_000);
    assert.equal(await pipeline.flush(60_000), true);
    assert.equal(pipeline.stats().delivered, 50_000);
    assert.equal(new Set(receiver.spans().map(({ spanId }) => spanId)).size, 50_000);
    assert.deepEqual(log.lines, []);
    assert.ok(receiver.connectionCount <= 4);
    await pipeline.shutdown(0);
    await receiver.close();
  });

  it('keeps what fits while the backend is away, and sends it when it is back', async () => {
    const first = await startOtlpReceiver();
    const { port, url } = first;
    await first.close();
    const { pipeline, log } = pipelineOf(
      config([otlp(`${url}/v1/traces`)], { maxBatchSize: 100, scheduleDelayMs: 10 }),
    );
    for (let i = 0; i < 3000; i++) pipeline.onEnd(span(i));
    await until(() => log.lines.length > 0, 'the first failure');
    const receiver = await startOtlpReceiver({ port });
    await until(() => pipeline.pending === 0, 'all delivered');
    assert.equal(new Set(receiver.spans().map(({ spanId }) => spanId)).size, 3000);
    assert.equal(pipeline.stats().delivered, 3000);
    assert.equal(log.lines.length, 2);
    assert.match(log.lines[0] ?? '', /nobody listens.*3000 spans kept/);
    assert.match(log.lines[1] ?? '', /works again/);
    await pipeline.shutdown(0);
    await receiver.close();
  });

  it('drops the oldest when the queue is full, and counts them', async () => {
    for (const caps of [{ maxQueueBytes: 20_000 }, { maxQueueSize: 150 }]) {
      let away = true;
      const fake = new Fake(() => (away ? again : ok));
      const { pipeline, log } = pipelineOf(
        config([destination], { maxBatchSize: 10, ...caps }),
        () => () => fake,
      );
      for (let i = 0; i < 1000; i++) pipeline.onEnd(span(i));
      await pipeline.flush(20);
      const { dropped, pending } = pipeline.stats();
      assert.ok(pending > 100 && pending < 300, `${pending} pending`);
      assert.deepEqual(dropped, { queue_full: 1000 - pending });
      assert.ok(log.lines.some((line) => /queue is full|nobody|busy/.test(line)));
      away = false;
      assert.equal(await pipeline.flush(5000), true);
      assert.equal(pipeline.stats().delivered, pending);
      assert.ok(isConserved(pipeline.stats()));
      await pipeline.shutdown(0);
    }
  });

  it('opens more connections for a backlog only, and only where it may', async () => {
    const run = async (target: Destination, batches: number): Promise<number> => {
      const fake = new Fake(() => ok);
      const { pipeline } = pipelineOf(config([target], { maxBatchSize: 1 }), () => () => fake);
      for (let i = 0; i < batches; i++) pipeline.onEnd(span(i, { attrs: ['text', 'x'.repeat(300_000)] }));
      assert.equal(await pipeline.flush(10_000), true);
      await pipeline.shutdown(0);
      return fake.mostUnderWay;
    };
    assert.equal(await run(destination, 3), 1);
    assert.equal(await run(destination, 30), 4);
    assert.equal(
      await run({ id: 'c', label: 'Custom', transport: 'custom', module: 'x', timeoutMs: 100 }, 30),
      1,
    );
  });

  it('gives up a batch that fails again and again while others get through', async () => {
    const fake = new Fake((batch) => (batch.spans[0]?.name === 'span 3' ? again : ok));
    const custom: Destination = {
      id: 'c',
      label: 'Custom',
      transport: 'custom',
      module: 'x',
      timeoutMs: 100,
    };
    const { pipeline, log } = pipelineOf(config([custom], { maxBatchSize: 1 }), () => () => fake);
    for (let i = 0; i < 10; i++) pipeline.onEnd(span(i));
    for (let i = 10; pipeline.stats().dropped.retries_exhausted === undefined && i < 1000; i++) {
      pipeline.onEnd(span(i));
      await pipeline.flush(10);
    }
    await pipeline.flush(1000);
    const { created, delivered, dropped } = pipeline.stats();
    assert.deepEqual(dropped, { retries_exhausted: 1 });
    assert.equal(delivered, created - 1);
    assert.match(log.lines[0] ?? '', /busy/);
    await pipeline.shutdown(0);
  });

  it('does what a flush promises', async () => {
    let answer: SendResult = ok;
    const fake = new Fake(() => answer);
    const { pipeline } = pipelineOf(config([destination]), () => () => fake);
    assert.equal(await pipeline.flush(1000), true);
    pipeline.onEnd(span(0));
    assert.equal(await pipeline.flush(1000), true);
    answer = again;
    pipeline.onEnd(span(1));
    assert.equal(await pipeline.flush(30), false);
    answer = ok;
    assert.equal(await pipeline.flush(1000), true, 'a flush does not wait for the back-off');
    answer = refused;
    pipeline.onEnd(span(2));
    assert.equal(await pipeline.flush(1000), false);
    answer = { ...again, retryAfterMs: 60_000 };
    pipeline.onEnd(span(3));
    assert.equal(await pipeline.flush(30), false);
    answer = ok;
    const attempts = fake.batches.length;
    assert.equal(await pipeline.flush(30), false, 'a flush does wait when the backend asks for it');
    assert.equal(fake.batches.length, attempts);
    await pipeline.shutdown(30);
    pipeline.onEnd(span(4));
    assert.deepEqual(pipeline.stats().dropped, { refused: 1, exit: 1, after_shutdown: 1 });
    assert.ok(isConserved(pipeline.stats()));
    const nobody = pipelineOf(config([])).pipeline;
    nobody.onEnd(span(0));
    assert.equal(await nobody.flush(1000), true);
    await nobody.shutdown(0);
  });

  it('waits in a flush only for what ended before it', async () => {
    const fake = new Fake(() => ok);
    const { pipeline } = pipelineOf(config([destination], { maxBatchSize: 1 }), () => () => fake);
    let busy = true;
    let ended = 0;
    const app = (): void => {
      for (let i = 0; i < 5; i++) pipeline.onEnd(span(ended++, { attrs: ['text', 'x'.repeat(300_000)] }));
      if (busy) setTimeout(app, 1);
    };
    app();
    assert.equal(await pipeline.flush(10_000), true);
    busy = false;
    await pipeline.flush(10_000);
    await pipeline.shutdown(0);
  });

  it('survives a last call that was not the last', async () => {
    let answer: SendResult = again;
    const fake = new Fake(() => answer);
    const { pipeline } = pipelineOf(config([destination]), () => () => fake);
    pipeline.onEnd(span(0));
    assert.equal(await pipeline.finalFlush(5000), false);
    assert.equal(fake.batches.length, 1, 'one attempt');
    answer = ok;
    pipeline.onEnd(span(1));
    assert.equal(await pipeline.flush(5000), true);
    assert.equal(pipeline.stats().delivered, 2);
    await pipeline.shutdown(0);
  });

  it('is not disturbed by what cannot be loaded, throws, or cannot be encoded', async () => {
    const fakes: Record<string, () => Transport> = {
      otlp: () => new Fake(() => ok),
      missing: () => {
        throw new Error('no such chunk');
      },
      throwing: () => new Fake(() => Promise.reject(new Error('broken promise'))),
    };
    const destinations = ['otlp', 'missing', 'throwing'].map((id) => otlp('http://127.0.0.1:1', { id }));
    const { pipeline, log } = pipelineOf(
      config(destinations),
      () =>
        ({ id }) =>
          (fakes[id] as () => Transport)(),
    );
    const hostile = span(1);
    Object.defineProperty(hostile, 'attrs', {
      get: () => {
        throw new Error('hostile');
      },
    });
    for (const item of [span(0), hostile, span(2)]) pipeline.onEnd(item as AnySpan);
    assert.equal(await pipeline.flush(1000), false);
    const { destinations: stats } = pipeline.stats();
    assert.deepEqual(stats.otlp, { created: 3, delivered: 2, dropped: { encode_failed: 1 }, pending: 0 });
    assert.deepEqual(stats.missing?.dropped, { encode_failed: 1, unusable: 2 });
    assert.deepEqual(stats.throwing?.dropped, { encode_failed: 1, refused: 2 });
    assert.ok(log.lines.some((line) => line.includes('no such chunk')));
    await pipeline.shutdown(0);
  });

  it('accounts for every span, whatever the backends do', async () => {
    const random = seeded(42);
    const http = await startOtlpReceiver();
    const json = await startOtlpReceiver();
    const grpc = await startGrpcReceiver();
    const rejecting = new Map<string, number>();
    const answers: (() => Answer)[] = [
      ...Array.from({ length: 10 }, () => () => ({})),
      () => ({ delayMs: 5 }),
      () => ({ status: 503 }),
      () => ({ status: 429 }),
      () => ({ status: 400 }),
      () => ({ status: 307, headers: { location: 'http://127.0.0.1:1/' } }),
      () => ({ reset: true }),
      () => ({ hang: true }),
      () => ({ body: Buffer.alloc(200_000, 0x7b), headers: { 'content-type': 'application/json' } }),
      () => ({ body: 'garbage' }),
    ];
    const chaos = (id: string) => (): Answer => {
      if (random() < 0.1) {
        rejecting.set(id, (rejecting.get(id) ?? 0) + 3);
        return { partialSuccess: { rejectedSpans: 3, errorMessage: 'three of them' } };
      }
      return pick(random, answers)();
    };
    http.answer(chaos('otlp'));
    json.answer(chaos('json'));
    grpc.answer(() => {
      const answer = chaos('grpc')();
      if (answer.status !== undefined || answer.reset) return { code: pick(random, [14, 4, 3, 8]) };
      return { partialSuccess: answer.partialSuccess, hang: answer.hang };
    });
    const { pipeline } = pipelineOf(
      config(
        [
          otlp(`${http.url}/v1/traces`, { timeoutMs: 60 }),
          otlp(`${json.url}/v1/traces`, {
            id: 'json',
            protocol: 'http/json',
            compression: 'gzip',
            timeoutMs: 60,
          }),
          otlp(grpc.url, { id: 'grpc', protocol: 'grpc', timeoutMs: 60 }),
        ],
        { maxBatchSize: 50, maxQueueBytes: 100_000, scheduleDelayMs: 3 },
      ),
    );
    const stats = () => Object.values(pipeline.stats().destinations);
    for (let i = 0; i < 20_000; i++) {
      pipeline.onEnd(span(i));
      if (i % 500 !== 0) continue;
      await pipeline.flush(15);
      assert.ok(stats().every(isConserved), JSON.stringify(pipeline.stats()));
    }
    for (let i = 0; i < 500 && pipeline.pending > 0; i++) await pipeline.flush(100);
    const { destinations, ...totals } = pipeline.stats();
    for (const [id, received] of Object.entries({
      otlp: http.spans(),
      json: json.spans(),
      grpc: grpc.spans(),
    })) {
      const one = destinations[id];
      assert.ok(one !== undefined && isConserved(one) && one.pending === 0, JSON.stringify(one));
      assert.equal(one.created, 20_000);
      assert.ok((one.dropped.rejected ?? 0) <= (rejecting.get(id) ?? 0));
      // What timed out here may have been taken there: that, and nothing else, is there but not counted.
      const distinct = new Set(received.map(({ spanId }) => spanId)).size;
      assert.ok(
        distinct >= one.delivered + (one.dropped.rejected ?? 0),
        `${id}: ${distinct} of ${one.delivered}`,
      );
    }
    assert.ok(isConserved(totals));
    await pipeline.shutdown(0);
    await Promise.all([http.close(), json.close(), grpc.close()]);
  });
});
