/**
 * The shapes that pass from the tracer to processors, encoders and exporters.
 * Everything here is plain data; nothing here imports anything of ours but types.
 */
import type {
  Attributes,
  AttributeValue,
  HrTime,
  Link,
  SpanContext,
  SpanKind,
  SpanStatus,
} from '@opentelemetry/api';

/** 16 bytes in four words, the first one first. */
export interface TraceWords {
  readonly word0: number;
  readonly word1: number;
  readonly word2: number;
  readonly word3: number;
}

/** The ids of a span as words of 32 bits: encoders need no digits then. */
export interface IdWords {
  readonly trace: TraceWords;
  readonly idHigh: number;
  readonly idLow: number;
  /** Both 0 for a root span. */
  readonly parentHigh: number;
  readonly parentLow: number;
}

/** A part of a flat list that many spans share; see attribute-block.ts. */
export interface SharedAttributes {
  readonly list: FlatAttributes;
  encoded: Uint8Array | undefined;
}

/** Flat attribute list: `[key0, value0, key1, value1, ...]`, keys unique, in order of first use. */
export type FlatAttributes = (string | AttributeValue)[];

export interface InstrumentationScope {
  readonly name: string;
  readonly version?: string | undefined;
  readonly schemaUrl?: string | undefined;
}

export interface SpanEvent {
  readonly name: string;
  /** Unix time in milliseconds, with fraction. */
  readonly timeMs: number;
  readonly attributes: FlatAttributes;
  readonly droppedAttributesCount: number;
}

export interface SpanLink {
  readonly context: SpanContext;
  readonly attributes: FlatAttributes;
  readonly droppedAttributesCount: number;
}

/**
 * A span that has ended. Never changes any more, so that encoders may read it at any later time.
 * `attrs`, `eventList` and `linkList` are the flat form that encoders use; the official SDK's
 * `ReadableSpan` fields (see {@link ReadableSpanView}) are derived getters on the same object.
 */
export interface EndedSpan {
  readonly name: string;
  readonly kind: SpanKind;
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /** 16 lower-case hex digits, or '' for a root span. */
  readonly parentSpanId: string;
  /** Whether the parent lives in another process. */
  readonly parentIsRemote: boolean;
  /** W3C trace flags of the span (bit 0 sampled, bit 1 random). */
  readonly traceFlags: number;
  /** Serialised W3C tracestate, '' when there is none. */
  readonly traceStateText: string;
  /** Unix time in milliseconds, with fraction (about 0.25 µs of precision). */
  readonly startMs: number;
  readonly endMs: number;
  readonly status: SpanStatus;
  readonly attrs: FlatAttributes;
  /**
   * The same attributes, where some stand in blocks: `[key, value, block, key, value, ...]`. Undefined where there are
   * no blocks.
   */
  readonly parts?: readonly (string | AttributeValue | SharedAttributes)[] | undefined;
  /** The same ids as `traceId`, `spanId` and `parentSpanId`, where the span has them in this form. */
  readonly words?: IdWords | undefined;
  readonly eventList: readonly SpanEvent[];
  readonly linkList: readonly SpanLink[];
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  readonly scope: InstrumentationScope;
}

/** Knows facts about a span that it puts on it no sooner than at the end. */
export interface SpanOwner {
  putFacts(): void;
}

/** What custom exporters written for the official SDK 2.x (and 1.x) read from a span. */
export interface ReadableSpanView {
  readonly name: string;
  readonly kind: SpanKind;
  spanContext(): SpanContext;
  readonly parentSpanContext?: SpanContext | undefined;
  readonly parentSpanId?: string | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events: { name: string; time: HrTime; attributes?: Attributes; droppedAttributesCount?: number }[];
  readonly ended: boolean;
  readonly resource: Resource;
  readonly instrumentationScope: InstrumentationScope;
  readonly instrumentationLibrary: InstrumentationScope;
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
}

/** Who produces the spans: service, process, host. */
export interface Resource {
  readonly attributes: Attributes;
  readonly schemaUrl?: string | undefined;
}

/** Receives spans from the tracer. Must never throw; called on the app's own stack. */
export interface SpanSink {
  onEnd(span: EndedSpan & ReadableSpanView): void;
}

export interface SpanLimits {
  readonly attributeCount: number;
  /** Characters; Infinity = unlimited. */
  readonly attributeValueLength: number;
  readonly eventCount: number;
  readonly linkCount: number;
  readonly attributePerEventCount: number;
  readonly attributePerLinkCount: number;
}

/** A span that an instrumentation of the app's, or a framework, is about to make. */
export interface OfferedSpan {
  /** Of the instrumentation or framework that makes it. */
  readonly name: string;
  readonly kind: SpanKind;
  /** Another span is the active one. */
  readonly isWithin: boolean;
  /** What to call its maker. */
  readonly tracer: string;
}
