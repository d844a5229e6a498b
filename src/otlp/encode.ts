/** An ended span as OTLP protobuf (opentelemetry/proto/trace/v1/trace.proto), in ascending order of fields. */
import type {
  EndedSpan,
  FlatAttributes,
  InstrumentationScope,
  SharedAttributes,
  SpanEvent,
  SpanLink,
  TraceWords,
} from '../tracing/types';
import { writeAttribute, writeAttributes } from './attributes';
import { METADATA_KEY, metadataOf, SPAN_KIND_KEY, spanKindOf } from './openinference';
import { ProtobufWriter } from './protobuf-writer';
import { spanFlags } from './span-flags';

const SCOPE_SPANS_SCOPE = 0x0a;
const SCOPE_SPANS_SPANS = 0x12;
const SCOPE_NAME = 0x0a;
const SCOPE_VERSION = 0x12;

const SPAN_TRACE_ID = 0x0a;
const SPAN_SPAN_ID = 0x12;
const SPAN_TRACE_STATE = 0x1a;
const SPAN_PARENT_SPAN_ID = 0x22;
const SPAN_NAME = 0x2a;
const SPAN_KIND = 0x30;
const SPAN_START_TIME = 0x39;
const SPAN_END_TIME = 0x41;
const SPAN_ATTRIBUTES = 0x4a;
const SPAN_DROPPED_ATTRIBUTES = 0x50;
const SPAN_EVENTS = 0x5a;
const SPAN_DROPPED_EVENTS = 0x60;
const SPAN_LINKS = 0x6a;
const SPAN_DROPPED_LINKS = 0x70;
const SPAN_STATUS = 0x7a;
/** Field 16 needs two tag bytes: (16 << 3) | fixed32 = 0x85 as a varint. */
const SPAN_FLAGS_FIRST = 0x85;
const SPAN_FLAGS_SECOND = 0x01;

const EVENT_TIME = 0x09;
const EVENT_NAME = 0x12;
const EVENT_ATTRIBUTES = 0x1a;
const EVENT_DROPPED_ATTRIBUTES = 0x20;

const LINK_TRACE_ID = 0x0a;
const LINK_SPAN_ID = 0x12;
const LINK_TRACE_STATE = 0x1a;
const LINK_ATTRIBUTES = 0x22;
const LINK_DROPPED_ATTRIBUTES = 0x28;
const LINK_FLAGS = 0x35;

const STATUS_MESSAGE = 0x12;
const STATUS_CODE = 0x18;

/** Most spans take 128 to 16,383 bytes: two bytes of length. */
const SPAN_LENGTH_GUESS = 2;
/** What the fields of fixed size at the start of a span take at most: both ids twice, kind, times, tags. */
const SPAN_HEAD_BYTES = 64;

/** The `scope` field of a ScopeSpans. */
export function writeScope(writer: ProtobufWriter, scope: InstrumentationScope): void {
  const start = writer.open(SCOPE_SPANS_SCOPE, 1);
  writer.string(SCOPE_NAME, scope.name);
  if (scope.version) writer.string(SCOPE_VERSION, scope.version);
  writer.close(start, 1);
}

/** One `spans` field of a ScopeSpans. */
export function writeSpan(writer: ProtobufWriter, span: EndedSpan, openInference: boolean): void {
  const start = writer.open(SCOPE_SPANS_SPANS, SPAN_LENGTH_GUESS);
  writer.reserve(SPAN_HEAD_BYTES);
  const { words } = span;
  if (words === undefined) {
    putId(writer, SPAN_TRACE_ID, span.traceId);
    putId(writer, SPAN_SPAN_ID, span.spanId);
  } else {
    putTraceWords(writer, words.trace);
    putSpanWords(writer, SPAN_SPAN_ID, words.idHigh, words.idLow);
  }
  if (span.traceStateText !== '') {
    writer.string(SPAN_TRACE_STATE, span.traceStateText);
    writer.reserve(SPAN_HEAD_BYTES);
  }
  if (words === undefined) {
    if (span.parentSpanId !== '') putId(writer, SPAN_PARENT_SPAN_ID, span.parentSpanId);
  } else if (words.parentHigh !== 0 || words.parentLow !== 0) {
    putSpanWords(writer, SPAN_PARENT_SPAN_ID, words.parentHigh, words.parentLow);
  }
  writer.string(SPAN_NAME, span.name);
  writer.reserve(20);
  writer.putByte(SPAN_KIND);
  writer.putByte(span.kind + 1); // OTLP has 0 for unspecified
  writer.putByte(SPAN_START_TIME);
  writer.putNanoseconds(span.startMs);
  writer.putByte(SPAN_END_TIME);
  writer.putNanoseconds(span.endMs);
  const { parts } = span;
  if (parts === undefined) writeAttributes(writer, SPAN_ATTRIBUTES, span.attrs);
  else writeParts(writer, parts);
  if (openInference) writeOpenInference(writer, span);
  writeCount(writer, SPAN_DROPPED_ATTRIBUTES, span.droppedAttributesCount);
  if (span.eventList.length > 0) writeEvents(writer, span.eventList);
  writeCount(writer, SPAN_DROPPED_EVENTS, span.droppedEventsCount);
  if (span.linkList.length > 0) writeLinks(writer, span.linkList);
  writeCount(writer, SPAN_DROPPED_LINKS, span.droppedLinksCount);
  writeStatus(writer, span.status.code, span.status.message);
  writer.reserve(6);
  writer.putByte(SPAN_FLAGS_FIRST);
  writer.putByte(SPAN_FLAGS_SECOND);
  writer.putFixed32(spanFlags(span.traceFlags, span.parentIsRemote));
  writer.close(start, SPAN_LENGTH_GUESS);
}

