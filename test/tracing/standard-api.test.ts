/** What code written against @opentelemetry/api sees, with the current version of it and with the one before. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as current from '@opentelemetry/api';
import * as previous from 'otel-api-1.9';
import { registerGlobalApi } from '../../src/global-api';
import { activeContext, ROOT_CONTEXT, StorageContextManager } from '../../src/tracing/context';
import { createPropagator } from '../../src/tracing/propagation';
import { RecordingSpan } from '../../src/tracing/span';
import { testProvider } from './provider';

const { provider, ended } = testProvider();
registerGlobalApi({
  trace: provider,
  context: new StorageContextManager(),
  propagation: createPropagator(['tracecontext', 'baggage']),
});

const SUPPRESS = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

test('the two versions are two copies', () => {
  assert.notEqual(current.trace as unknown, previous.trace as unknown);
});

for (const [version, api] of [
  ['1.10', current],
  ['1.9', previous as unknown as typeof current],
] as const) {
  describe(`@opentelemetry/api ${version}`, () => {
    const { trace, context, propagation } = api;
    const tracer = trace.getTracer('app', '1.0.0');

    test('a span of the API is one of ours', () => {
      const span = tracer.startSpan('work', { attributes: { a: 1 } });
      assert.ok(span instanceof RecordingSpan);
      span.end();
      assert.equal(ended.at(-1), span);
      assert.equal(span.instrumentationScope.name, 'app');
    });

    test('startActiveSpan in its three forms: the span is active inside, and gone outside', () => {
      const outer = tracer.startSpan('outer');
      const given = trace.setSpan(api.ROOT_CONTEXT, outer);
      const inside = (span: current.Span) => {
        assert.equal(trace.getActiveSpan(), span);
        return span as RecordingSpan;
      };
      const plain = tracer.startActiveSpan('plain', inside);
      const withOptions = tracer.startActiveSpan('options', { kind: api.SpanKind.CLIENT }, inside);
      const inContext = tracer.startActiveSpan('context', { attributes: { a: 1 } }, given, inside);
      const unspecific = tracer.startActiveSpan('undefined', undefined as never, undefined as never, inside);
      assert.deepEqual([plain.parentSpanId, withOptions.kind, unspecific.parentSpanId], ['', 2, '']);
      assert.equal(inContext.parentSpanId, outer.spanContext().spanId);
      assert.equal(trace.getActiveSpan(), undefined);
      context.with(given, () => {
        const root = tracer.startActiveSpan('root', { root: true }, inside);
        const child = tracer.startActiveSpan('child', undefined as never, undefined as never, inside);
        assert.deepEqual([root.parentSpanId, child.parentSpanId], ['', outer.spanContext().spanId]);
      });
    });

    test('an error in startActiveSpan reaches the caller, and the context is left', () => {
      const error = new Error('no');
      assert.throws(
        () =>
          tracer.startActiveSpan('work', () => {
            throw error;
          }),
        (thrown) => thrown === error,
      );
      assert.equal(trace.getActiveSpan(), undefined);
    });

    test('the context follows promises, timers and microtasks', async () => {
      const span = tracer.startSpan('work');
      await context.with(trace.setSpan(context.active(), span), async () => {
        await nextTurn();
        assert.equal(trace.getActiveSpan(), span);
        await new Promise<void>((resolve) => queueMicrotask(resolve));
        assert.equal(trace.getActiveSpan(), span);
      });
      assert.equal(trace.getActiveSpan(), undefined);
    });

    test('context.with passes on `this`, arguments and the result', () => {
      const self = { factor: 2 };
      const product = context.with(
        context.active(),
        function (this: typeof self, a: number, b: number) {
          return this.factor * a * b;
        },
        self,
        3,
        7,
      );
      assert.equal(product, 42);
    });

    test('values under own keys travel with the context and do not touch others', () => {
      const key = api.createContextKey('mine');
      const other = api.createContextKey('other');
      const one = context.active().setValue(key, 'one').setValue(other, 'x');
      context.with(one, () => {
        assert.equal(context.active().getValue(key), 'one');
        const two = context.active().setValue(key, 'two');
        assert.deepEqual([one.getValue(key), two.getValue(key), two.getValue(other)], ['one', 'two', 'x']);
        assert.equal(two.deleteValue(key).getValue(key), undefined);
        assert.equal(two.deleteValue(key).getValue(other), 'x');
      });
      assert.equal(context.active().getValue(key), undefined);
    });

    test('a context that this copy of the API made is taken over with all it holds', () => {
      const key = api.createContextKey('mine');
      const span = tracer.startSpan('work');
      const foreign = trace.setSpan(api.ROOT_CONTEXT.setValue(key, 'value'), span);
      context.with(foreign, () => {
        assert.equal(context.active().getValue(key), 'value');
        assert.equal(trace.getActiveSpan(), span);
        const child = tracer.startSpan('child') as RecordingSpan;
        assert.equal(child.parentSpanId, span.spanContext().spanId);
      });
      assert.equal(trace.getSpan(trace.deleteSpan(foreign)), undefined);
    });

    test('baggage set with the API is sent, and received baggage is read with it', () => {
      const baggage = propagation.createBaggage({
        user: { value: 'b\u00f6b', metadata: api.baggageEntryMetadataFromString('p=1') },
      });
      const headers: Record<string, string> = {};
      propagation.inject(propagation.setBaggage(context.active(), baggage), headers);
      assert.deepEqual(headers, { baggage: 'user=b%C3%B6b;p=1' });
      const extracted = propagation.extract(api.ROOT_CONTEXT, headers);
      const entry = propagation.getBaggage(extracted)?.getEntry('user');
      assert.deepEqual([entry?.value, String(entry?.metadata)], ['b\u00f6b', 'p=1']);
      assert.equal(propagation.getBaggage(propagation.deleteBaggage(extracted)), undefined);
      context.with(extracted, () =>
        assert.equal(propagation.getActiveBaggage()?.getEntry('user')?.value, 'b\u00f6b'),
      );
    });

    test('a trace goes out and comes in through the API', () => {
      const headers: Record<string, string> = {};
      const span = tracer.startSpan('work');
      propagation.inject(trace.setSpan(context.active(), span), headers);
      const remote = trace.getSpanContext(propagation.extract(api.ROOT_CONTEXT, headers));
      assert.deepEqual({ ...span.spanContext(), isRemote: true }, remote);
      assert.deepEqual(propagation.fields(), ['traceparent', 'tracestate', 'baggage']);
    });

    test('below a suppressed context nothing is recorded or sent, and what is set later stays', () => {
      const suppressed = api.ROOT_CONTEXT.setValue(SUPPRESS, true);
      context.with(suppressed, () => {
        assert.equal(tracer.startSpan('work').isRecording(), false);
        assert.equal(tracer.startSpan('work', { root: true }).isRecording(), false);
        assert.equal(context.active().getValue(SUPPRESS), true);
        assert.equal(context.active().deleteValue(SUPPRESS).getValue(SUPPRESS), undefined);
        const again = context.active().setValue(SUPPRESS, false);
        assert.equal(tracer.startSpan('work', {}, again).isRecording(), true);
      });
    });

    test('context.bind: a function keeps its context, `this`, name and length', () => {
      const span = tracer.startSpan('work');
      const bound = context.bind(
        trace.setSpan(context.active(), span),
        function named(this: unknown, a: number, b: number) {
          return [this, a + b, trace.getActiveSpan()];
        },
      );
      const self = {};
      assert.deepEqual(bound.call(self, 1, 2), [self, 3, span]);
      assert.deepEqual([bound.name, bound.length], ['named', 2]);
    });

    test('context.bind: listeners of an emitter run in its context, and see `this`, arguments and removal', () => {
      const span = tracer.startSpan('work');
      const emitter = new EventEmitter();
      assert.equal(context.bind(trace.setSpan(context.active(), span), emitter), emitter);
      const seen: unknown[] = [];
      const listener = function (this: unknown, value: number): void {
        seen.push(this, value, trace.getActiveSpan());
      };
      emitter.on('x', listener);
      assert.equal(emitter.emit('x', 1), true);
      assert.deepEqual(seen, [emitter, 1, span]);
      emitter.off('x', listener);
      assert.equal(emitter.emit('x', 2), false);
      assert.equal(seen.length, 3);
      assert.equal(trace.getActiveSpan(), undefined);
    });

    test('context.bind gives anything else back as it is', () => {
      for (const value of [1, 'x', null, undefined, {}]) {
        assert.equal(context.bind(context.active(), value as never), value);
      }
    });

    test('wrapped span contexts are parents like any other', () => {
      const remote = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1, isRemote: true };
      const span = tracer.startSpan(
        'work',
        {},
        trace.setSpanContext(api.ROOT_CONTEXT, remote),
      ) as RecordingSpan;
      assert.deepEqual(
        [span.traceId, span.parentSpanId, span.parentIsRemote],
        [remote.traceId, remote.spanId, true],
      );
      const invalid = tracer.startSpan(
        'work',
        {},
        trace.setSpanContext(api.ROOT_CONTEXT, api.INVALID_SPAN_CONTEXT),
      );
      assert.equal((invalid as RecordingSpan).parentSpanId, '');
    });
  });
}

test('both versions see the same active span', () => {
  current.trace.getTracer('a').startActiveSpan('x', (span) => {
    assert.equal(previous.trace.getActiveSpan() as unknown, span);
    assert.equal(previous.context.active() as unknown, current.context.active());
  });
});

test('a context that is none counts as an empty one', () => {
  current.context.with(undefined as never, () => assert.equal(activeContext(), ROOT_CONTEXT));
  assert.equal((provider.getTracer('a').startSpan('x', {}, {} as never) as RecordingSpan).parentSpanId, '');
});
