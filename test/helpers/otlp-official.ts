/**
 * OTLP decoding by code that is not ours: the protobuf types which the official transformer shipped until it
 * went over to a serializer of its own.
 */
import { createRequire } from 'node:module';
import { flatten, type ReceivedSpan, type WireRequest } from './span';

interface GeneratedType {
  decode(bytes: Uint8Array): object;
  fromObject(plain: object): object;
  toObject(message: object, options: { longs: typeof String; bytes: typeof Buffer }): object;
  encode(message: object): { finish(): Uint8Array };
}

interface GeneratedRoot {
  opentelemetry: {
    proto: {
      collector: {
        trace: {
          v1: { ExportTraceServiceRequest: GeneratedType; ExportTraceServiceResponse: GeneratedType };
        };
      };
    };
  };
}

export interface PartialSuccess {
  rejectedSpans: number;
  errorMessage: string;
}

const generated = createRequire(__filename)('otlp-generated/build/src/generated/root') as GeneratedRoot;
const { ExportTraceServiceRequest, ExportTraceServiceResponse } =
  generated.opentelemetry.proto.collector.trace.v1;
const plainForm = { longs: String, bytes: Buffer } as const;

export function decodeProtobuf(body: Uint8Array): ReceivedSpan[] {
  const message = ExportTraceServiceRequest.decode(body);
  return flatten(ExportTraceServiceRequest.toObject(message, plainForm) as WireRequest);
}

/** OTLP/JSON differs from protobuf's own JSON in the ids, which are hex; the rest goes through the same types. */
export function decodeJson(body: Uint8Array): ReceivedSpan[] {
  const plain = mapIds(JSON.parse(Buffer.from(body).toString('utf8')), '');
  if (typeof plain !== 'object' || plain === null) throw new Error('the JSON body is not an object');
  const object = ExportTraceServiceRequest.toObject(ExportTraceServiceRequest.fromObject(plain), plainForm);
  // The generated types pass over unknown names, so a misspelt field would go unnoticed.
  const unknown = firstUnknownName(plain, object, '');
  if (unknown !== undefined) throw new Error(`the JSON body has a field that OTLP does not know: ${unknown}`);
  return flatten(object as WireRequest);
}

export function encodeResponse(form: 'protobuf' | 'json', partial?: PartialSuccess): Buffer {
  const plain = partial === undefined ? {} : { partialSuccess: partial };
  if (form === 'json') return Buffer.from(JSON.stringify(plain));
  return Buffer.from(
    ExportTraceServiceResponse.encode(ExportTraceServiceResponse.fromObject(plain)).finish(),
  );
}

const idDigits: Readonly<Record<string, number>> = { traceId: 32, spanId: 16, parentSpanId: 16 };
const times = new Set(['startTimeUnixNano', 'endTimeUnixNano', 'timeUnixNano']);

function mapIds(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapIds(item, ''));
  const digits = idDigits[name];
  if (digits !== undefined) return idBytes(value, name, digits);
  // The specification wants 64-bit numbers as decimal strings and lets receivers take numbers too, but a
  // JavaScript number has lost the last digits of a nanosecond time by then.
  if (times.has(name) && typeof value !== 'string') throw new Error(`${name} is not a string of digits`);
  if ((name === 'kind' || name === 'code') && typeof value !== 'number')
    throw new Error(`${name} is not a number`);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapIds(inner, key)]));
}

function idBytes(value: unknown, name: string, digits: number): Buffer {
  if (value === '' && name === 'parentSpanId') return Buffer.alloc(0);
  if (typeof value !== 'string' || value.length !== digits || !/^[0-9a-f]*$/.test(value)) {
    throw new Error(`${name} is not ${digits} lower-case hex digits`);
  }
  return Buffer.from(value, 'hex');
}

function firstUnknownName(sent: unknown, known: unknown, path: string): string | undefined {
  if (Array.isArray(sent)) {
    for (const [index, item] of sent.entries()) {
      const found = firstUnknownName(
        item,
        Array.isArray(known) ? known[index] : undefined,
        `${path}[${index}]`,
      );
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (typeof sent !== 'object' || sent === null || sent instanceof Uint8Array) return undefined;
  for (const [key, inner] of Object.entries(sent)) {
    if (inner === null || (Array.isArray(inner) && inner.length === 0)) continue;
    if (typeof known !== 'object' || known === null || !Object.hasOwn(known, key)) return `${path}.${key}`;
    const found = firstUnknownName(inner, (known as Record<string, unknown>)[key], `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
