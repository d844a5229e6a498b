/** The samplers of the specification. Whether a trace is kept is decided once, at its root. */
import type { SpanContext } from '@opentelemetry/api';
import type { SamplerName } from './names';
import type { TraceWords } from './types';

/** True: record and export. */
export interface Sampler {
  shouldSample(traceId: TraceWords, parent: SpanContext | undefined): boolean;
  /** As `Sampler.toString()` of the specification. */
  readonly description: string;
}

const always: Sampler = { shouldSample: () => true, description: 'AlwaysOnSampler' };
const never: Sampler = { shouldSample: () => false, description: 'AlwaysOffSampler' };

/** 56 random bits of a trace id (W3C level 2), as the consistent-probability sampling specification uses them. */
const RANDOM_RANGE = 2 ** 56;

function ratioSampler(ratio: number): Sampler {
  // Below 2^53 steps the number is exact enough: a threshold that is off by 2^-53 of the traces does no harm.
  const threshold = (1 - ratio) * RANDOM_RANGE;
  return {
    shouldSample: (traceId) => ratio > 0 && randomnessOf(traceId) >= threshold,
    description: `TraceIdRatioBased{${ratio}}`,
  };
}

/** The last 56 bits of a trace id. */
function randomnessOf({ word2, word3 }: TraceWords): number {
  return (word2 & 0xffffff) * 2 ** 32 + (word3 >>> 0);
}

function parentBased(root: Sampler): Sampler {
  return {
    shouldSample: (traceId, parent) =>
      parent === undefined ? root.shouldSample(traceId, parent) : (parent.traceFlags & 1) === 1,
    description: `ParentBased{root=${root.description}}`,
  };
}

/** `ratio` counts for the two ratio samplers only. */
export function createSampler(name: SamplerName, ratio: number): Sampler {
  switch (name) {
    case 'always_on':
      return always;
    case 'always_off':
      return never;
    case 'traceidratio':
      return ratioSampler(ratio);
    case 'parentbased_always_on':
      return parentBased(always);
    case 'parentbased_always_off':
      return parentBased(never);
    case 'parentbased_traceidratio':
      return parentBased(ratioSampler(ratio));
  }
}
