import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { createHiddenState } from '../../src/instrumentations/operations/hidden-state';
import { createMethodNames } from '../../src/instrumentations/operations/http-method';

test('hidden state is read, changed, and independent of others', () => {
  const [one, two] = [createHiddenState<number>(), createHiddenState<string>()];
  const object = {};
  assert.equal(one.get(object), undefined);
  one.set(object, 1);
  two.set(object, 'a');
  one.set(object, 2);
  assert.deepEqual(
    [one.get(object), two.get(object), one.get({}), one.get(undefined), one.get(null)],
    [2, 'a', undefined, undefined, undefined],
  );
});

test('nobody can see it', () => {
  const object: Record<string, unknown> = { a: 1 };
  createHiddenState<number>().set(object, 1);
  assert.deepEqual(Reflect.ownKeys(object), ['a']);
  assert.equal(inspect(object, { showHidden: true }), '{ a: 1 }');
  assert.equal(JSON.stringify(object), '{"a":1}');
  assert.deepEqual(structuredClone(object), { a: 1 });
  assert.equal(object.constructor, Object);
});

test('frozen objects and functions take it too', () => {
  const state = createHiddenState<number>();
  for (const object of [
    Object.freeze({}),
    Object.preventExtensions([]),
    () => 1,
    Object.create(null) as object,
  ]) {
    state.set(object, 7);
    assert.equal(state.get(object), 7);
  }
});

test('a Proxy has state of its own, and its traps hear nothing of it', () => {
  const state = createHiddenState<number>();
  const target = {};
  const refuse = (): never => {
    throw new Error('seen');
  };
  const proxy = new Proxy(target, {
    get: refuse,
    set: refuse,
    has: refuse,
    defineProperty: refuse,
    getPrototypeOf: refuse,
  });
  state.set(proxy, 1);
  assert.deepEqual([state.get(proxy), state.get(target)], [1, undefined]);
});

test('a copy or an heir does not have it', () => {
  const state = createHiddenState<number>();
  const object = {};
  state.set(object, 1);
  assert.deepEqual(
    [state.get({ ...object }), state.get(Object.create(object) as object)],
    [undefined, undefined],
  );
});

const methods: [method: string, known: string[] | undefined, normalized: string, inName: string][] = [
  ['GET', undefined, 'GET', 'GET'],
  ['QUERY', undefined, 'QUERY', 'QUERY'],
  ['get', undefined, 'GET', 'GET'],
  ['PROPFIND', undefined, '_OTHER', 'HTTP'],
  ['', undefined, '_OTHER', 'HTTP'],
  ['PROPFIND', ['PROPFIND'], 'PROPFIND', 'PROPFIND'],
  ['GET', ['PROPFIND'], '_OTHER', 'HTTP'],
  ['X'.repeat(1000), undefined, '_OTHER', 'HTTP'],
];
for (const [method, known, normalized, inName] of methods) {
  test(`method ${method.slice(0, 20) || 'of no length'}${known ? ' where only PROPFIND is known' : ''}: ${normalized}`, () => {
    const names = createMethodNames(known);
    assert.equal(names.normalize(method), normalized);
    assert.equal(names.inName(names.normalize(method)), inName);
  });
}
