/** AWS X-Ray: `X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`. */
import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { toTraceContext } from '../context';
import { isHexId } from '../ids';
import { NonRecordingSpan } from '../non-recording-span';
import { first, injectable } from './carrier';

const HEADER = 'x-amzn-trace-id';
/** Length of the time stamp that X-Ray splits off the trace id. */
const TIME_DIGITS = 8;
/** In `1-{time}-{rest}`. */
const DASH_AT = 2 + TIME_DIGITS;

export class XRayPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = injectable(context);
    if (span === undefined) return;
    const root = `1-${span.traceId.slice(0, TIME_DIGITS)}-${span.traceId.slice(TIME_DIGITS)}`;
    setter.set(carrier, HEADER, `Root=${root};Parent=${span.spanId};Sampled=${span.traceFlags & 1}`);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = first(getter, carrier, HEADER);
    if (header === undefined || header.length > 1024) return context;
    let traceId = '';
    let spanId = '';
    // No decision, or an open one (`?`), is ours to make, and ours is to keep.
    let traceFlags = 1;
    for (const part of header.split(';')) {
      const at = part.indexOf('=');
      const value = part.slice(at + 1).trim();
      switch (part.slice(0, Math.max(at, 0)).trim()) {
        case 'Root':
          if (value.startsWith('1-') && value[DASH_AT] === '-') {
            traceId = value.slice(2, DASH_AT) + value.slice(DASH_AT + 1);
          }
          break;
        case 'Parent':
          spanId = value;
          break;
        case 'Sampled':
          traceFlags = value === '1' || value === '?' ? 1 : 0;
          break;
      }
    }
    if (!isHexId(traceId, 32) || !isHexId(spanId, 16)) return context;
    return toTraceContext(context).withSpan(
      new NonRecordingSpan({ traceId, spanId, traceFlags, isRemote: true }),
    );
  }

  fields(): string[] {
    return [HEADER];
  }
}
