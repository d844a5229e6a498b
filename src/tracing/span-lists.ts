/** The lists of a span, events and links, cut to the limits. */
import type { Attributes, Link, SpanContext, TimeInput } from '@opentelemetry/api';
import { flatten } from './attributes';
import { fromTimeInput, isTimeInput, monotonic } from './clock';
import { isHexId } from './ids';
import { parseTraceState, traceStateText } from './propagation/trace-state';
import type { FlatAttributes, SpanEvent, SpanLimits, SpanLink } from './types';

/** What the events of a span need to know of its trace. */
interface TraceSettings {
  readonly limits: SpanLimits;
  /** Milliseconds to add to the monotonic clock to get unix time. */
  readonly offset: number;
}

/**
 * An event as `Span.addEvent()` is given it.
 * @param name cut and cleaned already
 * @param attributesOrTime the time, where there are no attributes
 */
export function toSpanEvent(
  name: string,
  attributesOrTime: Attributes | TimeInput | undefined,
  time: TimeInput | undefined,
  { limits, offset }: TraceSettings,
): SpanEvent {
  const hasAttributes = !isTimeInput(attributesOrTime);
  const { list, dropped } = flatten(
    hasAttributes ? attributesOrTime : undefined,
    limits.attributePerEventCount,
    limits.attributeValueLength,
  );
  const at = time ?? (hasAttributes ? undefined : attributesOrTime);
  return { name, timeMs: timeOf(at, offset), attributes: list, droppedAttributesCount: dropped };
}

/**
 * The event that tells of an error.
 * @param attributes of `exceptionAttributes()`
 */
export function toExceptionEvent(
  attributes: FlatAttributes,
  time: TimeInput | undefined,
  { limits, offset }: TraceSettings,
): SpanEvent {
  const kept = attributes.slice(0, limits.attributePerEventCount * 2);
  const dropped = (attributes.length - kept.length) / 2;
  return {
    name: 'exception',
    timeMs: timeOf(time, offset),
    attributes: kept,
    droppedAttributesCount: dropped,
  };
}

function timeOf(time: TimeInput | undefined, offset: number): number {
  return fromTimeInput(time, offset) ?? monotonic() + offset;
}

/**
 * A link as a span keeps it: checked, and copied, since the caller's object may change or refuse to be read.
 * @returns undefined where it leads nowhere: no valid ids
 */
export function toSpanLink(link: Link, limits: SpanLimits): SpanLink | undefined {
  try {
    const { traceId, spanId, traceFlags, isRemote, traceState } = link.context;
    if (!isHexId(traceId, 32) || !isHexId(spanId, 16)) return undefined;
    const context: SpanContext = {
      traceId,
      spanId,
      traceFlags: typeof traceFlags === 'number' ? traceFlags & 0xff : 0,
    };
    if (isRemote !== undefined) context.isRemote = isRemote === true;
    const state = parseTraceState(traceStateText(traceState));
    if (state !== undefined) context.traceState = state;
    const { list, dropped } = flatten(
      link.attributes,
      limits.attributePerLinkCount,
      limits.attributeValueLength,
    );
    return {
      context,
      attributes: list,
      droppedAttributesCount: dropped + (Number(link.droppedAttributesCount) || 0),
    };
  } catch {
    return undefined;
  }
}

/** At the limit the oldest gives way, as in the official SDK: the last ones tell why a span ended as it did. */
export function appendNewest<T>(list: T[] | readonly never[], item: T, limit: number): T[] {
  if (list.length === 0) return limit > 0 ? [item] : [];
  const own = list as T[];
  own.push(item);
  if (own.length > limit) own.shift();
  return own;
}
