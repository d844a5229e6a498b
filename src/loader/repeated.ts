/** Which of ours makes a span that the app brings an instrumentation for as well. */
import type { RegistryEntry, SpanKindName } from '../instrumentations/define';
import type { OfferedSpan } from '../tracing/types';

/** By the numbers of `SpanKind`. */
const KINDS: readonly SpanKindName[] = ['internal', 'server', 'client', 'producer', 'consumer'];

export function makesSpan(entry: RegistryEntry, { name, kind, isWithin }: OfferedSpan): boolean {
  // A framework's server span is that of the request around it.
  if (entry.serverSpanScope === name) return KINDS[kind] === 'server' && isWithin;
  if (entry.official !== name && entry.repeatedBy?.includes(name) !== true) return false;
  return entry.spans.some((each) => each === KINDS[kind]);
}
