/** W3C trace context level 2: `traceparent` and `tracestate`. */
import type {
  Context,
  SpanContext,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from '@opentelemetry/api';
import { toTraceContext } from '../context';
import { isHexId } from '../ids';
import { NonRecordingSpan } from '../non-recording-span';
import { first, injectable, joined } from './carrier';
import { parseTraceState, traceStateText } from './trace-state';

/** `00-<32>-<16>-<2>` */
const LENGTH = 55;
const DASH = 45;
/** sampled and random; later versions' flags are not ours to pass on (section 3.2.2.5). */
const KNOWN_FLAGS = 0x03;

export class TraceContextPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = injectable(context);
    if (span === undefined) return;
    setter.set(carrier, 'traceparent', formatTraceparent(span));
    const state = traceStateText(span.traceState);
    if (state !== '') setter.set(carrier, 'tracestate', state);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const remote = parseTraceparent(
      first(getter, carrier, 'traceparent'),
      joined(getter, carrier, 'tracestate'),
    );
    return remote === undefined ? context : toTraceContext(context).withSpan(new NonRecordingSpan(remote));
  }

  fields(): string[] {
    return ['traceparent', 'tracestate'];
  }
}

export function formatTraceparent(span: SpanContext): string {
  const flags = span.traceFlags & KNOWN_FLAGS;
  return `00-${span.traceId}-${span.spanId}-0${flags}`;
}

/** The remote parent, or `undefined` where the header is missing or malformed: then tracestate is not even read. */
export function parseTraceparent(
  header: string | undefined,
  state: string | undefined,
): SpanContext | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (
    text.length < LENGTH ||
    text.charCodeAt(2) !== DASH ||
    text.charCodeAt(35) !== DASH ||
    text.charCodeAt(52) !== DASH
  ) {
    return undefined;
  }
  const version = hexByte(text, 0);
  // Version 00 ends here; a later one may append fields after a dash (section 4.3).
  if (version < 0 || version === 0xff) return undefined;
  if (text.length > LENGTH && (version === 0 || text.charCodeAt(LENGTH) !== DASH)) return undefined;
  const traceId = text.slice(3, 35);
  const spanId = text.slice(36, 52);
  const flags = hexByte(text, 53);
  if (flags < 0 || !isHexId(traceId, 32) || !isHexId(spanId, 16)) return undefined;
  const context: SpanContext = { traceId, spanId, traceFlags: flags & KNOWN_FLAGS, isRemote: true };
  const traceState = state === undefined ? undefined : parseTraceState(state);
  if (traceState !== undefined) context.traceState = traceState;
  return context;
}

function hexByte(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  return c >= 97 && c <= 102 ? c - 87 : -1;
}
