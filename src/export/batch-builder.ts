/** Collects ended spans in one form until they make a batch. */

import type { Destination } from '../config/types';
import { ScopeSpansJsonBuilder } from '../otlp/json';
import { ScopeSpansBuilder } from '../otlp/scope-spans';
import type { EndedSpan, ReadableSpanView } from '../tracing/types';
import type { Batch, Form } from './types';

type Span = EndedSpan & ReadableSpanView;

interface Builder {
  readonly bytes: number;
  add(span: Span): void;
  finish(): Uint8Array[];
}

/** Without its attributes and texts, as V8 lays a span out: the object, its arrays, its ids. */
const SPAN_BYTES = 600;
const PER_VALUE_BYTES = 24;

const NO_SPANS: readonly Span[] = [];
const NO_PIECES: readonly Uint8Array[] = [];

/** Keeps spans as they are, and estimates what they hold in memory. */
class SpanList implements Builder {
  bytes = 0;
  private spans: Span[] = [];

  add(span: Span): void {
    this.spans.push(span);
    let bytes = SPAN_BYTES + span.name.length + weightOf(span.attrs);
    for (const event of span.eventList) bytes += 100 + weightOf(event.attributes);
    for (const link of span.linkList) bytes += 200 + weightOf(link.attributes);
    this.bytes += bytes;
  }

  finish(): Uint8Array[] {
    return [];
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

export function formOf(destination: Destination): Form {
  if (destination.transport !== 'otlp') return 'spans';
  const base = destination.protocol === 'http/json' ? 'json' : 'protobuf';
  return destination.dialect === 'openinference' ? `${base}+openinference` : base;
}

export class BatchBuilder {
  readonly form: Form;
  /** Spans collected so far. */
  spanCount = 0;
  /** Number of the first of them. */
  first = Number.POSITIVE_INFINITY;
  private readonly builder: Builder;
  private readonly list: SpanList | undefined;

  constructor(form: Form) {
    this.form = form;
    this.list = form === 'spans' ? new SpanList() : undefined;
    this.builder = this.list ?? encoderOf(form);
  }

  get bytes(): number {
    return this.builder.bytes;
  }

  /**
   * Throws what encoding throws; the span is then in no batch.
   * @param number of the span among those of this thread
   */
  add(span: Span, number = Number.POSITIVE_INFINITY): void {
    this.builder.add(span);
    if (this.spanCount++ === 0) this.first = number;
  }

  /** What was collected; the builder is empty afterwards. */
  take(): Batch {
    const { spanCount, form, first } = this;
    this.spanCount = 0;
    this.first = Number.POSITIVE_INFINITY;
    if (this.list !== undefined) {
      const { bytes } = this.list;
      return {
        form,
        first,
        spanCount,
        bytes,
        pieces: NO_PIECES,
        spans: this.list.take(),
        resource: undefined,
      };
    }
    const pieces = this.builder.finish();
    let bytes = 0;
    for (const piece of pieces) bytes += piece.length;
    return { form, first, spanCount, bytes, pieces, spans: NO_SPANS, resource: undefined };
  }
}

function encoderOf(form: Form): Builder {
  const openInference = form.endsWith('+openinference');
  return form.startsWith('json')
    ? new ScopeSpansJsonBuilder(openInference)
    : new ScopeSpansBuilder(openInference);
}