function putId(writer: ProtobufWriter, tag: number, id: string): void {
  writer.putByte(tag);
  writer.putByte(id.length >>> 1);
  writer.putHex(id);
}

function putTraceWords(writer: ProtobufWriter, { word0, word1, word2, word3 }: TraceWords): void {
  writer.putByte(SPAN_TRACE_ID);
  writer.putByte(16);
  writer.putWord(word0);
  writer.putWord(word1);
  writer.putWord(word2);
  writer.putWord(word3);
}

function putSpanWords(writer: ProtobufWriter, tag: number, high: number, low: number): void {
  writer.putByte(tag);
  writer.putByte(8);
  writer.putWord(high);
  writer.putWord(low);
}

/** Attributes of which some stand in blocks: these are encoded when the first span has them, and copied from then on. */
function writeParts(writer: ProtobufWriter, parts: NonNullable<EndedSpan['parts']>): void {
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (typeof part === 'string') {
      writeAttribute(writer, SPAN_ATTRIBUTES, part, parts[++i]);
    } else {
      const block = part as SharedAttributes;
      block.encoded ??= encodedBlock(block.list);
      writer.reserve(block.encoded.length);
      writer.putBytes(block.encoded);
    }
  }
}

/** Bytes of a block are made in here. */
let scratch: ProtobufWriter | undefined;

function encodedBlock(list: FlatAttributes): Uint8Array {
  scratch ??= new ProtobufWriter();
  scratch.pos = 0;
  writeAttributes(scratch, SPAN_ATTRIBUTES, list);
  return scratch.take(0);
}

/** A uint32 field that is left out when it is 0. */
function writeCount(writer: ProtobufWriter, tag: number, count: number): void {
  if (count <= 0) return;
  writer.reserve(6);
  writer.putByte(tag);
  writer.putVarint(count >>> 0);
}

function writeStatus(writer: ProtobufWriter, code: number, message: string | undefined): void {
  if (code === 0 && !message) return;
  const start = writer.open(SPAN_STATUS, 1);
  if (message) writer.string(STATUS_MESSAGE, message);
  writeCount(writer, STATUS_CODE, code);
  writer.close(start, 1);
}

function writeEvents(writer: ProtobufWriter, events: readonly SpanEvent[]): void {
  for (let i = 0; i < events.length; i++) {
    const event = events[i] as SpanEvent;
    const start = writer.open(SPAN_EVENTS, 1);
    writer.reserve(9);
    writer.putByte(EVENT_TIME);
    writer.putNanoseconds(event.timeMs);
    writer.string(EVENT_NAME, event.name);
    writeAttributes(writer, EVENT_ATTRIBUTES, event.attributes);
    writeCount(writer, EVENT_DROPPED_ATTRIBUTES, event.droppedAttributesCount);
    writer.close(start, 1);
  }
}

function writeLinks(writer: ProtobufWriter, links: readonly SpanLink[]): void {
  for (let i = 0; i < links.length; i++) {
    const link = links[i] as SpanLink;
    const { context } = link;
    const start = writer.open(SPAN_LINKS, 1);
    writer.reserve(4 + (context.traceId.length + context.spanId.length) / 2);
    putId(writer, LINK_TRACE_ID, context.traceId);
    putId(writer, LINK_SPAN_ID, context.spanId);
    const state = context.traceState?.serialize();
    if (state) writer.string(LINK_TRACE_STATE, state);
    writeAttributes(writer, LINK_ATTRIBUTES, link.attributes);
    writeCount(writer, LINK_DROPPED_ATTRIBUTES, link.droppedAttributesCount);
    writer.reserve(5);
    writer.putByte(LINK_FLAGS);
    writer.putFixed32(spanFlags(context.traceFlags, context.isRemote === true));
    writer.close(start, 1);
  }
}

function writeOpenInference(writer: ProtobufWriter, span: EndedSpan): void {
  const kind = spanKindOf(span);
  if (kind !== undefined) writeAttribute(writer, SPAN_ATTRIBUTES, SPAN_KIND_KEY, kind);
  const metadata = metadataOf(span);
  if (metadata !== undefined) writeAttribute(writer, SPAN_ATTRIBUTES, METADATA_KEY, metadata);
}
