import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BatchQueue, type QueuedBatch } from '../../../src/export/batching/queue';
import type { Batch } from '../../../src/export/types';
import { pick, seeded } from '../../otlp/random-span';

const limits = { maxBytes: 1000, maxSpans: Number.POSITIVE_INFINITY, maxBatchBytes: 100, maxBatchSpans: 10 };

function batch(spanCount: number, bytes: number): Batch {
  return {
    form: 'protobuf',
    first: 1,
    spanCount,
    bytes,
    pieces: [new Uint8Array(bytes)],
    spans: [],
    resource: undefined,
  };
}

describe('the queue of a destination', () => {
  it('hands batches out in order', () => {
    const queue = new BatchQueue(limits);
    for (const count of [10, 9, 8]) queue.push(batch(count, 90));
    assert.deepEqual(
      [queue.take(), queue.take(), queue.take(), queue.take()].map((entry) => entry?.batch.spanCount),
      [10, 9, 8, undefined],
    );
  });

  it('joins small neighbours up to the size of a batch', () => {
    const queue = new BatchQueue(limits);
    for (let i = 0; i < 25; i++) queue.push(batch(1, 7));
    assert.equal(queue.length, 3);
    assert.equal(queue.spans, 25);
    assert.equal(queue.bytes, 175);
    assert.deepEqual(
      [10, 10, 5],
      [queue.take(), queue.take(), queue.take()].map((entry) => entry?.batch.pieces.length),
    );
  });

  it('drops the oldest when its bytes or its spans are used up, but nothing under way', () => {
    const queue = new BatchQueue({ ...limits, maxSpans: 50 });
    queue.push(batch(10, 100));
    const first = queue.take() as QueuedBatch;
    for (let i = 0; i < 4; i++) assert.equal(queue.push(batch(10, 100)), 0);
    assert.equal(queue.push(batch(9, 100)), 10);
    assert.equal(queue.spans, 49);
    assert.equal(queue.push(batch(1, 700)), 20);
    assert.equal(queue.bytes, 1000);
    assert.equal(queue.push(batch(3, 5000)), 23 - 3 + 3 - 3 + 3);
    assert.equal(queue.spans, 10);
    queue.forget(first);
    assert.deepEqual([queue.spans, queue.bytes, queue.length], [0, 0, 0]);
  });

  it('puts a batch back in its place once, then behind the others', () => {
    const queue = new BatchQueue(limits);
    for (const count of [10, 9]) queue.push(batch(count, 100));
    const entry = queue.take() as QueuedBatch;
    entry.attempts++;
    queue.putBack(entry);
    assert.equal(queue.take(), entry);
    entry.attempts++;
    queue.putBack(entry);
    assert.equal(queue.take()?.batch.spanCount, 9);
    assert.equal(queue.take(), entry);
  });

  it('knows when everything before a mark is gone', () => {
    const queue = new BatchQueue(limits);
    queue.push(batch(10, 100));
    const { mark } = queue;
    queue.push(batch(10, 100));
    assert.equal(queue.isClearedUpTo(mark), false);
    const entry = queue.take() as QueuedBatch;
    assert.equal(queue.isClearedUpTo(mark), false);
    queue.forget(entry);
    assert.equal(queue.isClearedUpTo(mark), true);
  });

  it('tells leftovers from what the operating system has already', () => {
    const queue = new BatchQueue(limits);
    for (const count of [10, 9, 8]) queue.push(batch(count, 100));
    const written = queue.take() as QueuedBatch;
    queue.take();
    written.progress.written = true;
    assert.equal(queue.isUnanswered, true);
    const left = queue.takeAll();
    assert.deepEqual(left.written, [written]);
    assert.deepEqual(
      left.leftovers.map(({ batch: { spanCount } }) => spanCount),
      [9, 8],
    );
    assert.deepEqual([queue.spans, queue.bytes, queue.length, queue.isUnanswered], [0, 0, 0, false]);
  });

  it('counts right whatever happens', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const queue = new BatchQueue({ ...limits, maxSpans: 60 });
      const underWay: QueuedBatch[] = [];
      let inside = 0;
      for (let step = 0; step < 200; step++) {
        const action = pick(random, ['push', 'push', 'take', 'forget', 'putBack']);
        if (action === 'push') {
          const pushed = batch(1 + Math.floor(random() * 10), 1 + Math.floor(random() * 150));
          inside += pushed.spanCount - queue.push(pushed);
        } else if (action === 'take') {
          const entry = queue.take();
          if (entry) underWay.push(entry);
        } else {
          const entry = underWay.shift();
          if (entry === undefined) continue;
          if (action === 'forget') {
            queue.forget(entry);
            inside -= entry.batch.spanCount;
          } else {
            entry.attempts++;
            inside -= queue.putBack(entry);
          }
        }
        assert.equal(queue.spans, inside, `seed ${seed}`);
        assert.ok(queue.spans <= 60 || queue.length === 0);
      }
    }
  });
});
