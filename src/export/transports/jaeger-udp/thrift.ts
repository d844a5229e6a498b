/**
 * Writes spans in Jaeger's own model (jaeger.thrift). They are mapped as by Jaeger's OTLP translator, so that a trace
 * looks the same whichever way it came:
 * https://github.com/jaegertracing/jaeger-idl/blob/main/thrift/jaeger.thrift
 * https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/pkg/translator/jaeger
 */
import { jsonText } from '../../../text/json';
import { SPAN_KINDS } from '../../../tracing/span-kind';
import type { EndedSpan, FlatAttributes, Resource, SpanEvent, SpanLink } from '../../../tracing/types';
import { type CompactWriter, Wire } from './compact-writer';

const TagType = { String: 0, Double: 1, Bool: 2, Long: 3, Binary: 4 } as const;

const FOLLOWS_FROM = 1;
const STATUS_OK = 1;
const STATUS_ERROR = 2;
const SERVICE_NAME = 'service.name';

type Tags = [key: string, value: unknown][];

/** Writes a struct Process: the service name, and all other resource attributes as tags. */
export function writeProcess(writer: CompactWriter, resource: Resource): void {
  const tags = Object.entries(resource.attributes).filter(
    ([key, value]) => key !== SERVICE_NAME && value !== undefined && value !== null,
  );
  writer.structBegin();
  writer.textField(1, String(resource.attributes[SERVICE_NAME] ?? 'unknown_service'));
  writeTags(writer, 2, tags);
  writer.structEnd();
}

/** Writes a struct Span. */
export function writeJaegerSpan(writer: CompactWriter, span: EndedSpan): void {
  writer.structBegin();
  writeId(writer, 1, span.traceId, 16);
  writeId(writer, 2, span.traceId, 0);
  writeId(writer, 3, span.spanId, 0);
  writeId(writer, 4, span.parentSpanId === '' ? '0000000000000000' : span.parentSpanId, 0);
  writer.textField(5, span.name);
  if (span.linkList.length > 0) writeReferences(writer, span.linkList);
  writer.i32Field(7, span.traceFlags & 1);
  writer.i64Field(8, microseconds(span.startMs));
  writer.i64Field(9, Math.max(0, microseconds(span.endMs) - microseconds(span.startMs)));
  writeTags(writer, 10, tagsOf(span));
  if (span.eventList.length > 0) writeLogs(writer, span.eventList);
  writer.structEnd();
}

function tagsOf(span: EndedSpan): Tags {
  const tags = pairs(span.attrs);
  tags.push(['span.kind', SPAN_KINDS[span.kind] ?? 'internal']);
  if (span.scope.name !== '') tags.push(['otel.scope.name', span.scope.name]);
  if (span.scope.version) tags.push(['otel.scope.version', span.scope.version]);
  const { code, message } = span.status;
  if (code === STATUS_OK) tags.push(['otel.status_code', 'OK']);
  if (code === STATUS_ERROR) tags.push(['otel.status_code', 'ERROR'], ['error', true]);
  if (message) tags.push(['otel.status_description', message]);
  if (span.traceStateText !== '') tags.push(['w3c.tracestate', span.traceStateText]);
  return tags;
}

function writeReferences(writer: CompactWriter, links: readonly SpanLink[]): void {
  writer.listField(6, Wire.Struct, links.length);
  for (const { context } of links) {
    writer.structBegin();
    writer.i32Field(1, FOLLOWS_FROM);
    writeId(writer, 2, context.traceId, 16);
    writeId(writer, 3, context.traceId, 0);
    writeId(writer, 4, context.spanId, 0);
    writer.structEnd();
  }
}

function writeLogs(writer: CompactWriter, events: readonly SpanEvent[]): void {
  writer.listField(11, Wire.Struct, events.length);
  for (const event of events) {
    const fields = pairs(event.attributes);
    if (event.name !== '' && !fields.some(([key]) => key === 'event')) fields.unshift(['event', event.name]);
    writer.structBegin();
    writer.i64Field(1, microseconds(event.timeMs));
    writeTags(writer, 2, fields);
    writer.structEnd();
  }
}

function writeTags(writer: CompactWriter, field: number, tags: Tags): void {
  writer.listField(field, Wire.Struct, tags.length);
  for (const [key, value] of tags) {
    writer.structBegin();
    writer.textField(1, key);
    if (typeof value === 'string') writeTextValue(writer, value);
    else if (typeof value === 'boolean') {
      writer.i32Field(2, TagType.Bool);
      writer.boolField(5, value);
    } else if (typeof value === 'number' && Number.isSafeInteger(value)) {
      writer.i32Field(2, TagType.Long);
      writer.i64Field(6, value);
    } else if (typeof value === 'number' && Number.isFinite(value)) {
      writer.i32Field(2, TagType.Double);
      writer.doubleField(4, value);
    } else if (value instanceof Uint8Array) {
      writer.i32Field(2, TagType.Binary);
      writer.binaryField(7, value);
    } else if (typeof value === 'number') {
      // Jaeger's query service answers 500 for a trace with such a number, because JSON has none.
      writeTextValue(writer, `${value}`);
    } else {
      writeTextValue(writer, jsonText(value)); // Jaeger has no arrays.
    }
    writer.structEnd();
  }
}

function writeTextValue(writer: CompactWriter, value: string): void {
  writer.i32Field(2, TagType.String);
  writer.textField(3, value);
}

function pairs(attributes: FlatAttributes): Tags {
  const tags: Tags = [];
  for (let i = 0; i + 1 < attributes.length; i += 2) tags.push([attributes[i] as string, attributes[i + 1]]);
  return tags;
}

/** Writes 16 hex digits from `offset` on as an i64. */
function writeId(writer: CompactWriter, field: number, hex: string, offset: number): void {
  const high = Number.parseInt(hex.slice(offset, offset + 8), 16);
  const low = Number.parseInt(hex.slice(offset + 8, offset + 16), 16);
  writer.i64PartsField(field, high | 0, low | 0);
}

function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000);
}
