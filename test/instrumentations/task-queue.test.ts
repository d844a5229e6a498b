import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TaskQueue } from '../../src/instrumentations/operations/task-queue';
import { activeContext, ROOT_CONTEXT, runWith, type TraceContext } from '../../src/tracing/context';

const contexts = Array.from({ length: 2 }, () => ROOT_CONTEXT.withBaggage(undefined));
const [first, second] = contexts as [TraceContext, TraceContext];

function ownerIn(queue: TaskQueue, context: TraceContext): object {
  const owner = {};
  runWith(context, () => queue.created(owner));
  return owner;
}

test('a callback runs in the context of its owner, and the context of the app comes back', () => {
  const queue = new TaskQueue();
  const owner = ownerIn(queue, first);
  runWith(second, () => {
    queue.callbackBegins(owner);
    assert.equal(activeContext(), first);
    queue.callbackEnded(owner);
    assert.equal(activeContext(), second);
  });
});

test('between callbacks the context stays until the section ends', () => {
  const queue = new TaskQueue();
  const key = {};
  const [owner, inner] = [ownerIn(queue, first), ownerIn(queue, second)];
  runWith(second, () => {
    queue.sectionBegins(key);
    queue.callbackBegins(owner);
    queue.callbackBegins(inner);
    assert.equal(activeContext(), second);
    queue.callbackEnded(inner);
    assert.equal(activeContext(), first);
    queue.callbackEnded(owner);
    assert.equal(activeContext(), first);
    queue.sectionEnded(key);
    assert.equal(activeContext(), second);
  });
});

test('an owner that was never noted belongs to the root context', () => {
  const queue = new TaskQueue();
  const owner = {};
  runWith(second, () => {
    queue.callbackBegins(owner);
    assert.equal(activeContext(), ROOT_CONTEXT);
    queue.callbackEnded(owner);
    assert.equal(activeContext(), second);
  });
});

test('an end without a beginning, and a section within one that did not end, change nothing for what comes later', () => {
  const queue = new TaskQueue();
  const [outer, forgotten] = [{}, {}];
  const [owner, lost] = [ownerIn(queue, first), ownerIn(queue, first)];
  runWith(second, () => {
    queue.callbackEnded(owner);
    queue.sectionEnded(outer);
    queue.sectionBegins(outer);
    queue.callbackBegins(lost);
    queue.sectionBegins(forgotten);
    queue.sectionEnded(outer);
    assert.equal(activeContext(), second);
    queue.callbackBegins(owner);
    queue.callbackEnded(owner);
    assert.equal(activeContext(), second);
  });
});
