/** The resource as OTLP protobuf: field 1 (and, for a schema, field 3) of a ResourceSpans, encoded once. */
import type { Resource } from '../tracing/types';
import { writeAttribute } from './attributes';
import { ProtobufWriter, varintSize } from './protobuf-writer';

const REQUEST_RESOURCE_SPANS = 0x0a;
const RESOURCE_SPANS_RESOURCE = 0x0a;
const RESOURCE_SPANS_SCHEMA_URL = 0x1a;
const RESOURCE_ATTRIBUTES = 0x0a;

/** Resource attributes with a destination's own ones on top. */
export function withAttributes(resource: Resource, extra: Readonly<Record<string, string>>): Resource {
  return { ...resource, attributes: { ...resource.attributes, ...extra } };
}

/** What a transport makes of its resource; made anew when the attributes are others than before. */
export class EncodedResource<Encoded> {
  private madeOf: Resource['attributes'] | undefined;
  private encoded: Encoded | undefined;

  /**
   * @param extra the destination's own attributes
   * @param encode is called when somebody first asks, and after each change
   */
  constructor(
    private readonly resource: Resource,
    private readonly extra: Readonly<Record<string, string>>,
    private readonly encode: (resource: Resource) => Encoded,
  ) {}

  get current(): Encoded {
    const { attributes } = this.resource;
    if (this.encoded === undefined || this.madeOf !== attributes) {
      this.madeOf = attributes;
      this.encoded = this.encode(withAttributes(this.resource, this.extra));
    }
    return this.encoded;
  }
}

export function encodeResource(resource: Resource): Uint8Array {
  const writer = new ProtobufWriter();
  const start = writer.open(RESOURCE_SPANS_RESOURCE, 2);
  for (const [key, value] of Object.entries(resource.attributes)) {
    if (value !== undefined && value !== null) writeAttribute(writer, RESOURCE_ATTRIBUTES, key, value);
  }
  writer.close(start, 2);
  if (resource.schemaUrl) writer.string(RESOURCE_SPANS_SCHEMA_URL, resource.schemaUrl);
  return writer.take(0);
}

/** Bytes in all. */
export function sizeOf(parts: readonly Uint8Array[]): number {
  let size = 0;
  for (const part of parts) size += part.length;
  return size;
}

/**
 * A whole ExportTraceServiceRequest with one ResourceSpans, in parts that are sent one after the other: what
 * `encodeResource` gave, with tag and length before it, and then the `scope_spans` fields as they are.
 */
export function requestParts(resource: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array[] {
  const size = resource.length + sizeOf(pieces);
  const header = new ProtobufWriter();
  header.reserve(1 + varintSize(size) + resource.length);
  header.putByte(REQUEST_RESOURCE_SPANS);
  header.putVarint(size);
  header.putBytes(resource);
  return [header.take(0), ...pieces];
}

/** The same as one. `headroom` bytes at its start are left to the caller (gRPC's frame header). */
export function assembleRequest(
  resource: Uint8Array,
  pieces: readonly Uint8Array[],
  headroom: number,
): Buffer {
  const parts = requestParts(resource, pieces);
  const request = Buffer.allocUnsafeSlow(headroom + sizeOf(parts));
  let at = headroom;
  for (const part of parts) {
    request.set(part, at);
    at += part.length;
  }
  return request;
}
