/**
 * What destinations that speak OpenInference (Arize, Phoenix) get on top of a span's own attributes: a kind,
 * without which they show a blank icon, and `metadata`, the JSON text by which they filter.
 * https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md
 */
import { cutText } from '../text/cut';
import { jsonString, jsonText } from '../text/json';
import type { EndedSpan, FlatAttributes } from '../tracing/types';

export const SPAN_KIND_KEY = 'openinference.span.kind';
export const METADATA_KEY = 'metadata';

/** The convention's kind for work that is none of its special cases. */
const ORDINARY_WORK = 'CHAIN';

/** Names the convention gives a meaning and a place of their own in those backends; `metadata` leaves them out. */
const RESERVED_NAMES = new Set([METADATA_KEY, 'tag.tags', 'session.id', 'user.id']);
const RESERVED_NAMESPACES = new Set([
  'agent',
  'audio',
  'document',
  'embedding',
  'graph',
  'image',
  'input',
  'llm',
  'message',
  'message_content',
  'openinference',
  'output',
  'prompt',
  'reranker',
  'retrieval',
  'score',
  'tool',
  'tool_call',
]);

/** A statement or a stack has its place in its own attribute; the copy in `metadata` is for filtering. */
const MAX_VALUE_CHARS = 1024;
const MAX_MEMBERS = 64;
const MAX_METADATA_CHARS = 16_384;

/** The kind to add, or undefined when the span has one. */
export function spanKindOf(span: EndedSpan): string | undefined {
  return hasKey(span.attrs, SPAN_KIND_KEY) ? undefined : ORDINARY_WORK;
}

/** The metadata to add, or undefined when the span has some of its own or nothing to say. */
export function metadataOf(span: EndedSpan): string | undefined {
  const { attrs } = span;
  if (hasKey(attrs, METADATA_KEY)) return undefined;
  let text = '';
  for (let i = 0; i + 1 < attrs.length; i += 2) {
    const key = attrs[i] as string;
    if (isReserved(key)) continue;
    const member = `${jsonString(bounded(key))}:${jsonText(boundedValue(attrs[i + 1]))}`;
    if (text.length + member.length > MAX_METADATA_CHARS) break;
    text += text === '' ? member : `,${member}`;
  }
  return text === '' ? undefined : `{${text}}`;
}

function isReserved(key: string): boolean {
  if (RESERVED_NAMES.has(key)) return true;
  const dot = key.indexOf('.');
  return dot > 0 && RESERVED_NAMESPACES.has(key.slice(0, dot));
}

function hasKey(attributes: FlatAttributes, key: string): boolean {
  for (let i = 0; i < attributes.length; i += 2) if (attributes[i] === key) return true;
  return false;
}

function boundedValue(value: unknown): unknown {
  if (typeof value === 'string') return bounded(value);
  if (value instanceof Uint8Array)
    return bounded(Buffer.from(value.subarray(0, MAX_VALUE_CHARS)).toString('base64'));
  if (!Array.isArray(value)) return value;
  return value.slice(0, MAX_MEMBERS).map((member) => (typeof member === 'string' ? bounded(member) : member));
}

function bounded(text: string): string {
  return text.length <= MAX_VALUE_CHARS ? text : `${cutText(text, MAX_VALUE_CHARS)}…`;
}
