/** Which of ours makes a span that the app brings an instrumentation for as well. */
import type { RegistryEntry } from '../instrumentations/define';
import { KIND_SERVER, SPAN_KINDS } from '../tracing/span-kind';
import type { OfferedSpan } from '../tracing/types';

export function makesSpan(entry: RegistryEntry, { name, kind, isWithin }: OfferedSpan): boolean {
  // A framework's server span is that of the request around it.
  if (entry.serverSpanScope === name) return kind === KIND_SERVER && isWithin;
  const isSame = entry.official === name || entry.ownScope === name || entry.repeatedBy?.includes(name);
  if (isSame !== true) return false;
  return entry.spans.some((each) => each === SPAN_KINDS[kind]);
}
