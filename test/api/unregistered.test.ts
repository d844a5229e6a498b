/** Without the preload, or with tracing off, the app does what it did. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import * as api from '../../src/api';
import { register, unregister } from './runtime';

afterEach(unregister);

test('nothing is recorded and everything says so', async () => {
  assert.equal(api.getCurrentSpan(), undefined);
  assert.equal(api.getCurrentSpanContext(), undefined);
  assert.equal(api.addMetadata('k', 'v'), false);
  assert.equal(api.addMetadata({ k: 'v' }), false);
  assert.equal(api.addEvent('e', { a: 1 }), false);
  assert.equal(api.recordException(new Error('no')), false);
  assert.equal(api.setStatus('error', 'no'), false);
  assert.equal(api.setUser('1'), false);
  assert.equal(api.setSession('1'), false);
  assert.equal(api.addTags(['a']), false);
  assert.deepEqual(api.getStats(), {
    created: 0,
    open: 0,
    delivered: 0,
    pending: 0,
    dropped: {},
    destinations: {},
  });
  assert.equal(await api.flush(), true);
  assert.equal(await api.shutdown(), undefined);
  assert.equal(api.getQueryStats().queries, 0);
});

test('functions are called with a span that does nothing, and give what they give', async () => {
  const results = [
    api.span('x', () => 1),
    api.span('x', { attributes: { a: 1 } }, () => 2),
    api.traceExternalRequest('GET', 'http://x/', () => 3),
    api.traceDatabaseQuery('SELECT 1', {}, () => 4),
    api.traceTransaction('t', () => 5),
    api.traceFunction('f')((n: number) => n)(6),
    api.traceCreate('User')((n: number) => n)(7),
    await api.span('x', async () => 8),
  ];
  assert.deepEqual(results, [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(api.getQueryStats().queries, 0);
  api.span('x', (span) => {
    span.setAttribute('a', 1).addEvent('e').setStatus({ code: 2 }).recordException(new Error('no'));
    assert.equal(span.isRecording(), false);
    assert.equal(api.getCurrentSpan(), undefined);
  });
});

test('errors are the app\u2019s own', async () => {
  const error = new Error('no');
  const fail = (): never => {
    throw error;
  };
  assert.throws(
    () => api.span('x', fail),
    (thrown) => thrown === error,
  );
  assert.throws(
    () => api.traceDatabaseQuery('SELECT', {}, fail),
    (thrown) => thrown === error,
  );
  await assert.rejects(
    api.span('x', async () => fail()),
    (thrown) => thrown === error,
  );
});

test('the very promise and generator come back', () => {
  const promise = Promise.resolve(1);
  assert.equal(
    api.span('x', () => promise),
    promise,
  );
});

test('startSpan and `using`', () => {
  using span = api.startSpan('x', { attributes: { a: 1 } });
  assert.equal(span.isRecording(), false);
});

test('a tracer that was asked for too early works from registration on', () => {
  const tracer = api.getTracer('early');
  assert.equal(
    tracer.startActiveSpan('x', (span) => span.isRecording()),
    false,
  );
  assert.equal(
    tracer.startActiveSpan('x', {}, (span) => span.isRecording()),
    false,
  );
  assert.equal(tracer.startSpan('x').isRecording(), false);
  const { last } = register();
  tracer.startActiveSpan('now', (span) => span.end());
  assert.deepEqual([last().name, last().scope.name], ['now', 'early']);
  assert.equal(tracer.startSpan('x').isRecording(), true);
});

test('functions that were traced too early are traced from registration on', () => {
  const traced = api.traceFunction('early')(() => 1);
  assert.equal(traced(), 1);
  const { last } = register();
  assert.equal(traced(), 1);
  assert.equal(last().name, 'early');
});

test('`tracer` has every function, and they are the same', () => {
  const { tracer, ...functions } = api;
  assert.deepEqual(Object.keys(tracer).sort(), Object.keys(functions).sort());
  for (const [name, fn] of Object.entries(functions)) assert.equal(tracer[name as keyof typeof tracer], fn);
  const { last } = register();
  const { span } = tracer;
  span('loose', () => 1);
  assert.equal(last().name, 'loose');
});

test('flush, shutdown and stats go to the runtime, with ten seconds unless told', async () => {
  const { calls } = register();
  assert.equal(await api.flush(), false);
  await api.flush(5);
  await api.shutdown();
  assert.deepEqual(calls, ['flush 10000', 'flush 5', 'shutdown 10000']);
  assert.equal(api.getStats().delivered, 1);
});
