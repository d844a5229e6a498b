/** A link as a span keeps it: checked, and copied, since the caller's object may change or refuse to be read. */
import type { Link, SpanContext } from '@opentelemetry/api';
import { flatten } from './attributes';
import { isHexId } from './ids';
import { parseTraceState, traceStateText } from './propagation/trace-state';
import type { SpanLimits, SpanLink } from './types';

/** `undefined` where it leads nowhere: no valid ids. */
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
