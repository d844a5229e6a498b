/**
 * Jaeger's `Agent.emitBatch` read with TCompactProtocol of the npm package `thrift`; only the names of the
 * fields (from Jaeger's public IDL) are ours. Unknown fields and wrong types are errors.
 */
import { createRequire } from 'node:module';

export type TagValue = string | number | bigint | boolean | Buffer;

export interface JaegerSpan {
  /** 32 hex digits. */
  traceId: string;
  spanId: string;
  /** '' for a root span. */
  parentSpanId: string;
  operationName: string;
  flags: number;
  startMicros: bigint;
  durationMicros: bigint;
  tags: Record<string, TagValue>;
  logs: { timestampMicros: bigint; fields: Record<string, TagValue> }[];
  references: { kind: 'child_of' | 'follows_from'; traceId: string; spanId: string }[];
  service: string;
  processTags: Record<string, TagValue>;
}

export interface JaegerBatch {
  service: string;
  processTags: Record<string, TagValue>;
  spans: JaegerSpan[];
}

interface ThriftInt64 {
  buffer: Buffer;
}

/** The part of the library's protocol object that is used here. */
interface Protocol {
  readMessageBegin(): { fname: string; mtype: number };
  readStructBegin(): void;
  readStructEnd(): void;
  readFieldBegin(): { ftype: number; fid: number };
  readListBegin(): { etype: number; size: number };
  readBool(): boolean;
  readI32(): number;
  readI64(): ThriftInt64;
  readDouble(): number;
  readString(): string;
  readBinary(): Buffer;
}

interface Thrift {
  TCompactProtocol: new (transport: object) => Protocol;
  TFramedTransport: new (bytes: Buffer) => { readPos: number };
  Thrift: { Type: Record<'STOP' | 'BOOL' | 'DOUBLE' | 'I32' | 'I64' | 'STRING' | 'STRUCT' | 'LIST', number> };
}

const thrift = createRequire(__filename)('thrift') as Thrift;
const T = thrift.Thrift.Type;
const oneWay = 4;

type Read = (p: Protocol) => unknown;
/** Field id -> name, wire type, reader. */
type Shape = Record<number, readonly [name: string, type: number, read: Read]>;

const i32: Read = (p) => p.readI32();
const i64: Read = (p) => p.readI64().buffer.readBigInt64BE();
const text: Read = (p) => p.readString();

const tag: Shape = {
  1: ['key', T.STRING, text],
  2: ['type', T.I32, i32],
  3: ['vStr', T.STRING, text],
  4: ['vDouble', T.DOUBLE, (p) => p.readDouble()],
  5: ['vBool', T.BOOL, (p) => p.readBool()],
  6: ['vLong', T.I64, i64],
  7: ['vBinary', T.STRING, (p) => p.readBinary()],
};
const log: Shape = { 1: ['timestamp', T.I64, i64], 2: ['fields', T.LIST, listOf(tag)] };
const reference: Shape = {
  1: ['refType', T.I32, i32],
  2: ['traceIdLow', T.I64, i64],
  3: ['traceIdHigh', T.I64, i64],
  4: ['spanId', T.I64, i64],
};
const span: Shape = {
  1: ['traceIdLow', T.I64, i64],
  2: ['traceIdHigh', T.I64, i64],
  3: ['spanId', T.I64, i64],
  4: ['parentSpanId', T.I64, i64],
  5: ['operationName', T.STRING, text],
  6: ['references', T.LIST, listOf(reference)],
  7: ['flags', T.I32, i32],
  8: ['startTime', T.I64, i64],
  9: ['duration', T.I64, i64],
  10: ['tags', T.LIST, listOf(tag)],
  11: ['logs', T.LIST, listOf(log)],
};
const sender: Shape = { 1: ['serviceName', T.STRING, text], 2: ['tags', T.LIST, listOf(tag)] };
const batch: Shape = {
  1: ['process', T.STRUCT, (p) => struct(p, sender)],
  2: ['spans', T.LIST, listOf(span)],
};
const emitBatchArguments: Shape = { 1: ['batch', T.STRUCT, (p) => struct(p, batch)] };

