import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { addMetadata, getCurrentSpan, getCurrentSpanContext, span, startSpan } from '../../src/api';
import { activeContext, runWith, SUPPRESSED_CONTEXT } from '../../src/tracing/context';
import type { RecordingSpan } from '../../src/tracing/span';
import { register, type TestRuntime } from './runtime';

let runtime: TestRuntime;
beforeEach(() => {
  runtime = register();
});

const ERROR = 2;

test('a sync function: its result, a span around it, current inside only', () => {
  const result = span('work', (inner) => {
    assert.equal(getCurrentSpan(), inner);
    assert.deepEqual(getCurrentSpanContext(), inner.spanContext());
    assert.equal(runtime.ended.length, 0);
    return 42;
  });
  assert.equal(result, 42);
  assert.equal(getCurrentSpan(), undefined);
  assert.deepEqual([runtime.last().name, runtime.last().status.code, runtime.last().kind], ['work', 0, 0]);
});

test('an async function: the span ends when the promise does', async () => {
  const promise = span('work', async () => {
    await sleep(5);
    addMetadata('late', true);
    return 42;
  });
  assert.equal(runtime.ended.length, 0);
  assert.equal(await promise, 42);
  assert.deepEqual(runtime.last().attributes, { late: true });
  assert.ok(runtime.last().endMs - runtime.last().startMs >= 4);
});

const thrown: [name: string, value: unknown, message: string | undefined][] = [
  ['an error', new TypeError('no'), 'no'],
  ['text', 'no', 'no'],
  ['undefined', undefined, 'undefined'],
  ['a frozen error', Object.freeze(new Error('no')), 'no'],
  ['an object without prototype', Object.create(null), ''],
];
for (const [name, value, message] of thrown) {
  test(`${name} thrown or rejected: the caller gets the very same, the span tells`, async () => {
    const fail = (): never => {
      throw value;
    };
    assert.throws(
      () => span('sync', fail),
      (error) => error === value,
    );
    await assert.rejects(
      span('async', async () => fail()),
      (error) => error === value,
    );
    for (const kind of ['sync', 'async']) {
      const failed = runtime.named(kind);
      assert.deepEqual(failed.status, { code: ERROR, message });
      assert.equal(failed.events.length, 1);
      assert.equal(failed.events[0]?.name, 'exception');
      assert.equal(failed.attributes['error.type'], failed.events[0]?.attributes?.['exception.type']);
    }
  });
}

test('options: attributes as addMetadata has them, kind, links', () => {
  const linked = startSpan('other').spanContext();
  span(
    'work',
    { attributes: { when: new Date(0), password: 'x', n: 1n }, kind: 3, links: [{ context: linked }] },
    () => 1,
  );
  const { attributes, kind, links } = runtime.last();
  assert.deepEqual(attributes, { when: '1970-01-01T00:00:00.000Z', password: 'REDACTED', n: '1' });
  assert.equal(kind, 3);
  assert.deepEqual(links[0]?.context.spanId, linked.spanId);
});

test('nested spans make a tree, also side by side and after awaiting', async () => {
  await span('root', async () => {
    await Promise.all(
      ['a', 'b'].map((name) =>
        span(name, async () => {
          await sleep(1);
          span(`${name}.inner`, () => 1);
        }),
      ),
    );
  });
  const parentOf = (name: string): string => runtime.named(name).parentSpanId;
  assert.deepEqual(
    [parentOf('root'), parentOf('a'), parentOf('b'), parentOf('a.inner'), parentOf('b.inner')],
    [
      '',
      runtime.named('root').spanId,
      runtime.named('root').spanId,
      runtime.named('a').spanId,
      runtime.named('b').spanId,
    ],
  );
});

test('root: a trace of its own, and what follows inside belongs to it', () => {
  span('outer', () => span('job', { root: true }, () => span('step', () => 1)));
  const { traceId } = runtime.named('outer');
  assert.notEqual(runtime.named('job').traceId, traceId);
  assert.equal(runtime.named('job').parentSpanId, '');
  assert.equal(runtime.named('step').parentSpanId, runtime.named('job').spanId);
});

test('startSpan is not made current; `using` ends it, also when the block throws', () => {
  assert.throws(() => {
    using manual = startSpan('manual', { attributes: { a: 1 } });
    assert.equal(getCurrentSpan(), undefined);
    assert.equal(manual.isRecording(), true);
    throw new Error('no');
  });
  assert.deepEqual([runtime.last().name, runtime.last().attributes], ['manual', { a: 1 }]);
});

test('a span that the app ends itself ends there', async () => {
  await span('work', async (inner) => {
    inner.end();
    await sleep(1);
  });
  assert.equal(runtime.ended.length, 1);
});

test('in an ignored request nothing is recorded, and the work is done', () => {
  const result = runWith(SUPPRESSED_CONTEXT, () =>
    span('work', (inner) => [inner.isRecording(), activeContext().suppressed]),
  );
  assert.deepEqual(result, [false, true]);
  assert.equal(runtime.ended.length, 0);
});

test('hostile names and options do no harm', () => {
  const hostile = Object.defineProperty({}, 'a', {
    get: () => {
      throw new Error('refused');
    },
    enumerable: true,
  });
  assert.equal(
    span(Object.create(null) as string, { attributes: hostile as never, links: 'x' as never }, () => 1),
    1,
  );
  assert.equal(
    span('x', undefined as never, () => 2),
    2,
  );
  assert.equal(
    span('x', null as never, () => 3),
    3,
  );
  assert.equal(
    (startSpan(Symbol('s') as never, null as never) as unknown as RecordingSpan).name,
    'Symbol(s)',
  );
});
