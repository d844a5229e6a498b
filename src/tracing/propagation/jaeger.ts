/** Jaeger's `uber-trace-id`: `{trace-id}:{span-id}:{parent-id}:{flags}`. Its `uberctx-` baggage is left to W3C's. */
import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { toTraceContext } from '../context';
import { isHexId } from '../ids';
import { NonRecordingSpan } from '../non-recording-span';
import { first, injectable } from './carrier';

const HEADER = 'uber-trace-id';

export class JaegerPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = injectable(context);
    if (span === undefined) return;
    setter.set(carrier, HEADER, `${span.traceId}:${span.spanId}:0:${(span.traceFlags & 1).toString(16)}`);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = first(getter, carrier, HEADER);
    if (header === undefined || header.length > 256) return context;
    // Some senders percent-encode the colons.
    const parts = header.replaceAll('%3A', ':').replaceAll('%3a', ':').split(':');
    if (parts.length !== 4) return context;
    const [trace = '', span = '', , flagText = ''] = parts;
    // Leading zeros may be missing.
    const traceId = trace.toLowerCase().padStart(32, '0');
    const spanId = span.toLowerCase().padStart(16, '0');
    const flags = Number.parseInt(flagText, 16);
    if (!isHexId(traceId, 32) || !isHexId(spanId, 16) || Number.isNaN(flags)) return context;
    const remote = { traceId, spanId, traceFlags: flags & 1, isRemote: true };
    return toTraceContext(context).withSpan(new NonRecordingSpan(remote));
  }

  fields(): string[] {
    return [HEADER];
  }
}
