/** Attributes as protobuf: `KeyValue { key = 1, value = 2 }`, `AnyValue` (opentelemetry/proto/common/v1). */
import type { FlatAttributes } from '../tracing/types';
import { encodedKey } from './key-cache';
import { ProtobufWriter, varintSize } from './protobuf-writer';

const KEY_VALUE_VALUE = 0x12;
const STRING_VALUE = 0x0a;
const BOOL_VALUE = 0x10;
const INT_VALUE = 0x18;
const DOUBLE_VALUE = 0x21;
const ARRAY_VALUE = 0x2a;
const BYTES_VALUE = 0x3a;
const ARRAY_VALUE_VALUES = 0x0a;

/** Text up to this length is first tried as ASCII; all length prefixes of its value then take one byte. */
const SHORT_CHARS = 64;

/** Writes each attribute as one field with this tag. */
export function writeAttributes(writer: ProtobufWriter, tag: number, attributes: FlatAttributes): void {
  const { length } = attributes;
  for (let i = 0; i + 1 < length; i += 2) {
    writeAttribute(writer, tag, attributes[i] as string, attributes[i + 1]);
  }
}

/** A value that OTLP cannot say (the tracer lets none through) becomes an AnyValue without content. */
export function writeAttribute(writer: ProtobufWriter, tag: number, name: string, value: unknown): void {
  const key = encodedKey(name);
  if (typeof value === 'string') {
    writeText(writer, tag, key, value);
  } else if (typeof value === 'number') {
    writeNumber(writer, tag, key, value);
  } else if (typeof value === 'boolean') {
    beginKeyValue(writer, tag, key, 2);
    writer.putByte(BOOL_VALUE);
    writer.putByte(value ? 1 : 0);
  } else {
    writeNested(writer, tag, key, value);
  }
}

/** Field and key, up to the content of the value, whose size is known; makes room for `size` bytes of content. */
function beginKeyValue(writer: ProtobufWriter, tag: number, key: Uint8Array, size: number): void {
  const keySize = key.length;
  writer.reserve(keySize + size + 12);
  const whole = keySize + 1 + varintSize(size) + size;
  if (whole > 0x7f || keySize > 64) {
    writer.putByte(tag);
    writer.putVarint(whole);
    writer.putBytes(key);
    writer.putByte(KEY_VALUE_VALUE);
    writer.putVarint(size);
    return;
  }
  const { bytes } = writer; // the common case, all lengths in one byte each, with everything in registers
  let at = writer.pos;
  bytes[at++] = tag;
  bytes[at++] = whole;
  for (let i = 0; i < keySize; i++) bytes[at++] = key[i] as number;
  bytes[at++] = KEY_VALUE_VALUE;
  bytes[at++] = size;
  writer.pos = at;
}

function writeText(writer: ProtobufWriter, tag: number, key: Uint8Array, text: string): void {
  const { length } = text;
  if (length <= SHORT_CHARS) {
    const start = writer.pos;
    beginKeyValue(writer, tag, key, length + 2);
    writer.putByte(STRING_VALUE);
    writer.putByte(length);
    if (writer.putAscii(text)) return;
    writer.pos = start;
  }
  const size = Buffer.byteLength(text);
  const content = 1 + varintSize(size) + size;
  beginKeyValue(writer, tag, key, content);
  writer.putByte(STRING_VALUE);
  writer.putVarint(size);
  writer.putUtf8(text, size);
}

function writeNumber(writer: ProtobufWriter, tag: number, key: Uint8Array, value: number): void {
  if (Number.isSafeInteger(value)) {
    const size = 1 + ProtobufWriter.int64Size(value);
    beginKeyValue(writer, tag, key, size);
    writer.putByte(INT_VALUE);
    writer.putInt64(value);
  } else {
    beginKeyValue(writer, tag, key, 9);
    writer.putByte(DOUBLE_VALUE);
    writer.putDouble(value);
  }
}

function writeNested(writer: ProtobufWriter, tag: number, key: Uint8Array, value: unknown): void {
  const field = writer.open(tag, 1);
  writer.reserve(key.length);
  writer.putBytes(key);
  const any = writer.open(KEY_VALUE_VALUE, 1);
  if (value instanceof Uint8Array) {
    writeBytes(writer, value);
  } else if (Array.isArray(value)) {
    const array = writer.open(ARRAY_VALUE, 1);
    for (let i = 0; i < value.length; i++) writeMember(writer, value[i]);
    writer.close(array, 1);
  }
  writer.close(any, 1);
  writer.close(field, 1);
}

/** One member of an array; null and undefined are kept as an AnyValue without content. */
function writeMember(writer: ProtobufWriter, value: unknown): void {
  const member = writer.open(ARRAY_VALUE_VALUES, 1);
  if (typeof value === 'string') {
    writer.string(STRING_VALUE, value);
  } else if (typeof value === 'boolean') {
    writer.reserve(2);
    writer.putByte(BOOL_VALUE);
    writer.putByte(value ? 1 : 0);
  } else if (typeof value === 'number') {
    writer.reserve(11);
    if (Number.isSafeInteger(value)) {
      writer.putByte(INT_VALUE);
      writer.putInt64(value);
    } else {
      writer.putByte(DOUBLE_VALUE);
      writer.putDouble(value);
    }
  } else if (value instanceof Uint8Array) {
    writeBytes(writer, value);
  }
  writer.close(member, 1);
}

function writeBytes(writer: ProtobufWriter, value: Uint8Array): void {
  writer.reserve(6 + value.length);
  writer.putByte(BYTES_VALUE);
  writer.putVarint(value.length);
  writer.putBytes(value);
}
