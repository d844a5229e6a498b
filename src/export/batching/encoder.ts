/** Collects ended spans in one form until they are a batch. */
import { ScopeSpansJsonBuilder } from '../../otlp/json';
import { sizeOf } from '../../otlp/resource';
import { ScopeSpansBuilder } from '../../otlp/scope-spans';
import { isStackOverflow } from '../../text/thrown';
import type { EndedSpan, ReadableSpanView } from '../../tracing/types';
import type { Batch, Form } from '../types';

type Span = EndedSpan & ReadableSpanView;

/** Encodes spans in one form. */
interface SpanEncoder {
  readonly bytes: number;
  add(span: Span): void;
  finish(): Uint8Array[];
}

/**
 * So many spans are encoded together. Between them requests of the app run, which push the encoder's code out of the
 * processor's caches. A span that is encoded alone takes several times as long as one of many in a row
 * (docs/decisions/0017-cost-per-span.md).
 */
const ENCODED_TOGETHER = 32;

/** Memory of a span in V8 without its attributes and texts: the object, its arrays, its ids. */
const SPAN_BYTES = 600;
const PER_VALUE_BYTES = 24;

const NO_SPANS: readonly Span[] = [];
const NO_PIECES: readonly Uint8Array[] = [];

/** Keeps spans as they are, and estimates how much memory they use. */
class SpanList {
  bytes = 0;
  private spans: Span[] = [];

  add(span: Span): void {
    this.spans.push(span);
    let bytes = SPAN_BYTES + span.name.length + weightOf(span.attrs);
    for (const event of span.eventList) bytes += 100 + weightOf(event.attributes);
    for (const link of span.linkList) bytes += 200 + weightOf(link.attributes);
    this.bytes += bytes;
  }

  take(): Span[] {
    const { spans } = this;
    this.spans = [];
    this.bytes = 0;
    return spans;
  }
}

function weightOf(attributes: readonly unknown[]): number {
  let weight = 0;
  for (const item of attributes) {
    weight += PER_VALUE_BYTES;
    if (typeof item === 'string') weight += item.length;
    else if (Array.isArray(item)) weight += weightOf(item);
  }
  return weight;
}

export interface BatchEncoderOptions {
  readonly form: Form;
  readonly maxSpans: number;
  readonly maxBytes: number;
  /** Called when a batch has reached its limit, or was asked for. */
  readonly onBatch: (batch: Batch) => void;
  /** Called when a span could not be encoded. It is in no batch. */
  readonly onLost: (form: Form, error: unknown) => void;
}

export class BatchEncoder {
  /** Spans collected so far. */
  spanCount = 0;
  /** Number of the first of them. */
  first = Number.POSITIVE_INFINITY;
  private readonly options: BatchEncoderOptions;
  private readonly list: SpanList | undefined;
  private readonly encoder: SpanEncoder | undefined;
  /** Spans that are not encoded yet, and their numbers. */
  private readonly waiting: Span[] = [];
  private readonly numbers: number[] = [];

  constructor(options: BatchEncoderOptions) {
    this.options = options;
    if (options.form === 'spans') this.list = new SpanList();
    else this.encoder = encoderOf(options.form);
  }

  get form(): Form {
    return this.options.form;
  }

  /** @param number Of the span among those of this thread. */
  add(span: Span, number: number): void {
    const { list, waiting, options } = this;
    if (this.spanCount++ === 0) this.first = number;
    if (list !== undefined) {
      list.add(span);
      if (this.spanCount >= options.maxSpans || list.bytes >= options.maxBytes) this.finish();
      return;
    }
    this.numbers.push(number);
    if (waiting.push(span) >= ENCODED_TOGETHER || this.spanCount >= options.maxSpans) this.encode();
    if (this.spanCount >= options.maxSpans) this.finish();
  }

  /** Makes a batch of what was collected. */
  finish(): void {
    if (this.waiting.length > 0) this.encode();
    if (this.spanCount > 0) this.options.onBatch(this.take());
  }

  private take(): Batch {
    const { first, spanCount, list, encoder } = this;
    const { form } = this.options;
    this.spanCount = 0;
    this.first = Number.POSITIVE_INFINITY;
    if (list !== undefined) {
      const { bytes } = list;
      return { form, first, spanCount, bytes, pieces: NO_PIECES, spans: list.take(), resource: undefined };
    }
    const pieces = encoder?.finish() ?? NO_PIECES;
    return { form, first, spanCount, bytes: sizeOf(pieces), pieces, spans: NO_SPANS, resource: undefined };
  }

  private encode(): void {
    const { waiting, numbers, options, encoder } = this;
    const { length } = waiting;
    let left = length;
    for (let i = 0; i < length; i++) {
      left--;
      try {
        this.encodeSpan(waiting[i] as Span);
      } catch (error) {
        if (isStackOverflow(error)) {
          this.keep(i);
          return;
        }
        this.spanCount--;
        options.onLost(options.form, error);
      }
      // Large spans may fill a batch before all of them are encoded.
      if (encoder === undefined || encoder.bytes < options.maxBytes) continue;
      this.spanCount -= left;
      options.onBatch(this.take());
      this.spanCount = left;
      if (left > 0) this.first = numbers[i + 1] as number;
    }
    waiting.length = 0;
    numbers.length = 0;
    if (this.spanCount === 0) this.first = Number.POSITIVE_INFINITY;
  }

  /**
   * Keeps spans for the next time, since the app had used up the stack.
   *
   * @param from Position of the first of them in `waiting`.
   */
  private keep(from: number): void {
    this.waiting.splice(0, from);
    this.numbers.splice(0, from);
  }

  /** @throws What encoding throws. Nothing of the span is in the batch then. */
  private encodeSpan(span: Span): void {
    this.encoder?.add(span);
  }
}

function encoderOf(form: Form): SpanEncoder {
  const openInference = form.endsWith('+openinference');
  return form.startsWith('json')
    ? new ScopeSpansJsonBuilder(openInference)
    : new ScopeSpansBuilder(openInference);
}
