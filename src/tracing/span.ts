/**
 * A recording span: plain fields while it runs, frozen in meaning once it ended.
 * Implements the API's `Span`, and by way of its base the `ReadableSpan` of the official SDK.
 */
import type {
  Attributes,
  AttributeValue,
  Exception,
  Link,
  Span,
  SpanContext,
  SpanKind,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api';
import { sanitizeAttribute } from '../redaction/attributes';
import type { Sanitized, SanitizedValue } from '../redaction/sanitized';
import type { AttributeBlock } from './attribute-block';
import { AttributeList, type AttributePart } from './attribute-list';
import { safeGet, safeKeys, spanName, toAttributeValue } from './attributes';
import { fromTimeInput, monotonic } from './clock';
import { errorStatus, exceptionAttributes } from './exception';
import { nonZeroWord, randomWord, spanIdText } from './ids';
import type { LocalTrace } from './local-trace';
import { parseTraceState } from './propagation/trace-state';
import { ReadableFields } from './readable';
import { STATUS_ERROR, STATUS_OK } from './semconv';
import { appendNewest, toExceptionEvent, toSpanEvent, toSpanLink } from './span-lists';
import type {
  EndedSpan,
  FlatAttributes,
  IdWords,
  InstrumentationScope,
  ReadableSpanView,
  SpanEvent,
  SpanLink,
  SpanOwner,
  TraceWords,
} from './types';

const UNSET: SpanStatus = Object.freeze({ code: 0 });
const NONE: readonly never[] = Object.freeze([]);

export class RecordingSpan extends ReadableFields implements Span, EndedSpan, ReadableSpanView {
  readonly idHigh = randomWord();
  readonly idLow = nonZeroWord();
  endMs = 0;
  status: SpanStatus = UNSET;
  private readonly attributeList = new AttributeList();
  eventList: SpanEvent[] | readonly never[] = NONE;
  linkList: SpanLink[] | readonly never[] = NONE;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  ended = false;
  /** Where it is among the open spans. */
  place = -1;
  private ownContext: SpanContext | undefined;
  /** Private: from it everything of the request can be reached, and apps print spans. */
  #owner: SpanOwner | undefined;

  constructor(
    public name: Sanitized,
    readonly kind: SpanKind,
    /** Both words are 0 where it has no parent. */
    readonly parentHigh: number,
    readonly parentLow: number,
    readonly parentIsRemote: boolean,
    readonly traceFlags: number,
    readonly traceStateText: string,
    readonly scope: InstrumentationScope,
    /** What all spans of this trace in this process share. */
    readonly local: LocalTrace<RecordingSpan>,
    readonly startMs: number,
  ) {
    super();
  }

  get traceId(): string {
    return this.local.id.toString();
  }

  get trace(): TraceWords {
    return this.local.id;
  }

  get spanId(): string {
    return spanIdText(this.idHigh, this.idLow);
  }

  get parentSpanId(): string {
    return this.parentHigh === 0 && this.parentLow === 0 ? '' : spanIdText(this.parentHigh, this.parentLow);
  }

  get words(): IdWords {
    return this;
  }

  get attrs(): FlatAttributes {
    return this.attributeList.flat;
  }

  get parts(): readonly AttributePart[] | undefined {
    return this.attributeList.mixed;
  }

  get droppedAttributesCount(): number {
    return this.attributeList.dropped;
  }

  spanContext(): SpanContext {
    if (this.ownContext === undefined) {
      this.ownContext = { traceId: this.traceId, spanId: this.spanId, traceFlags: this.traceFlags };
      const state = parseTraceState(this.traceStateText);
      if (state !== undefined) this.ownContext.traceState = state;
    }
    return this.ownContext;
  }

  isRecording(): boolean {
    return !this.ended;
  }

  /**
   * Adds an attribute whose key is not there yet. Text from outside has to have passed redaction/: the type sees to it.
   * What the app sets goes through {@link setAttribute}.
   */
  put<T extends string>(key: string, value: SanitizedValue<T> | undefined): void {
    if (value !== undefined && !this.ended)
      this.attributeList.add(key, value as AttributeValue, this.local.limits);
  }

  /** Like {@link put} for all attributes of the block. */
  putBlock(block: AttributeBlock): void {
    if (!this.ended) this.attributeList.addBlock(block, this.local.limits);
  }

  /** Like {@link put}, but replaces an earlier value. */
  replace<T extends string>(key: string, value: SanitizedValue<T>): void {
    if (!this.ended) this.attributeList.set(key, value as AttributeValue, this.local.limits);
  }

  /** Like {@link replace}; at the limit an older attribute gives way. */
  replaceEvenIfFull<T extends string>(key: string, value: SanitizedValue<T>): void {
    if (!this.ended) this.attributeList.setEvenIfFull(key, value as AttributeValue, this.local.limits);
  }

  /** The value under this key; undefined where there is none. */
  get(key: string): AttributeValue | undefined {
    return this.attributeList.get(key);
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (this.ended || typeof key !== 'string' || key === '') return this;
    const { attributeValueLength } = this.local.limits;
    const plain = toAttributeValue(value, attributeValueLength);
    if (plain !== undefined) {
      // As it will be on the wire: there, two keys must not become one.
      const clean = sanitizeAttribute(key, plain, this);
      this.attributeList.set(key.toWellFormed(), clean, this.local.limits);
    }
    return this;
  }

  setAttributes(attributes: Attributes): this {
    if (typeof attributes !== 'object' || attributes === null) return this;
    for (const key of safeKeys(attributes))
      this.setAttribute(key, safeGet(attributes, key) as AttributeValue);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.ended) return this;
    this.pushEvent(toSpanEvent(spanName(name), attributesOrTime, time, this.local));
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    if (this.ended) return;
    this.putException(exceptionAttributes(exception, this.local.limits.attributeValueLength), time);
  }

  /**
   * {@link recordException} for an error that has been read.
   * @param attributes of `exceptionAttributes()`
   */
  putException(attributes: FlatAttributes, time?: TimeInput): void {
    if (!this.ended) this.pushEvent(toExceptionEvent(attributes, time, this.local));
  }

  private pushEvent(event: SpanEvent): void {
    const limit = this.local.limits.eventCount;
    if (this.eventList.length >= limit) this.droppedEventsCount++;
    this.eventList = appendNewest(this.eventList, event, limit);
  }

  addLink(link: Link): this {
    if (this.ended) return this;
    const { limits } = this.local;
    const clean = toSpanLink(link, limits);
    if (clean === undefined) return this;
    if (this.linkList.length >= limits.linkCount) this.droppedLinksCount++;
    this.linkList = appendNewest(this.linkList, clean, limits.linkCount);
    return this;
  }

  addLinks(links: Link[]): this {
    if (Array.isArray(links)) for (const link of links) this.addLink(link);
    return this;
  }

  /** Specification, "Set Status": Ok is final, Unset is ignored, a message belongs to Error only. */
  setStatus(status: SpanStatus): this {
    const code = status?.code;
    if (this.ended || this.status.code === STATUS_OK) return this;
    if (code === STATUS_ERROR)
      this.status = errorStatus(status.message, this.local.limits.attributeValueLength);
    else if (code === STATUS_OK) this.status = { code };
    return this;
  }

  updateName(name: string): this {
    if (!this.ended && typeof name === 'string') this.name = spanName(name);
    return this;
  }

  end(endTime?: TimeInput): void {
    if (this.ended) return;
    const at = endTime === undefined ? undefined : fromTimeInput(endTime, this.local.offset);
    // An end before the start (a user's clock) would be refused by some backends.
    this.endMs = Math.max(this.startMs, at ?? monotonic() + this.local.offset);
    this.ended = true;
    this.local.spanEnded(this);
  }

  /** @param owner is asked for its facts if the process ends before the span */
  setOwner(owner: SpanOwner): void {
    this.#owner = owner;
  }

  /** Has the owner put what it knows by now. */
  askOwner(): void {
    if (!this.ended) this.#owner?.putFacts();
  }

  /** `using span = startSpan('x')`: ends with the block. */
  [Symbol.dispose](): void {
    this.end();
  }
}
