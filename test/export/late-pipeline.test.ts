import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { LatePipeline } from '../../src/export/late-pipeline';
import type { Pipeline } from '../../src/export/pipeline';
import { config, otlp } from './config';
import { pipelineOf, span, testLog } from './harness';

const nowhere = config([otlp('http://127.0.0.1:1')]);

/** Counts how often the pipeline is made. */
function late(create: () => Pipeline = () => pipelineOf(nowhere).pipeline) {
  const log = testLog();
  const made: unknown[] = [];
  const pipeline = new LatePipeline({
    log,
    create: (runDetached) => {
      made.push(runDetached);
      return create();
    },
  });
  return { pipeline, made, log };
}

describe('the pipeline of a process', () => {
  it('is not made by a process that ends without a span', async () => {
    const { pipeline, made } = late();
    assert.equal(pipeline.pending, 0);
    assert.equal(pipeline.inherited, 0);
    assert.equal(await pipeline.flush(1000), true);
    assert.equal(await pipeline.finalFlush(1000), true);
    pipeline.deliverLeftovers(() => 1000, true);
    pipeline.reportEnd();
    assert.equal(made.length, 0);
  });

  it('is made once, by the first span', async () => {
    const { pipeline, made } = late();
    for (let i = 0; i < 3; i++) pipeline.onEnd(span(i));
    assert.equal(made.length, 1);
    assert.equal(pipeline.pending, 3);
    await pipeline.shutdown(0);
  });

  it('is made by who asks for its numbers, which name all destinations', () => {
    const { pipeline } = late();
    assert.deepEqual(Object.keys(pipeline.stats().destinations), ['otlp']);
  });

  it('counts what ends after a shutdown without a span', async () => {
    const { pipeline } = late();
    await pipeline.shutdown(0);
    pipeline.onEnd(span(0));
    assert.deepEqual(pipeline.stats().dropped, { after_shutdown: 1 });
  });

  it('is made when a thread starts, whose spans it may have to send', async () => {
    const { pipeline, made } = late();
    const worker = new Worker('', { eval: true });
    assert.equal(made.length, 1);
    await new Promise((resolve) => worker.once('exit', resolve));
    await pipeline.shutdown(0);
  });

  it('runs in the context of the start, whichever request makes it', async () => {
    const store = new AsyncLocalStorage<string>();
    const { pipeline, made } = late();
    store.run('a request', () => pipeline.onEnd(span(0)));
    const [runDetached] = made as [(fn: () => void) => void];
    store.run('another one', () => runDetached(() => assert.equal(store.getStore(), undefined)));
    await pipeline.shutdown(0);
  });

  it('that cannot be made is told of once, and tried again ever more rarely', async () => {
    const { pipeline, made, log } = late(() => {
      throw new Error('EMFILE: too many open files');
    });
    for (let i = 0; i < 20; i++) pipeline.onEnd(span(i));
    // At the 1st, 4th, 9th and 18th span.
    assert.equal(made.length, 4);
    assert.deepEqual(log.lines, [
      'spans cannot be sent; the app goes on without: Error: EMFILE: too many open files',
    ]);
    assert.equal(await pipeline.flush(1000), false);
    const { created, dropped, destinations } = pipeline.stats();
    assert.deepEqual(
      { created, dropped, destinations },
      { created: 20, dropped: { unusable: 20 }, destinations: {} },
    );
    await pipeline.shutdown(1000);
  });

  it('is there again when files can be opened again', async () => {
    let fails = true;
    const { pipeline } = late(() => {
      if (fails) throw new Error('EMFILE: too many open files');
      return pipelineOf(nowhere).pipeline;
    });
    pipeline.onEnd(span(0));
    fails = false;
    for (let i = 1; i < 5; i++) pipeline.onEnd(span(i));
    assert.equal(pipeline.pending, 2);
    const counts = { created: 5, delivered: 0, dropped: { unusable: 3 }, pending: 2 };
    assert.deepEqual(pipeline.stats(), { ...counts, destinations: { otlp: counts } });
    await pipeline.shutdown(0);
  });
});
