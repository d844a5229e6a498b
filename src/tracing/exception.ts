/** The `exception.*` attributes of an error, whatever was thrown. */
import type { SpanStatus } from '@opentelemetry/api';
import { safeMessage, safeText, sanitizeErrorType } from '../redaction/error-text';
import type { Sanitized } from '../redaction/sanitized';
import { cutText } from '../text/cut';
import { STATUS_ERROR } from './semconv';
import type { FlatAttributes } from './types';

export interface ErrorFacts {
  /** The error's name; where that is just `Error`, its code (`ECONNREFUSED`), else the name of its class. */
  readonly type: Sanitized;
  readonly message: string;
  readonly stack: string | undefined;
}

/** How a property of what was thrown is read. */
export type ReadProperty = (object: object, key: string) => unknown;

const readPlainly: ReadProperty = (object, key) => (object as Record<string, unknown>)[key];

/**
 * Reads what was thrown: any value, also Proxies and errors with throwing getters. Never throws.
 * @param read how a property is read; without it, getters of the app's run
 */
export function errorFacts(thrown: unknown, read: ReadProperty = readPlainly): ErrorFacts {
  try {
    if (typeof thrown === 'string') return { type: ERROR, message: thrown, stack: undefined };
    if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) {
      return { type: sanitizeErrorType(typeof thrown), message: String(thrown), stack: undefined };
    }
    const type = typeOf(thrown, read);
    const message = read(thrown, 'message');
    const stack = read(thrown, 'stack');
    return {
      type: sanitizeErrorType(type),
      message: typeof message === 'string' ? message : '',
      stack: typeof stack === 'string' ? stack : undefined,
    };
  } catch {
    return { type: ERROR, message: '', stack: undefined };
  }
}

const ERROR = sanitizeErrorType('Error');

function typeOf(error: object, read: ReadProperty): string {
  const name = read(error, 'name');
  if (isText(name) && name !== 'Error') return name;
  const code = read(error, 'code');
  if (isText(code) || typeof code === 'number') return String(code);
  // Many classes that extend Error leave `name` as it was.
  const madeBy = read(error, 'constructor');
  const className = typeof madeBy === 'function' ? read(madeBy, 'name') : undefined;
  return isText(className) ? className : 'Error';
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** `instanceof Error`; false for Proxies that throw when they are asked. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

function safeStack(stack: string, facts: ErrorFacts, message: string): Sanitized {
  // V8 puts the message on top of the stack; frames follow it.
  const at = facts.message === '' ? -1 : stack.indexOf(facts.message);
  return safeText(at < 0 ? stack : stack.slice(0, at) + message + stack.slice(at + facts.message.length));
}

/**
 * `exception.type`, `.message` and `.stacktrace`, with the secrets in them masked. All that is recorded of a thrown value
 * passes here.
 * @param maxLength of each text, in characters
 * @param facts what {@link errorFacts} read of the same value
 */
export function exceptionAttributes(
  thrown: unknown,
  maxLength: number,
  facts: ErrorFacts = errorFacts(thrown),
): FlatAttributes {
  const list: FlatAttributes = ['exception.type', cutText(facts.type, maxLength)];
  const message = safeMessage(thrown, facts);
  if (message !== '') list.push('exception.message', cutText(message, maxLength));
  if (facts.stack !== undefined) {
    list.push('exception.stacktrace', cutText(safeStack(facts.stack, facts, message), maxLength));
  }
  return list;
}

/**
 * The status of a span that failed.
 * @param message of the error; left out where it is no text
 * @param maxLength of the message, in characters
 */
export function errorStatus(message: unknown, maxLength: number): SpanStatus {
  if (typeof message !== 'string') return { code: STATUS_ERROR };
  return { code: STATUS_ERROR, message: cutText(safeText(message), maxLength) };
}
