/**
 * The OTLP/JSON mapping: ids as hex, 64-bit integers as decimal strings, enums as numbers, lowerCamelCase.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import { jsonNumber, jsonString } from '../text/json';
import type {
  EndedSpan,
  FlatAttributes,
  InstrumentationScope,
  Resource,
  SpanEvent,
  SpanLink,
} from '../tracing/types';
import { METADATA_KEY, metadataOf, SPAN_KIND_KEY, spanKindOf } from './openinference';
import { ProtobufWriter } from './protobuf-writer';
import { spanFlags } from './span-flags';

/** Nanoseconds exceed 2^53, so the decimal digits are put together: whole milliseconds, then six more digits. */
function nanoseconds(milliseconds: number): string {
  if (!(milliseconds > 0 && milliseconds < 18446744073709)) return '"0"';
  let whole = Math.floor(milliseconds);
  let rest = Math.round((milliseconds - whole) * 1e6);
  if (rest === 1e6) {
    whole++;
    rest = 0;
  }
  return `"${whole}${String(rest).padStart(6, '0')}"`;
}

function anyValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `{"stringValue":${jsonString(value)}}`;
    case 'boolean':
      return `{"boolValue":${value}}`;
    case 'number':
      if (Number.isSafeInteger(value)) return `{"intValue":"${value === 0 ? 0 : value}"}`;
      return `{"doubleValue":${jsonNumber(value)}}`;
    default:
      if (Array.isArray(value)) return `{"arrayValue":{"values":[${value.map(anyValue).join(',')}]}}`;
      if (value instanceof Uint8Array) return `{"bytesValue":"${Buffer.from(value).toString('base64')}"}`;
      return '{}';
  }
}

function keyValue(key: string, value: unknown): string {
  return `{"key":${jsonString(key)},"value":${anyValue(value)}}`;
}

function keyValues(attributes: FlatAttributes): string {
  let text = '';
  for (let i = 0; i + 1 < attributes.length; i += 2) {
    if (i > 0) text += ',';
    text += keyValue(attributes[i] as string, attributes[i + 1]);
  }
  return text;
}

function count(name: string, value: number): string {
  return value > 0 ? `,"${name}":${value}` : '';
}

function event(item: SpanEvent): string {
  const head = `{"timeUnixNano":${nanoseconds(item.timeMs)},"name":${jsonString(item.name)}`;
  const attributes = `,"attributes":[${keyValues(item.attributes)}]`;
  return `${head}${attributes}${count('droppedAttributesCount', item.droppedAttributesCount)}}`;
}

function link(item: SpanLink): string {
  const { context } = item;
  const state = context.traceState?.serialize();
  const head = `{"traceId":"${context.traceId}","spanId":"${context.spanId}"`;
  const attributes = `,"attributes":[${keyValues(item.attributes)}]`;
  const dropped = count('droppedAttributesCount', item.droppedAttributesCount);
  const flags = `,"flags":${spanFlags(context.traceFlags, context.isRemote === true)}`;
  return `${head}${state ? `,"traceState":${jsonString(state)}` : ''}${attributes}${dropped}${flags}}`;
}

function spanAttributes(span: EndedSpan, openInference: boolean): string {
  let text = keyValues(span.attrs);
  if (!openInference) return text;
  const kind = spanKindOf(span);
  if (kind !== undefined) text += `${text === '' ? '' : ','}${keyValue(SPAN_KIND_KEY, kind)}`;
  const metadata = metadataOf(span);
  if (metadata !== undefined) text += `${text === '' ? '' : ','}${keyValue(METADATA_KEY, metadata)}`;
  return text;
}

