/** Reading headers out of a carrier, and deciding what may be written into one. */
import type { Context, SpanContext, TextMapGetter } from '@opentelemetry/api';
import { toTraceContext } from '../context';
import { isHexId } from '../ids';

/** The only value of a header; `undefined` if it came more than once, since none of them can be trusted then. */
export function first(getter: TextMapGetter, carrier: unknown, name: string): string | undefined {
  const value = getter.get(carrier, name);
  const only: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return typeof only === 'string' ? only : undefined;
}

/** All values of a list header as one list (RFC 9110, section 5.3). */
export function joined(getter: TextMapGetter, carrier: unknown, name: string): string | undefined {
  const value = getter.get(carrier, name);
  if (Array.isArray(value)) return value.filter((line) => typeof line === 'string').join(',');
  return typeof value === 'string' ? value : undefined;
}

/** The span context to pass on, or `undefined` where there is none or tracing is suppressed. */
export function injectable(context: Context): SpanContext | undefined {
  const own = toTraceContext(context);
  if (own.suppressed) return undefined;
  const span = own.span?.spanContext();
  return span !== undefined && isHexId(span.traceId, 32) && isHexId(span.spanId, 16) ? span : undefined;
}
