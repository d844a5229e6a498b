/** The friendly form of a span as it was received, and the way there from the official protobuf types. */

export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | Value[]
  | { [key: string]: Value };
export type Attributes = Record<string, Value>;

export type KindName = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type StatusName = 'unset' | 'ok' | 'error';

export interface ReceivedEvent {
  name: string;
  timeNs: bigint;
  attributes: Attributes;
  droppedAttributesCount: number;
}

export interface ReceivedLink {
  traceId: string;
  spanId: string;
  traceState: string;
  flags: number;
  attributes: Attributes;
  droppedAttributesCount: number;
}

export interface ReceivedSpan {
  name: string;
  kind: KindName;
  /** 32 lower-case hex digits. */
  traceId: string;
  /** 16 lower-case hex digits. */
  spanId: string;
  /** 16 lower-case hex digits, '' for a root span. */
  parentSpanId: string;
  attributes: Attributes;
  events: ReceivedEvent[];
  links: ReceivedLink[];
  status: { code: StatusName; message: string };
  resource: Attributes;
  scope: { name: string; version: string; attributes: Attributes };
  startNs: bigint;
  endNs: bigint;
  /** The whole flags word: W3C flags in the low byte, "parent is remote" in bits 8 and 9. */
  flags: number;
  traceState: string;
  droppedAttributesCount: number;
  droppedEventsCount: number;
  droppedLinksCount: number;
}

/** What `toObject()` of the official generated types gives, with longs as strings and bytes as Buffers. */
export interface WireRequest {
  resourceSpans?: {
    resource?: { attributes?: WireKeyValue[] };
    scopeSpans?: {
      scope?: { name?: string; version?: string; attributes?: WireKeyValue[] };
      spans?: WireSpan[];
    }[];
  }[];
}

interface WireKeyValue {
  key?: string;
  value?: WireAnyValue;
}

interface WireAnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number;
  bytesValue?: Uint8Array;
  arrayValue?: { values?: WireAnyValue[] };
  kvlistValue?: { values?: WireKeyValue[] };
}

interface WireSpan {
  traceId?: Uint8Array;
  spanId?: Uint8Array;
  parentSpanId?: Uint8Array;
  traceState?: string;
  flags?: number;
  name?: string;
  kind?: number;
  startTimeUnixNano?: string;
  endTimeUnixNano?: string;
  attributes?: WireKeyValue[];
  droppedAttributesCount?: number;
  events?: {
    name?: string;
    timeUnixNano?: string;
    attributes?: WireKeyValue[];
    droppedAttributesCount?: number;
  }[];
  droppedEventsCount?: number;
  links?: {
    traceId?: Uint8Array;
    spanId?: Uint8Array;
    traceState?: string;
    flags?: number;
    attributes?: WireKeyValue[];
    droppedAttributesCount?: number;
  }[];
  droppedLinksCount?: number;
  status?: { code?: number; message?: string };
}

