/** Which of ours makes a span that the app brings an instrumentation for as well. */
import type { RegistryEntry } from '../instrumentations/define';
import type { OfferedSpan } from '../tracing/types';

const KIND_SERVER = 1;
const KIND_CLIENT = 2;

export function makesSpan(entry: RegistryEntry, { name, kind, isWithin }: OfferedSpan): boolean {
  // A framework's server span is that of the request around it.
  if (entry.serverSpanScope === name) return kind === KIND_SERVER && isWithin;
  if (entry.official !== name && entry.repeatedBy?.includes(name) !== true) return false;
  return kind === (entry.kind === 'http-server' ? KIND_SERVER : KIND_CLIENT);
}
