import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Around } from '../../src/instrumentations/define';
import { FailureGuard } from '../../src/loader/failure-guard';
import { createGuard, createWrap, wrapFunction } from '../../src/loader/wrap';
import { activeContext, ROOT_CONTEXT, SUPPRESSED_CONTEXT } from '../../src/tracing/context';
import { NOOP_SPAN } from '../../src/tracing/non-recording-span';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type AnyAround = Around<unknown, unknown>;

let lines: string[];
let failureGuard: FailureGuard;
beforeEach(() => {
  lines = [];
  failureGuard = new FailureGuard('lib', (line) => lines.push(line));
});

function refuse(): never {
  throw new Error('ours');
}

const watch: AnyAround = { before: () => ({}) };
const wrapped = (original: AnyFunction, around: AnyAround): AnyFunction =>
  wrapFunction(original, around, failureGuard);

test('the steps of a call, in their order, with `this`, arguments and state', () => {
  const seen: unknown[] = [];
  const self = {};
  const context = ROOT_CONTEXT.withSpan(NOOP_SPAN);
  const around: AnyAround = {
    before: (that, args) => {
      seen.push(['before', that === self, [...args]]);
      args[1] = 'changed';
      return 'state';
    },
    contextOf: (state) => {
      seen.push(['contextOf', state]);
      return context;
    },
    done: (state) => {
      seen.push(['done', state, activeContext() === context]);
    },
    after: (state, result, that, args) => {
      seen.push(['after', state, result, that === self, args]);
      return undefined;
    },
  };
  const call = wrapped(function (this: unknown, ...args) {
    seen.push(['original', this === self, args, activeContext() === context]);
    return 'result';
  }, around);
  assert.equal(call.call(self, 1, 2), 'result');
  assert.deepEqual(seen, [
    ['before', true, [1, 2]],
    ['contextOf', 'state'],
    ['original', true, [1, 'changed'], true],
    ['done', 'state', false],
    ['after', 'state', 'result', true, [1, 'changed']],
  ]);
});

test('what `after` returns takes the place of the result, unless it is nothing', () => {
  const answer = (value: unknown): unknown => wrapped(() => 'own', { ...watch, after: () => value })();
  assert.deepEqual(
    [answer('other'), answer(undefined), answer(0), answer(false)],
    ['other', 'own', 0, false],
  );
});

test('`before` that returns nothing leaves the call alone', () => {
  const call = wrapped(() => 'own', {
    before: () => undefined,
    contextOf: refuse,
    done: refuse,
    after: refuse,
    threw: refuse,
  });
  assert.equal(call(), 'own');
  assert.equal(failureGuard.on, true);
});

test('an error of the app passes through, and `threw` hears of it', () => {
  const error = new Error('app');
  const heard: unknown[] = [];
  for (const contextOf of [undefined, () => SUPPRESSED_CONTEXT]) {
    const call = wrapped(
      () => {
        throw error;
      },
      { ...watch, ...(contextOf && { contextOf }), threw: (_, thrown) => heard.push(thrown) },
    );
    assert.throws(call, (thrown) => thrown === error);
    assert.equal(activeContext(), ROOT_CONTEXT);
  }
  assert.deepEqual([heard, failureGuard.on, lines], [[error, error], true, []]);
});

const failures: [step: string, around: AnyAround][] = [
  ['before', { before: refuse }],
  ['contextOf', { ...watch, contextOf: refuse }],
  ['done', { ...watch, done: refuse }],
  ['after', { ...watch, after: refuse }],
];
for (const [step, around] of failures) {
  test(`a failure in ${step}: the app gets its result, its function ran once, one line tells`, () => {
    let calls = 0;
    const call = wrapped(() => {
      calls++;
      return 'own';
    }, around);
    assert.equal(call(), 'own');
    assert.equal(calls, 1);
    assert.equal(failureGuard.on, false);
    assert.equal(call(), 'own');
    assert.deepEqual([calls, lines.length], [2, 1]);
    assert.match(lines[0] ?? '', /"lib" failed and is off now.*ours/);
  });
}

test('a failure in threw: the app gets its own error', () => {
  const error = new Error('app');
  const call = wrapped(
    () => {
      throw error;
    },
    { ...watch, threw: refuse },
  );
  assert.throws(call, (thrown) => thrown === error);
  assert.deepEqual([failureGuard.on, lines.length], [false, 1]);
});

test('a function that calls itself: its errors stay its own, at whatever depth', () => {
  const error = new Error('app');
  const call: AnyFunction = wrapped(
    (depth) => {
      if (depth === 0) throw error;
      try {
        call((depth as number) - 1);
      } catch (thrown) {
        if (depth === 1) return 'caught';
        throw thrown;
      }
      throw error;
    },
    { ...watch, contextOf: () => SUPPRESSED_CONTEXT },
  );
  assert.equal(call(1), 'caught');
  assert.throws(
    () => call(3),
    (thrown) => thrown === error,
  );
  assert.deepEqual([failureGuard.on, lines], [true, []]);
});

test('one failure switches every method of the instrumentation off', () => {
  const wrap = createWrap(failureGuard);
  const owner = { a: () => 'a', b: () => 'b' };
  wrap(owner, 'a', { before: refuse });
  wrap(owner, 'b', { ...watch, after: () => 'watched' });
  assert.deepEqual([owner.b(), owner.a(), owner.b()], ['watched', 'a', 'b']);
});

test('an error that cannot be read is still one line', () => {
  const call = wrapped(() => 1, {
    before: () => {
      throw Object.create(null);
    },
  });
  assert.equal(call(), 1);
  assert.match(lines[0] ?? '', /unknown error/);
});

