/** The flat fields of a span as the official SDK's `ReadableSpan` (1.x and 2.x), for custom exporters and processors. */
import type { Attributes, HrTime, Link, SpanContext } from '@opentelemetry/api';
import { unflatten } from './attributes';
import { toHrTime } from './clock';
import { parseTraceState } from './propagation/trace-state';
import type {
  EndedSpan,
  InstrumentationScope,
  ReadableSpanView,
  Resource,
  SpanEvent,
  SpanLink,
} from './types';

/** Getters only: nothing of it exists until somebody asks. */
export abstract class ReadableFields {
  abstract readonly traceId: string;
  abstract readonly parentSpanId: string;
  abstract readonly parentIsRemote: boolean;
  abstract readonly traceFlags: number;
  abstract readonly startMs: number;
  abstract readonly endMs: number;
  abstract readonly attrs: EndedSpan['attrs'];
  abstract readonly eventList: readonly SpanEvent[];
  abstract readonly linkList: readonly SpanLink[];
  abstract readonly scope: InstrumentationScope;
  abstract readonly local: { resource(): Resource };

  get parentSpanContext(): SpanContext | undefined {
    if (this.parentSpanId === '') return undefined;
    return {
      traceId: this.traceId,
      spanId: this.parentSpanId,
      traceFlags: this.traceFlags,
      isRemote: this.parentIsRemote,
    };
  }

  get startTime(): HrTime {
    return toHrTime(this.startMs);
  }

  get endTime(): HrTime {
    return toHrTime(this.endMs);
  }

  get duration(): HrTime {
    return toHrTime(Math.max(0, this.endMs - this.startMs));
  }

  get attributes(): Attributes {
    return unflatten(this.attrs);
  }

  get links(): Link[] {
    return this.linkList.map((link) => ({
      context: link.context,
      attributes: unflatten(link.attributes),
      droppedAttributesCount: link.droppedAttributesCount,
    }));
  }

  get events(): ReadableSpanView['events'] {
    return this.eventList.map((event) => ({
      name: event.name,
      time: toHrTime(event.timeMs),
      attributes: unflatten(event.attributes),
      droppedAttributesCount: event.droppedAttributesCount,
    }));
  }

  get resource(): Resource {
    return this.local.resource();
  }

  get instrumentationScope(): InstrumentationScope {
    return this.scope;
  }

  get instrumentationLibrary(): InstrumentationScope {
    return this.scope;
  }
}

/**
 * A span that ended in another thread, with everything that exporters read. Abstract, since its fields are those of the
 * span that came: declared here, they would be there twice.
 */
abstract class RevivedSpan extends ReadableFields {
  abstract readonly spanId: string;
  abstract readonly traceStateText: string;

  spanContext(): SpanContext {
    const { traceId, spanId, traceFlags } = this;
    const traceState = parseTraceState(this.traceStateText);
    return { traceId, spanId, traceFlags, ...(traceState && { traceState }) };
  }
}

/** @param span its plain fields */
export function reviveSpan(span: EndedSpan, resource: Resource): EndedSpan & ReadableSpanView {
  const local = { resource: () => resource };
  const revived = Object.create(RevivedSpan.prototype) as RevivedSpan & ReadableSpanView;
  return Object.assign(revived, span, { ended: true, local });
}
