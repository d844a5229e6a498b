import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import {
  addEvent,
  addMetadata,
  addTags,
  recordException,
  setSession,
  setStatus,
  setUser,
  span,
  startSpan,
} from '../../src/api';
import type { RecordingSpan } from '../../src/tracing/span';
import { register, type TestRuntime } from './runtime';

let runtime: TestRuntime;
beforeEach(() => {
  runtime = register();
});

test('addMetadata: one, several, on the current span or a given one', () => {
  const other = startSpan('other') as unknown as RecordingSpan;
  span('work', () => {
    assert.equal(addMetadata('a', 1), true);
    assert.equal(addMetadata({ b: 'two', c: [true, false] }), true);
    assert.equal(addMetadata('d', 4, other as never), true);
    assert.equal(addMetadata({ e: 5 }, other as never), true);
    assert.equal(addMetadata('a', 'again'), true);
    assert.equal(addMetadata('nothing', undefined), true);
  });
  assert.deepEqual(runtime.last().attributes, { a: 'again', b: 'two', c: [true, false] });
  assert.deepEqual(other.attributes, { d: 4, e: 5 });
  assert.equal(addMetadata('outside', 1), false);
});

test('a span that has ended is none to add to', () => {
  const over = startSpan('over');
  over.end();
  assert.deepEqual(
    [addMetadata('a', 1, over), addEvent('e', {}, over), setStatus('error', 'x', over), addTags(['a'], over)],
    [false, false, false, false],
  );
  assert.deepEqual(
    [recordException(new Error('no'), over), setUser(1, over), setSession('1', over)],
    [false, false, false],
  );
});

test('addEvent: values as addMetadata has them', () => {
  span('work', () => {
    addEvent('plain');
    addEvent('full', { at: new Date(0), api_key: 'x', n: 1n, nothing: undefined });
  });
  assert.deepEqual(
    runtime.last().events.map(({ name, attributes }) => [name, attributes]),
    [
      ['plain', {}],
      ['full', { at: '1970-01-01T00:00:00.000Z', api_key: 'REDACTED', n: '1' }],
    ],
  );
});

test('recordException: event with stack, and status Error', () => {
  span('work', () => assert.equal(recordException(new TypeError('no')), true));
  const { status, events } = runtime.last();
  assert.deepEqual(status, { code: 2, message: 'no' });
  assert.equal(events[0]?.name, 'exception');
  assert.equal(events[0]?.attributes?.['exception.type'], 'TypeError');
  assert.match(String(events[0]?.attributes?.['exception.stacktrace']), /current\.test/);
});

test('setStatus: ok is final, error takes a message, anything else changes nothing', () => {
  span('ok', () => {
    setStatus('ok');
    setStatus('error', 'late');
  });
  span('error', () => setStatus('error', 'no'));
  span('other', () => assert.equal(setStatus('fine' as never), true));
  assert.deepEqual(
    ['ok', 'error', 'other'].map((name) => runtime.named(name).status),
    [{ code: 1 }, { code: 2, message: 'no' }, { code: 0 }],
  );
});

test('setUser and setSession: on the request, here, and on everything later in it, not on what was over', () => {
  span('request', () => {
    span('before', () => 1);
    span('middleware', () => {
      setUser(42);
      setSession('s1');
    });
    span('after', () => span('deep', () => 1));
    span('other trace', { root: true }, () => 1);
  });
  const facts = (name: string): unknown[] => {
    const { attributes } = runtime.named(name);
    return [attributes['user.id'], attributes['session.id']];
  };
  for (const name of ['request', 'middleware', 'after', 'deep'])
    assert.deepEqual(facts(name), ['42', 's1'], name);
  for (const name of ['before', 'other trace']) assert.deepEqual(facts(name), [undefined, undefined], name);
});

test('the last user counts, and an id that is none changes nothing', () => {
  span('request', () => {
    setUser('anonymous');
    setUser('bob');
    for (const id of [undefined, null, {}, Symbol('x')]) assert.equal(setUser(id as never), true);
    span('later', () => 1);
  });
  assert.equal(runtime.named('request').attributes['user.id'], 'bob');
  assert.equal(runtime.named('later').attributes['user.id'], 'bob');
  assert.equal(runtime.named('later').attrs.filter((key) => key === 'user.id').length, 1);
});

test('addTags adds to what is there, once each, at most a hundred', () => {
  span('work', () => {
    addTags(['a', 'b']);
    addTags(['b', 'c', 7 as never]);
    addTags('d' as never);
    addTags(undefined as never);
  });
  assert.deepEqual(runtime.last().attributes, { 'tag.tags': ['a', 'b', 'c', 'd'] });
  span('many', () => addTags(Array.from({ length: 150 }, (_, i) => `t${i}`)));
  assert.equal((runtime.last().attributes['tag.tags'] as string[]).length, 100);
  span('none', () => addTags([]));
  assert.deepEqual(runtime.last().attributes, {});
  span('text', (inner) => {
    inner.setAttribute('tag.tags', 'abc');
    addTags(['x']);
  });
  assert.deepEqual(runtime.last().attributes, { 'tag.tags': ['abc', 'x'] });
});

test('spans of another library are served as far as they go', () => {
  const calls: unknown[] = [];
  const foreign = {
    isRecording: () => true,
    setAttribute: (...args: unknown[]) => calls.push(args),
    addEvent: (...args: unknown[]) => calls.push(args),
  };
  assert.equal(setUser('bob', foreign as never), true);
  assert.equal(addTags(['a'], foreign as never), true);
  assert.deepEqual(calls, [
    ['user.id', 'bob'],
    ['tag.tags', ['a']],
  ]);
  assert.equal(addMetadata('a', 1, {} as never), false);
  assert.equal(addMetadata('a', 1, 'no span' as never), false);
});

test('hostile arguments do no harm', () => {
  const refuse = (): never => {
    throw new Error('refused');
  };
  const throwing = Object.defineProperty({ a: 1 }, 'b', { get: refuse, enumerable: true });
  span('work', () => {
    addMetadata(throwing);
    addMetadata(null as never);
    addMetadata(Symbol('key') as never, 1);
    addMetadata(new Proxy({}, { ownKeys: refuse }));
    addMetadata(JSON.parse('{"__proto__":"x"}') as Record<string, unknown>);
    addEvent({ toString: refuse } as never, throwing);
    addEvent('proto', JSON.parse('{"__proto__":["x"]}') as Record<string, unknown>);
    recordException(throwing);
    setStatus('error', throwing as never);
  });
  const { attributes, events } = runtime.last();
  assert.deepEqual(Object.entries(attributes), [
    ['a', 1],
    ['__proto__', 'x'],
  ]);
  assert.deepEqual(Object.entries(events[0]?.attributes ?? {}), [['a', 1]]);
  assert.deepEqual(Object.entries(events[1]?.attributes ?? {}), [['__proto__', ['x']]]);
});