test('the function looks as before: name, length, own properties, kind', () => {
  const key = Symbol('own');
  const original = Object.assign(
    async function query(a: unknown, b: unknown) {
      return [a, b];
    },
    { own: 1, [key]: 2 },
  );
  const replaced = wrapped(original as AnyFunction, watch) as unknown as typeof original;
  assert.deepEqual([replaced.name, replaced.length, replaced.own, replaced[key]], ['query', 2, 1, 2]);
  assert.equal(replaced.constructor.name, 'AsyncFunction');
  for (const name of Reflect.ownKeys(original)) assert.ok(Object.hasOwn(replaced, name), String(name));
});

test('a wrapped class: new, instanceof, subclasses, new.target and statics', () => {
  class Base {
    readonly base = true;
    static inherited = (): string => 'static';
  }
  class Client extends Base {
    readonly target: string;
    constructor() {
      super();
      this.target = new.target.name;
    }
    static create(): Client {
      return new this();
    }
  }
  const lib = { Client };
  createWrap(failureGuard)(lib, 'Client', { before: refuse });
  assert.notEqual(lib.Client, Client);
  class Sub extends lib.Client {}
  const [plain, sub] = [new lib.Client(), new Sub()];
  assert.ok(
    plain instanceof Client && plain instanceof lib.Client && sub instanceof Sub && sub instanceof Client,
  );
  assert.deepEqual([plain.target, sub.target, sub.base], ['Client', 'Sub', true]);
  assert.ok(Sub.create() instanceof Sub);
  assert.equal(lib.Client.inherited(), 'static');
  assert.equal(failureGuard.on, true);
});

test('a wrapped constructor function of the old kind', () => {
  function Pool(this: { size: number }, size: number): void {
    this.size = size;
  }
  Pool.prototype.grow = function (this: { size: number }) {
    return ++this.size;
  };
  const lib = { Pool };
  createWrap(failureGuard)(lib, 'Pool', watch);
  const pool = new (lib.Pool as unknown as new (size: number) => { size: number; grow(): number })(2);
  assert.deepEqual([pool.grow(), pool instanceof lib.Pool, pool instanceof Pool], [3, true, true]);
});

test('a wrapped method of a class: no prototype, no constructor, and its own error without a receiver', () => {
  class Client {
    readonly name = 'c';
    query(): string {
      return this.name;
    }
  }
  const bare = Object.getOwnPropertyDescriptors(Client.prototype.query);
  createWrap(failureGuard)<Client, string>(Client.prototype, 'query', { before: (client) => client.name });
  const { query } = Client.prototype;
  assert.deepEqual(Object.getOwnPropertyDescriptors(query), bare);
  assert.throws(() => Reflect.construct(query, []), /is not a constructor/);
  assert.throws(
    () => query.call(undefined as unknown as Client),
    /^TypeError: .*undefined \(reading 'name'\)$/,
  );
  assert.deepEqual([new Client().query(), lines], ['c', []]);
});

test('replacing keeps whether a method is enumerable and writable, and inherited ones stay with their owner', () => {
  const wrap = createWrap(failureGuard);
  class Client {
    query(): string {
      return 'own';
    }
  }
  wrap(Client.prototype, 'query', watch);
  assert.equal(Object.getOwnPropertyDescriptor(Client.prototype, 'query')?.enumerable, false);
  const plain = { query: () => 1 };
  wrap(plain, 'query', watch);
  assert.deepEqual(Object.keys(plain), ['query']);
  class Sub extends Client {}
  wrap(Sub.prototype, 'query', { ...watch, after: () => 'sub' });
  assert.deepEqual([new Sub().query(), new Client().query()], ['sub', 'own']);
  const fixed = Object.freeze({ query: () => 1 });
  assert.throws(() => wrap(fixed, 'query', watch), TypeError);
  assert.equal(fixed.query(), 1);
});

test('what is not there is not wrapped', () => {
  const wrap = createWrap(failureGuard);
  const owner = { text: 'x' };
  for (const method of ['text', 'missing']) wrap(owner, method, watch);
  wrap(undefined, 'anything', watch);
  assert.deepEqual(owner, { text: 'x' });
});

test('that the app has used up the stack is no failure of ours', () => {
  const deep = (): number => deep() + 1;
  const call = wrapped(() => 'result', { before: deep });
  assert.equal(call(), 'result');
  assert.deepEqual([failureGuard.on, lines], [true, []]);
});

test('a replaced method is as visible as before, in for-in loops and among the keys', () => {
  const names = (object: object): string[] => {
    const all: string[] = [];
    for (const name in object) all.push(name);
    return all.sort();
  };
  class Emitter {}
  Object.assign(Emitter.prototype, { emit: () => 1 });
  class Server extends Emitter {}
  const server = new Server();
  const before = names(server);
  createWrap(failureGuard)(Server.prototype, 'emit', watch);
  assert.ok(Object.hasOwn(Server.prototype, 'emit'));
  assert.deepEqual([names(server), Object.keys(server)], [before, []]);
  createWrap(failureGuard)(server, 'emit', watch);
  assert.ok(Object.hasOwn(server, 'emit'));
  assert.deepEqual(Object.keys(server), []);
});

test('what is guarded never throws, is told of once, and runs on when it is off', () => {
  const seen: unknown[] = [];
  const guarded = createGuard(failureGuard)((value: unknown) => {
    seen.push(value);
    if (value === 'bad') refuse();
  });
  for (const value of ['good', 'bad', 'bad', 'last']) assert.equal(guarded(value), undefined);
  assert.deepEqual(seen, ['good', 'bad', 'bad', 'last']);
  assert.equal(failureGuard.on, false);
  assert.equal(lines.length, 1, lines.join('\n'));
});
