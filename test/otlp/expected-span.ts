/** What a receiver must have of a span, in the form of the test receivers. Written apart from the encoders, with BigInt. */
import type { EndedSpan, FlatAttributes } from '../../src/tracing/types';
import type { Attributes, KindName, ReceivedSpan, StatusName, Value } from '../helpers/span';

const kinds: readonly KindName[] = ['internal', 'server', 'client', 'producer', 'consumer'];
const statuses: readonly StatusName[] = ['unset', 'ok', 'error'];

/** Node's own UTF-8 round trip is the reference for lone surrogates. */
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

export function nanoseconds(milliseconds: number): bigint {
  const whole = Math.floor(milliseconds);
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((milliseconds - whole) * 1e6));
}

function seenAs(value: unknown): Value {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(seenAs);
  if (value instanceof Uint8Array) return Buffer.from(value);
  return null;
}

function attributesOf(list: FlatAttributes): Attributes {
  const attributes: Attributes = {};
  for (let i = 0; i < list.length; i += 2) attributes[wellFormed(list[i] as string)] = seenAs(list[i + 1]);
  return attributes;
}

export function expectedSpan(span: EndedSpan, resource: Attributes): ReceivedSpan {
  return {
    name: wellFormed(span.name),
    kind: kinds[span.kind] ?? 'unspecified',
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    attributes: attributesOf(span.attrs),
    events: span.eventList.map((event) => ({
      name: wellFormed(event.name),
      timeNs: nanoseconds(event.timeMs),
      attributes: attributesOf(event.attributes),
      droppedAttributesCount: event.droppedAttributesCount,
    })),
    links: span.linkList.map((link) => ({
      traceId: link.context.traceId,
      spanId: link.context.spanId,
      traceState: link.context.traceState?.serialize() ?? '',
      flags: link.context.traceFlags + 0x100 + (link.context.isRemote ? 0x200 : 0),
      attributes: attributesOf(link.attributes),
      droppedAttributesCount: link.droppedAttributesCount,
    })),
    status: { code: statuses[span.status.code] ?? 'unset', message: wellFormed(span.status.message ?? '') },
    resource,
    scope: { name: wellFormed(span.scope.name), version: span.scope.version ?? '', attributes: {} },
    startNs: nanoseconds(span.startMs),
    endNs: nanoseconds(span.endMs),
    flags: span.traceFlags + 0x100 + (span.parentIsRemote ? 0x200 : 0),
    traceState: span.traceStateText,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}
