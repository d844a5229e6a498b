/** What the app says about the span that is running. Every function tells whether there was one. */
import type { Attributes, Exception, Span, SpanContext } from '@opentelemetry/api';
import { safeMessage } from '../redaction/error-text';
import { sanitizeName } from '../redaction/sanitized';
import { indexOfKey, safeGet, safeKeys, toText } from '../tracing/attributes';
import { errorFacts } from '../tracing/exception';
import { currentRuntime } from '../tracing/runtime';
import { SESSION_ID, STATUS_ERROR, STATUS_OK, USER_ID } from '../tracing/semconv';
import type { RecordingSpan } from '../tracing/span';
import { metadataValue } from './values';

/** Names of OpenInference; Arize and Phoenix filter by them. */
const TAGS = 'tag.tags';
const MAX_TAGS = 100;

/** The span of what is running now; `undefined` outside of any trace. */
export function getCurrentSpan(): Span | undefined {
  return currentRuntime()?.activeContext().span;
}

/** Ids of the current span, for logs and for links. */
export function getCurrentSpanContext(): SpanContext | undefined {
  return getCurrentSpan()?.spanContext();
}

/**
 * Does something to `span`, or to the current one, if it records.
 * What fails in there is ours (or a foreign span's) and no business of the app.
 * @returns whether there was a recording span
 */
function onRecording(span: Span | undefined, action: (target: Span) => void): boolean {
  let isRecording = false;
  try {
    const target = span ?? getCurrentSpan();
    isRecording = target?.isRecording() === true;
    if (isRecording) action(target as Span);
  } catch {
    // as good as it got
  }
  return isRecording;
}

/**
 * Adds one attribute, or several, to the current span (or to `span`). See `metadataValue` for what becomes of
 * values that an attribute cannot hold as they are.
 * @returns false: there was no recording span
 */
export function addMetadata(key: string, value: unknown, span?: Span): boolean;
export function addMetadata(values: Record<string, unknown>, span?: Span): boolean;
export function addMetadata(
  keyOrValues: string | Record<string, unknown>,
  valueOrSpan?: unknown,
  span?: Span,
): boolean {
  if (typeof keyOrValues === 'string') {
    return onRecording(span, (target) => putMetadata(target, keyOrValues, valueOrSpan));
  }
  return onRecording(valueOrSpan as Span | undefined, (target) => {
    if (typeof keyOrValues !== 'object' || keyOrValues === null) return;
    for (const key of safeKeys(keyOrValues)) putMetadata(target, key, safeGet(keyOrValues, key));
  });
}

function putMetadata(span: Span, key: string, value: unknown): void {
  const clean = metadataValue(key, value);
  if (clean !== undefined) span.setAttribute(key, clean);
}

/** Adds an event: something that happened at a moment within the span. */
export function addEvent(name: string, attributes?: Record<string, unknown>, span?: Span): boolean {
  return onRecording(span, (target) => {
    target.addEvent(toText(name), attributes === undefined ? undefined : cleanAttributes(attributes));
  });
}

/** Values as `addMetadata` has them. */
export function cleanAttributes(attributes: Record<string, unknown>): Attributes {
  const clean: Attributes = Object.create(null) as Attributes; // where `__proto__` is a key like any other
  if (typeof attributes !== 'object' || attributes === null) return clean;
  for (const key of safeKeys(attributes)) {
    const value = metadataValue(key, safeGet(attributes, key));
    if (value !== undefined) clean[key] = value;
  }
  return clean;
}

/** Records an error as an event with its stack trace and sets the span's status to Error. */
export function recordException(error: unknown, span?: Span): boolean {
  return onRecording(span, (target) => failSpan(target, error));
}

/** An error that ended or marked a span: an event, and the status with its message, both without secrets. */
export function failSpan(span: Span, error: unknown): void {
  const facts = errorFacts(error);
  span.recordException(error as Exception);
  span.setStatus({ code: STATUS_ERROR, message: safeMessage(error, facts) });
}

/** `ok` is final; `error` takes a message. */
export function setStatus(status: 'ok' | 'error', message?: string, span?: Span): boolean {
  return onRecording(span, (target) => {
    if (status === 'ok') target.setStatus({ code: STATUS_OK });
    else if (status === 'error') {
      target.setStatus({
        code: STATUS_ERROR,
        message: message === undefined ? undefined : toText(message),
      });
    }
  });
}

/** Says whom the current request is made for: on the request's span, the current one, and every later one in it. */
export function setUser(id: string | number, span?: Span): boolean {
  return setForRequest(USER_ID, id, span);
}

/** Ties the current request and what follows in it to a session. */
export function setSession(id: string, span?: Span): boolean {
  return setForRequest(SESSION_ID, id, span);
}

function setForRequest(key: string, id: string | number, span: Span | undefined): boolean {
  return onRecording(span, (target) => {
    if (typeof id !== 'string' && typeof id !== 'number' && typeof id !== 'bigint') return;
    const value = sanitizeName(String(id));
    target.setAttribute(key, value);
    const local = (target as Partial<RecordingSpan>).local;
    if (local === undefined) return; // a span of somebody else's making
    local.root?.setAttribute(key, value);
    local.inherited ??= new Map();
    local.inherited.set(key, value);
  });
}

/** Adds tags (short words to filter by) to those the span has already. */
export function addTags(tags: string[], span?: Span): boolean {
  return onRecording(span, (target) => {
    const attrs = (target as Partial<RecordingSpan>).attrs ?? [];
    const at = indexOfKey(attrs, TAGS);
    const before = at < 0 ? [] : textsOf(attrs[at + 1]);
    const all = new Set([...before, ...textsOf(tags)]);
    if (all.size > 0) target.setAttribute(TAGS, [...all].slice(0, MAX_TAGS));
  });
}

function textsOf(tags: unknown): string[] {
  const list: unknown[] = Array.isArray(tags) ? tags : [tags];
  return list.filter((tag) => typeof tag === 'string');
}
