/** Zipkin's B3, as one header (`b3`) or several (`x-b3-*`). https://github.com/openzipkin/b3-propagation */
import type {
  Context,
  SpanContext,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from '@opentelemetry/api';
import { toTraceContext } from '../context';
import { INVALID_SPAN_ID, INVALID_TRACE_ID, isHexId } from '../ids';
import { NonRecordingSpan } from '../non-recording-span';
import { first, injectable } from './carrier';

/** The specification asks extractors to take both forms, whichever is configured; the single header wins. */
export class B3Propagator implements TextMapPropagator {
  constructor(private readonly form: 'single' | 'multi') {}

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = injectable(context);
    if (span === undefined) return;
    const sampled = (span.traceFlags & 1).toString();
    if (this.form === 'single') {
      setter.set(carrier, 'b3', `${span.traceId}-${span.spanId}-${sampled}`);
      return;
    }
    setter.set(carrier, 'x-b3-traceid', span.traceId);
    setter.set(carrier, 'x-b3-spanid', span.spanId);
    setter.set(carrier, 'x-b3-sampled', sampled);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const single = first(getter, carrier, 'b3');
    const parts = single?.split('-', 4);
    const remote =
      parts !== undefined
        ? toSpanContext(parts[0], parts[1], parts[2])
        : toSpanContext(
            first(getter, carrier, 'x-b3-traceid'),
            first(getter, carrier, 'x-b3-spanid'),
            first(getter, carrier, 'x-b3-flags') === '1' ? 'd' : first(getter, carrier, 'x-b3-sampled'),
          );
    return remote === undefined ? context : toTraceContext(context).withSpan(new NonRecordingSpan(remote));
  }

  fields(): string[] {
    return this.form === 'single' ? ['b3'] : ['x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled'];
  }
}

function toSpanContext(
  trace: string | undefined,
  spanId: string | undefined,
  sampling: string | undefined,
): SpanContext | undefined {
  const id = trace === undefined ? '' : trace.toLowerCase();
  // 64-bit trace ids are still common in B3.
  const traceId = id.length === 16 ? INVALID_SPAN_ID + id : id;
  const span = spanId?.toLowerCase() ?? '';
  if (traceId === INVALID_TRACE_ID || !isHexId(traceId, 32) || !isHexId(span, 16)) return undefined;
  const sampled = sampling === '1' || sampling === 'd' || sampling === 'true';
  // No decision means "defer": the receiver decides, and ours is to keep.
  return { traceId, spanId: span, traceFlags: sampled || sampling === undefined ? 1 : 0, isRemote: true };
}
