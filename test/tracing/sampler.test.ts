import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpanContext } from '@opentelemetry/api';
import { ROOT_CONTEXT } from '../../src/tracing/context';
import { TraceId } from '../../src/tracing/ids';
import { SAMPLER_NAMES, type SamplerName } from '../../src/tracing/names';
import { NonRecordingSpan } from '../../src/tracing/non-recording-span';
import { createSampler } from '../../src/tracing/sampler';
import { testProvider } from './provider';

/** Mulberry32: the same ids in every run. */
function seeded(seed: number): () => string {
  let state = seed;
  const word = (): string => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0).toString(16).padStart(8, '0');
  };
  return () => word() + word() + word() + word();
}

function ids(count: number): string[] {
  const next = seeded(42);
  return Array.from({ length: count }, next);
}

const parent = (sampled: boolean, isRemote: boolean): SpanContext => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: sampled ? 1 : 0,
  isRemote,
});

// root: without a parent; then the decision below a sampled and below an unsampled parent (ratio 0: never by itself)
const decisions: Record<SamplerName, [root: boolean, sampled: boolean, unsampled: boolean]> = {
  always_on: [true, true, true],
  always_off: [false, false, false],
  traceidratio: [false, false, false],
  parentbased_always_on: [true, true, false],
  parentbased_always_off: [false, true, false],
  parentbased_traceidratio: [false, true, false],
};
for (const name of SAMPLER_NAMES) {
  test(`${name}: without a parent, below a sampled one, below an unsampled one`, () => {
    const sampler = createSampler(name, 0);
    const [id = ''] = ids(1);
    for (const isRemote of [true, false]) {
      const actual = [undefined, parent(true, isRemote), parent(false, isRemote)].map((context) =>
        sampler.shouldSample(TraceId.of(id), context),
      );
      assert.deepEqual(actual, decisions[name]);
    }
  });
}

for (const ratio of [0.001, 0.1, 0.25, 0.5, 0.9]) {
  test(`ratio ${ratio}: about that share of 100,000 traces is kept`, () => {
    const sampler = createSampler('traceidratio', ratio);
    const kept = ids(100_000).filter((id) => sampler.shouldSample(TraceId.of(id), undefined)).length;
    const deviation = Math.sqrt(100_000 * ratio * (1 - ratio));
    assert.ok(Math.abs(kept - 100_000 * ratio) < 4 * deviation, `${kept} were kept`);
  });
}

test('what is kept at a lower ratio is kept at every higher one', () => {
  const samplers = [0, 0.01, 0.1, 0.5, 0.9, 1].map((ratio) => createSampler('traceidratio', ratio));
  for (const id of ids(20_000)) {
    const kept = samplers.map((sampler) => sampler.shouldSample(TraceId.of(id), undefined));
    assert.deepEqual(kept, [...kept].sort(), id);
  }
});

test('ratio 0 keeps nothing, ratio 1 everything, at both ends of the range of ids', () => {
  for (const id of [`${'0'.repeat(31)}1`, 'f'.repeat(32)]) {
    assert.equal(createSampler('traceidratio', 0).shouldSample(TraceId.of(id), undefined), false);
    assert.equal(createSampler('traceidratio', 1).shouldSample(TraceId.of(id), undefined), true);
  }
});

test('only the random part of the id decides, so services with other ids in front agree', () => {
  const sampler = createSampler('traceidratio', 0.5);
  for (const id of ids(1000)) {
    const other = `00000000${id.slice(8)}`;
    assert.equal(
      sampler.shouldSample(TraceId.of(id), undefined),
      sampler.shouldSample(TraceId.of(other), undefined),
    );
  }
});

test('a trace is kept or left out as a whole: children never ask again', () => {
  const { provider, ended } = testProvider({}, 'traceidratio', 0.5);
  const tracer = provider.getTracer('test');
  for (let i = 0; i < 200; i++) {
    const root = tracer.startSpan('root');
    const child = tracer.startSpan('child', {}, ROOT_CONTEXT.withSpan(root));
    assert.equal(child.isRecording(), root.isRecording());
    assert.equal(child.spanContext().traceId, root.spanContext().traceId);
    child.end();
    root.end();
  }
  assert.ok(ended.length > 100 && ended.length < 300, `${ended.length} of 400`);
  assert.equal(ended.length % 2, 0);
});

test('an unsampled trace is still passed on: same trace id, new span id, not sampled', () => {
  const { provider } = testProvider({}, 'always_off');
  const remote = new NonRecordingSpan(parent(true, true));
  const span = provider.getTracer('test').startSpan('x', {}, ROOT_CONTEXT.withSpan(remote)).spanContext();
  assert.equal(span.traceId, remote.spanContext().traceId);
  assert.notEqual(span.spanId, remote.spanContext().spanId);
  assert.equal(span.traceFlags & 1, 0);
});

test('the description says which sampler and ratio it is', () => {
  assert.equal(
    createSampler('parentbased_traceidratio', 0.25).description,
    'ParentBased{root=TraceIdRatioBased{0.25}}',
  );
});
