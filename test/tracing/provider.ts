/** A provider whose ended spans the test reads, and carriers for its headers. */
import type { TextMapGetter, TextMapSetter } from '@opentelemetry/api';
import { createSampler } from '../../src/tracing/sampler';
import { RecordingSpan } from '../../src/tracing/span';
import { RegisterTracerProvider } from '../../src/tracing/tracer';
import type { SpanLimits } from '../../src/tracing/types';

export const DEFAULT_LIMITS: SpanLimits = {
  attributeCount: 128,
  attributeValueLength: Number.POSITIVE_INFINITY,
  eventCount: 128,
  linkCount: 128,
  attributePerEventCount: 128,
  attributePerLinkCount: 128,
};

export const RESOURCE = { attributes: { 'service.name': 'test' } };

export interface TestProvider {
  provider: RegisterTracerProvider;
  ended: RecordingSpan[];
  /** A started span; fails where it is not recorded. */
  start(
    name?: string,
    options?: Parameters<ReturnType<RegisterTracerProvider['getTracer']>['startSpan']>[1],
  ): RecordingSpan;
}

export function testProvider(
  limits: Partial<SpanLimits> = {},
  sampler: Parameters<typeof createSampler>[0] = 'parentbased_always_on',
  ratio = 1,
): TestProvider {
  const ended: RecordingSpan[] = [];
  const provider = new RegisterTracerProvider({
    limits: { ...DEFAULT_LIMITS, ...limits },
    sampler: createSampler(sampler, ratio),
    sink: { onEnd: (span) => ended.push(span as RecordingSpan) },
    resource: () => RESOURCE,
  });
  return {
    provider,
    ended,
    start(name = 'work', options) {
      const span = provider.getTracer('test').startSpan(name, options);
      if (!(span instanceof RecordingSpan)) throw new Error(`"${name}" is not recorded`);
      return span;
    },
  };
}

export type Headers = Record<string, string | string[]>;

export const getter: TextMapGetter = {
  get: (carrier, key) => (carrier as Headers)[key],
  keys: (carrier) => Object.keys(carrier as Headers),
};

export const setter: TextMapSetter = {
  set: (carrier, key, value) => {
    (carrier as Headers)[key] = value;
  },
};
