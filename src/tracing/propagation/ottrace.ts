/** OpenTracing's basic tracer headers (`ot-tracer-*`), for services that still speak them. */
import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { toTraceContext } from '../context';
import { isHexId } from '../ids';
import { NonRecordingSpan } from '../non-recording-span';
import { first, injectable } from './carrier';

const TRACE = 'ot-tracer-traceid';
const SPAN = 'ot-tracer-spanid';
const SAMPLED = 'ot-tracer-sampled';

export class OtTracePropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = injectable(context);
    if (span === undefined) return;
    // The format knows 64 bits only.
    setter.set(carrier, TRACE, span.traceId.slice(16));
    setter.set(carrier, SPAN, span.spanId);
    setter.set(carrier, SAMPLED, (span.traceFlags & 1) === 1 ? 'true' : 'false');
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const traceId = (first(getter, carrier, TRACE) ?? '').toLowerCase().padStart(32, '0');
    const spanId = (first(getter, carrier, SPAN) ?? '').toLowerCase();
    if (!isHexId(traceId, 32) || !isHexId(spanId, 16)) return context;
    const sampled = first(getter, carrier, SAMPLED);
    const traceFlags = sampled === 'true' || sampled === '1' ? 1 : 0;
    return toTraceContext(context).withSpan(
      new NonRecordingSpan({ traceId, spanId, traceFlags, isRemote: true }),
    );
  }

  fields(): string[] {
    return [TRACE, SPAN, SAMPLED];
  }
}
