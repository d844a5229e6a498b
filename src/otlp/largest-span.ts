/** Finds the largest span in encoded pieces (opentelemetry/proto/trace/v1/trace.proto), after a backend refused their size. */
import { readFields } from './protobuf-reader';

const SCOPE_SPANS = 2;
const SPANS = 2;
const NAME = 5;
const ATTRIBUTES = 9;
const EVENTS = 11;
const KEY_VALUE_KEY = 1;
const EVENT_NAME = 2;

export interface LargestSpan {
  readonly name: string;
  readonly bytes: number;
  /** What takes most of it: an attribute by its key, or an event by its name; undefined for a span without either. */
  readonly part:
    | { readonly kind: 'attribute' | 'event'; readonly name: string; readonly bytes: number }
    | undefined;
}

/**
 * @param pieces complete `scope_spans` fields of a ResourceSpans, as ScopeSpansBuilder makes them
 * @returns undefined where there is no span in them
 */
export function largestSpan(pieces: readonly Uint8Array[]): LargestSpan | undefined {
  let largest: Uint8Array | undefined;
  for (const piece of pieces) {
    eachMessage(piece, SCOPE_SPANS, (scopeSpans) => {
      eachMessage(scopeSpans, SPANS, (span) => {
        if (largest === undefined || span.length > largest.length) largest = span;
      });
    });
  }
  return largest && describe(largest);
}

function describe(span: Uint8Array): LargestSpan {
  let name = '';
  let part: LargestSpan['part'];
  readFields(span, (field, value) => {
    if (typeof value === 'number') return;
    if (field === NAME) name = textOf(value);
    if ((field !== ATTRIBUTES && field !== EVENTS) || value.length <= (part?.bytes ?? 0)) return;
    part =
      field === ATTRIBUTES
        ? { kind: 'attribute', name: textIn(value, KEY_VALUE_KEY), bytes: value.length }
        : { kind: 'event', name: textIn(value, EVENT_NAME), bytes: value.length };
  });
  return { name, bytes: span.length, part };
}

function eachMessage(bytes: Uint8Array, wanted: number, visit: (message: Uint8Array) => void): void {
  readFields(bytes, (field, value) => {
    if (field === wanted && typeof value !== 'number') visit(value);
  });
}

function textIn(message: Uint8Array, field: number): string {
  let text = '';
  eachMessage(message, field, (value) => {
    text = textOf(value);
  });
  return text;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