const kinds: readonly KindName[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const statuses: readonly StatusName[] = ['unset', 'ok', 'error'];

/** Flattens an export request. Throws on what no backend would accept: a receiver has to be able to fail. */
export function flatten(request: WireRequest): ReceivedSpan[] {
  const spans: ReceivedSpan[] = [];
  for (const group of request.resourceSpans ?? []) {
    const resource = attributesOf(group.resource?.attributes, 'the resource');
    for (const scoped of group.scopeSpans ?? []) {
      const scope = {
        name: scoped.scope?.name ?? '',
        version: scoped.scope?.version ?? '',
        attributes: attributesOf(scoped.scope?.attributes, 'the scope'),
      };
      for (const span of scoped.spans ?? []) spans.push(spanOf(span, resource, scope));
    }
  }
  return spans;
}

function spanOf(wire: WireSpan, resource: Attributes, scope: ReceivedSpan['scope']): ReceivedSpan {
  const name = wire.name ?? '';
  const where = `span "${name}"`;
  const kind = kinds[wire.kind ?? 0];
  if (kind === undefined) throw new Error(`${where}: kind ${wire.kind} does not exist`);
  const status = statuses[wire.status?.code ?? 0];
  if (status === undefined) throw new Error(`${where}: status code ${wire.status?.code} does not exist`);
  const startNs = BigInt(wire.startTimeUnixNano ?? 0);
  const endNs = BigInt(wire.endTimeUnixNano ?? 0);
  if (startNs === 0n || endNs === 0n) throw new Error(`${where}: start or end time is missing`);
  if (endNs < startNs) throw new Error(`${where}: ends before it starts`);
  const parent = wire.parentSpanId;
  return {
    name,
    kind,
    traceId: id(wire.traceId, 16, where, 'trace id'),
    spanId: id(wire.spanId, 8, where, 'span id'),
    parentSpanId: parent === undefined || parent.length === 0 ? '' : id(parent, 8, where, 'parent span id'),
    attributes: attributesOf(wire.attributes, where),
    events: (wire.events ?? []).map((event) => ({
      name: event.name ?? '',
      timeNs: BigInt(event.timeUnixNano ?? 0),
      attributes: attributesOf(event.attributes, `${where}, event "${event.name}"`),
      droppedAttributesCount: event.droppedAttributesCount ?? 0,
    })),
    links: (wire.links ?? []).map((link) => ({
      traceId: id(link.traceId, 16, where, 'trace id of a link'),
      spanId: id(link.spanId, 8, where, 'span id of a link'),
      traceState: link.traceState ?? '',
      flags: link.flags ?? 0,
      attributes: attributesOf(link.attributes, `${where}, link`),
      droppedAttributesCount: link.droppedAttributesCount ?? 0,
    })),
    status: { code: status, message: wire.status?.message ?? '' },
    resource,
    scope,
    startNs,
    endNs,
    flags: wire.flags ?? 0,
    traceState: wire.traceState ?? '',
    droppedAttributesCount: wire.droppedAttributesCount ?? 0,
    droppedEventsCount: wire.droppedEventsCount ?? 0,
    droppedLinksCount: wire.droppedLinksCount ?? 0,
  };
}

function id(bytes: Uint8Array | undefined, length: number, where: string, what: string): string {
  if (bytes === undefined || bytes.length !== length) {
    throw new Error(`${where}: ${what} has ${bytes?.length ?? 0} bytes instead of ${length}`);
  }
  if (bytes.every((byte) => byte === 0)) throw new Error(`${where}: ${what} is all zeroes`);
  return Buffer.from(bytes).toString('hex');
}

function attributesOf(list: WireKeyValue[] | undefined, where: string): Attributes {
  const attributes: Attributes = {};
  for (const { key, value } of list ?? []) {
    if (key === undefined || key === '') throw new Error(`${where}: an attribute without a key`);
    // Backends keep one of the two at random, so a duplicate is a defect of the sender.
    if (Object.hasOwn(attributes, key)) throw new Error(`${where}: attribute "${key}" is there twice`);
    attributes[key] = toValue(value);
  }
  return attributes;
}

function toValue(value: WireAnyValue | undefined): Value {
  if (value === undefined) return null;
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.intValue !== undefined) {
    const number = Number(value.intValue);
    return Number.isSafeInteger(number) ? number : BigInt(value.intValue);
  }
  if (value.doubleValue !== undefined) return value.doubleValue;
  if (value.bytesValue !== undefined) return value.bytesValue;
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(toValue);
  if (value.kvlistValue !== undefined) return attributesOf(value.kvlistValue.values, 'a nested attribute');
  return null;
}

/** The span around the statements of a transaction, or behind a savepoint. */
export function isTransaction({ scope, attributes }: ReceivedSpan): boolean {
  return scope.name.startsWith('@canvasops/register/') && 'canvasops.transaction.outcome' in attributes;
}

/** By the ids of the transactions among the spans: what they are below. */
export function parentsOfTransactions(spans: readonly ReceivedSpan[]): Map<string, string> {
  return new Map(spans.filter(isTransaction).map(({ spanId, parentSpanId }) => [spanId, parentSpanId]));
}
