import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailureGuard } from '../../src/loader/failure-guard';
import { createWatchRead } from '../../src/loader/watch-read';

function watched(onRead: (object: object) => void) {
  const reports: string[] = [];
  class Library {
    enter(): string | undefined {
      return new Error('stack').stack;
    }
  }
  const { enter } = Library.prototype;
  createWatchRead(new FailureGuard('library', (text) => reports.push(text)))(
    Library.prototype,
    'enter',
    onRead,
  );
  return { Library, enter, reports };
}

test('each read from an object is seen, and the method is the original', () => {
  const seen: object[] = [];
  const { Library, enter } = watched((object) => seen.push(object));
  const object = new Library();
  assert.doesNotMatch(String(object.enter()), /src.loader/);
  assert.equal(object.enter, enter);
  assert.deepEqual(seen, [object, object]);
});

test('a look at the prototype itself is none', () => {
  const seen: object[] = [];
  const { Library, enter } = watched((object) => seen.push(object));
  assert.equal(Library.prototype.enter, enter);
  assert.equal(Object.getOwnPropertyDescriptor(Library.prototype, 'enter')?.enumerable, false);
  assert.deepEqual(seen, []);
});

test('a method that is replaced later is still watched', () => {
  const seen: object[] = [];
  const { Library } = watched((object) => seen.push(object));
  Library.prototype.enter = () => 'replaced';
  assert.equal(new Library().enter(), 'replaced');
  assert.equal(seen.length, 1);
});

test('an object gets a method of its own by assignment', () => {
  const { Library } = watched(() => undefined);
  const object = new Library();
  object.enter = () => 'own';
  assert.equal(object.enter(), 'own');
  assert.deepEqual(Object.getOwnPropertyDescriptor(object, 'enter'), {
    value: object.enter,
    writable: true,
    enumerable: true,
    configurable: true,
  });
  assert.notEqual(new Library().enter(), 'own');
});

test('a failure is reported once and the method is called', () => {
  const { Library, reports } = watched(() => {
    throw new Error('ours');
  });
  assert.match(String(new Library().enter()), /^Error: stack/);
  new Library().enter();
  assert.equal(reports.length, 1);
});

test('what is not there, or no method, is left alone', () => {
  const watchRead = createWatchRead(new FailureGuard('library', () => undefined));
  const object = { value: 1 };
  watchRead(object, 'missing', () => undefined);
  watchRead(object, 'value', () => undefined);
  assert.deepEqual(Object.getOwnPropertyDescriptors(object), Object.getOwnPropertyDescriptors({ value: 1 }));
});
