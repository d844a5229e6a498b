/** What a traced function may return: the caller gets just that, and the span ends when the work does. */
// biome-ignore-all lint/suspicious/noThenProperty: being thenable is what this is about
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCurrentSpan, getQueryStats, span, traceDatabaseQuery } from '../../src/api';
import { register, type TestRuntime } from './runtime';

let runtime: TestRuntime;
beforeEach(() => {
  runtime = register();
});

const ended = (): number => runtime.ended.length;

/** Like Knex or Mongoose: builds on, and asks the database when it is awaited. */
class Query implements PromiseLike<string> {
  asked = 0;
  readonly #parts: string[] = [];
  constructor(private readonly failure?: Error) {}
  where(part: string): this {
    this.#parts.push(part);
    return this;
  }
  then<A = string, B = never>(
    ok?: ((text: string) => A | PromiseLike<A>) | null,
    no?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.asked++;
    const current = getCurrentSpan();
    const run = async (): Promise<string> => {
      await sleep(1);
      assert.equal(getCurrentSpan(), current);
      if (this.failure !== undefined) throw this.failure;
      return this.#parts.join(' ');
    };
    return run().then(ok, no);
  }
}

test('a query builder stays one, is not started, and is followed when it is awaited', async () => {
  const query = new Query();
  const result = span('find', () => query);
  assert.equal(result, query);
  assert.deepEqual([query.asked, ended()], [0, 0]);
  assert.equal(await result.where('a').where('b'), 'a b');
  assert.deepEqual([query.asked, ended(), runtime.last().status.code], [1, 1, 0]);
  assert.equal(await result, 'a b');
  assert.equal(ended(), 1);
  assert.deepEqual(Object.keys(query), ['failure', 'asked']);
});

test('the work of a query builder runs in the span, what its caller does then does not', async () => {
  let during: unknown;
  const query = new Query();
  const { then } = query;
  query.then = function (this: Query, ...args: Parameters<typeof then>) {
    during = getCurrentSpan();
    return Reflect.apply(then, this, args);
  } as typeof then;
  const after = await span('find', () => query).then(() => getCurrentSpan());
  assert.equal(during, runtime.last());
  assert.equal(after, undefined);
});

test('a query builder that fails: the error reaches the caller, awaited or with callbacks', async () => {
  const error = new Error('no');
  await assert.rejects(
    async () => await span('one', () => new Query(error)),
    (thrown) => thrown === error,
  );
  assert.equal(await span('two', () => new Query(error)).then(undefined, (thrown) => thrown), error);
  assert.equal(await span('three', () => new Query()).then(), '');
  assert.deepEqual(
    ['one', 'two', 'three'].map((name) => runtime.named(name).status.code),
    [2, 2, 0],
  );
});

test('a frozen thenable is followed too', async () => {
  const frozen = Object.freeze({
    then: (ok: (value: number) => unknown) => Promise.resolve(7).then(ok),
  });
  assert.equal(await (span('work', () => frozen) as unknown as Promise<number>), 7);
  assert.equal(ended(), 1);
});

test('a generator: same object, steps run in the span, which ends with the last one', () => {
  const seen: unknown[] = [];
  function* source(): Generator<number, string, string> {
    seen.push(getCurrentSpan(), yield 1);
    seen.push(yield 2);
    return 'end';
  }
  const generator = span('work', source);
  assert.equal(Object.prototype.toString.call(generator), '[object Generator]');
  assert.equal(generator[Symbol.iterator](), generator);
  assert.equal(ended(), 0);
  assert.deepEqual(generator.next(), { value: 1, done: false });
  assert.deepEqual(generator.next('a'), { value: 2, done: false });
  assert.equal(ended(), 0);
  assert.deepEqual(generator.next('b'), { value: 'end', done: true });
  assert.deepEqual(generator.next(), { value: undefined, done: true });
  assert.equal(ended(), 1);
  assert.deepEqual(seen, [runtime.last(), 'a', 'b']);
  assert.equal(getCurrentSpan(), undefined);
});

test('a generator that is left early, that throws, and that is thrown into', () => {
  const error = new Error('no');
  let isClosed = false;
  function* endless(): Generator<number> {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      isClosed = true;
    }
  }
  for (const value of span('left', endless)) if (value === 3) break;
  assert.equal(isClosed, true);
  assert.throws(
    () => {
      for (const _ of span('throws', function* () {
        yield 1;
        throw error;
      })) {
        // goes on until it throws
      }
    },
    (thrown) => thrown === error,
  );
  const thrownInto = span('thrown into', endless);
  thrownInto.next();
  assert.throws(
    () => thrownInto.throw(error),
    (thrown) => thrown === error,
  );
  assert.deepEqual(
    ['left', 'throws', 'thrown into'].map((name) => runtime.named(name).status.code),
    [0, 2, 2],
  );
});

test('an async generator: values, end, early leaving and errors', async () => {
  const error = new Error('no');
  async function* source(failing: boolean): AsyncGenerator<unknown> {
    yield getCurrentSpan();
    await sleep(1);
    if (failing) throw error;
    yield getCurrentSpan();
  }
  const values: unknown[] = [];
  for await (const value of span('all', () => source(false))) values.push(value);
  assert.deepEqual(values, [runtime.named('all'), runtime.named('all')]);
  for await (const _ of span('left', () => source(false))) break;
  await assert.rejects(
    async () => {
      for await (const _ of span('fails', () => source(true))) {
        // goes on until it throws
      }
    },
    (thrown) => thrown === error,
  );
  assert.deepEqual(
    ['all', 'left', 'fails'].map((name) => runtime.named(name).status.code),
    [0, 0, 2],
  );
  assert.equal(getCurrentSpan(), undefined);
});

test('steps of an async generator that are asked for at once keep their order', async () => {
  const generator = span('work', async function* () {
    yield 1;
    yield 2;
  });
  const steps = await Promise.all([generator.next(), generator.next(), generator.next(), generator.next()]);
  assert.deepEqual(
    steps.map(({ value }) => value),
    [1, 2, undefined, undefined],
  );
  assert.equal(ended(), 1);
});

const values: [name: string, value: unknown][] = [
  ['nothing', undefined],
  ['a function', () => 1],
  ['an array', [1]],
  ['an array iterator', [1].values()],
  ['a cursor with next and close', { next: async () => 1, close: () => 1, [Symbol.asyncIterator]: () => 1 }],
  ['an object whose then is no function', { then: 1 }],
  [
    'a getter that throws',
    {
      get then() {
        throw new Error('refused');
      },
    },
  ],
];
for (const [name, value] of values) {
  test(`${name} comes back as it is, and the span is over`, () => {
    assert.equal(
      span('work', () => value),
      value,
    );
    assert.deepEqual([ended(), runtime.last().status.code], [1, 0]);
  });
}

test('a result that is asked for twice counts once', async () => {
  const before = getQueryStats().queries;
  const query = traceDatabaseQuery('SELECT 1', {}, () => new Query());
  await query;
  await query;
  assert.equal(getQueryStats().queries, before + 1);
});

test('a subclass of Promise stays one', async () => {
  class Special extends Promise<number> {}
  const result = span('work', () => Special.resolve(1) as Special);
  assert.ok(result instanceof Special);
  assert.equal(await result.finally(() => undefined), 1);
  assert.equal(ended(), 1);
});