type Fields = Record<string, unknown>;

export function decodeEmitBatch(datagram: Buffer): JaegerBatch {
  const transport = new thrift.TFramedTransport(datagram);
  const protocol = new thrift.TCompactProtocol(transport);
  const { fname, mtype } = protocol.readMessageBegin();
  if (fname !== 'emitBatch') throw new Error(`the message is called "${fname}" instead of "emitBatch"`);
  if (mtype !== oneWay) throw new Error(`the message is of type ${mtype} instead of one-way (${oneWay})`);
  const raw = need<Fields>(struct(protocol, emitBatchArguments), 'batch');
  if (transport.readPos !== datagram.length) {
    throw new Error(`${datagram.length - transport.readPos} bytes follow the message`);
  }
  const from = need<Fields>(raw, 'process');
  const service = need<string>(from, 'serviceName');
  const processTags = tagsOf(from.tags);
  return {
    service,
    processTags,
    spans: need<Fields[]>(raw, 'spans').map((fields) => spanOf(fields, service, processTags)),
  };
}

function spanOf(fields: Fields, service: string, processTags: Record<string, TagValue>): JaegerSpan {
  const parent = need<bigint>(fields, 'parentSpanId');
  return {
    traceId: hex(need(fields, 'traceIdHigh')) + hex(need(fields, 'traceIdLow')),
    spanId: hex(need(fields, 'spanId')),
    parentSpanId: parent === 0n ? '' : hex(parent),
    operationName: need(fields, 'operationName'),
    flags: need(fields, 'flags'),
    startMicros: need(fields, 'startTime'),
    durationMicros: need(fields, 'duration'),
    tags: tagsOf(fields.tags),
    logs: list(fields.logs).map((entry) => ({
      timestampMicros: need(entry, 'timestamp'),
      fields: tagsOf(need(entry, 'fields')),
    })),
    references: list(fields.references).map((entry) => ({
      kind: need<number>(entry, 'refType') === 0 ? 'child_of' : 'follows_from',
      traceId: hex(need(entry, 'traceIdHigh')) + hex(need(entry, 'traceIdLow')),
      spanId: hex(need(entry, 'spanId')),
    })),
    service,
    processTags,
  };
}

function tagsOf(value: unknown): Record<string, TagValue> {
  const tags: Record<string, TagValue> = {};
  const slots = ['vStr', 'vDouble', 'vBool', 'vLong', 'vBinary'];
  for (const entry of list(value)) {
    const key = need<string>(entry, 'key');
    const slot = slots[need<number>(entry, 'type')];
    if (slot === undefined) throw new Error(`tag "${key}" has a type that does not exist`);
    if (Object.hasOwn(tags, key)) throw new Error(`tag "${key}" is there twice`);
    const content = need<TagValue>(entry, slot);
    const fits = typeof content === 'bigint' && BigInt(Number(content)) === content;
    tags[key] = fits ? Number(content) : content;
  }
  return tags;
}

function struct(p: Protocol, shape: Shape): Fields {
  const fields: Fields = {};
  p.readStructBegin();
  for (;;) {
    const { ftype, fid } = p.readFieldBegin();
    if (ftype === T.STOP) break;
    const known = shape[fid];
    if (known === undefined) throw new Error(`field ${fid} does not exist here`);
    const [name, type, read] = known;
    if (ftype !== type) throw new Error(`field ${name} has Thrift type ${ftype} instead of ${type}`);
    fields[name] = read(p);
  }
  p.readStructEnd();
  return fields;
}

function listOf(shape: Shape): Read {
  return (p) => {
    const { etype, size } = p.readListBegin();
    if (size > 0 && etype !== T.STRUCT)
      throw new Error(`a list holds Thrift type ${etype} instead of structs`);
    return Array.from({ length: size }, () => struct(p, shape));
  };
}

function need<V>(fields: Fields, name: string): V {
  if (!Object.hasOwn(fields, name)) throw new Error(`required field ${name} is missing`);
  return fields[name] as V;
}

function list(value: unknown): Fields[] {
  return (value ?? []) as Fields[];
}

function hex(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16).padStart(16, '0');
}