/** One element of `scopeSpans[].spans`. */
export function spanJson(span: EndedSpan, openInference: boolean): string {
  let text = `{"traceId":"${span.traceId}","spanId":"${span.spanId}"`;
  if (span.traceStateText !== '') text += `,"traceState":${jsonString(span.traceStateText)}`;
  if (span.parentSpanId !== '') text += `,"parentSpanId":"${span.parentSpanId}"`;
  text += `,"name":${jsonString(span.name)},"kind":${span.kind + 1}`;
  text += `,"startTimeUnixNano":${nanoseconds(span.startMs)},"endTimeUnixNano":${nanoseconds(span.endMs)}`;
  text += `,"attributes":[${spanAttributes(span, openInference)}]`;
  text += count('droppedAttributesCount', span.droppedAttributesCount);
  if (span.eventList.length > 0) text += `,"events":[${span.eventList.map(event).join(',')}]`;
  text += count('droppedEventsCount', span.droppedEventsCount);
  if (span.linkList.length > 0) text += `,"links":[${span.linkList.map(link).join(',')}]`;
  text += count('droppedLinksCount', span.droppedLinksCount);
  const { code, message } = span.status;
  if (code !== 0 || message)
    text += `,"status":{"code":${code}${message ? `,"message":${jsonString(message)}` : ''}}`;
  return `${text},"flags":${spanFlags(span.traceFlags, span.parentIsRemote)}}`;
}

const COMMA = 0x2c;

interface Group {
  readonly scope: InstrumentationScope;
  /** The spans so far, with commas between them. Joined from strings at the end they would cost several times as much. */
  readonly writer: ProtobufWriter;
}

/** Collects spans as JSON text, one `scopeSpans` element per instrumentation scope. */
export class ScopeSpansJsonBuilder {
  /** Bytes collected so far, without the scopes themselves. */
  bytes = 0;
  private readonly openInference: boolean;
  private readonly groups = new Map<string, Group>();

  constructor(openInference: boolean) {
    this.openInference = openInference;
  }

  add(span: EndedSpan): void {
    const text = spanJson(span, this.openInference);
    const size = Buffer.byteLength(text);
    const { writer } = this.groupOf(span.scope);
    writer.reserve(size + 1);
    if (writer.pos > 0) writer.putByte(COMMA);
    writer.putUtf8(text, size);
    this.bytes += size;
  }

  /** Everything collected, the text of one `scopeSpans` element per scope; the builder is empty afterwards. */
  finish(): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (const { scope, writer } of this.groups.values()) {
      const version = scope.version ? `,"version":${jsonString(scope.version)}` : '';
      const schema = scope.schemaUrl ? `,"schemaUrl":${jsonString(scope.schemaUrl)}` : '';
      const head = Buffer.from(`{"scope":{"name":${jsonString(scope.name)}${version}},"spans":[`);
      pieces.push(Buffer.concat([head, writer.take(0), Buffer.from(`]${schema}}`)]));
    }
    this.groups.clear();
    this.bytes = 0;
    return pieces;
  }

  private groupOf(scope: InstrumentationScope): Group {
    const name = `${scope.name}\0${scope.version ?? ''}\0${scope.schemaUrl ?? ''}`;
    let group = this.groups.get(name);
    if (group === undefined) {
      group = { scope, writer: new ProtobufWriter() };
      this.groups.set(name, group);
    }
    return group;
  }
}

/** The members of a ResourceSpans that say who sent it, as JSON text. */
export function resourceJson(resource: Resource): string {
  const attributes: string[] = [];
  for (const [key, value] of Object.entries(resource.attributes)) {
    if (value !== undefined && value !== null) attributes.push(keyValue(key, value));
  }
  const schema = resource.schemaUrl ? `,"schemaUrl":${jsonString(resource.schemaUrl)}` : '';
  return `"resource":{"attributes":[${attributes.join(',')}]}${schema}`;
}

/** A whole export request with one ResourceSpans: what `resourceJson` gave and the `scopeSpans` elements. */
export function assembleJsonRequest(resource: string, pieces: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`{"resourceSpans":[{${resource},"scopeSpans":[`)];
  for (let i = 0; i < pieces.length; i++) {
    if (i > 0) parts.push(Buffer.from(','));
    parts.push(pieces[i] as Uint8Array);
  }
  parts.push(Buffer.from(']}]}'));
  return Buffer.concat(parts);
}
