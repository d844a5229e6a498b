/** The `exception.*` attributes of an error, whatever was thrown. */
import { redactText } from '../redaction/text';
import type { FlatAttributes } from './types';

const MAX_MESSAGE = 16_384;
const MAX_STACK = 16_384;

export interface ErrorFacts {
  /** The error's name; where that is just `Error`, its code (`ECONNREFUSED`), else the name of its class. */
  readonly type: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** Reads what was thrown without ever throwing: any value, also Proxies and errors with throwing getters. */
export function errorFacts(thrown: unknown): ErrorFacts {
  try {
    if (typeof thrown === 'string') return { type: 'Error', message: thrown, stack: undefined };
    if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) {
      return { type: typeof thrown, message: String(thrown), stack: undefined };
    }
    const error = thrown as {
      name?: unknown;
      message?: unknown;
      stack?: unknown;
      code?: unknown;
      constructor?: { name?: unknown };
    };
    return {
      type: typeOf(error),
      message: typeof error.message === 'string' ? error.message : '',
      stack: typeof error.stack === 'string' ? error.stack : undefined,
    };
  } catch {
    return { type: 'Error', message: '', stack: undefined };
  }
}

function typeOf(error: { name?: unknown; code?: unknown; constructor?: { name?: unknown } }): string {
  if (isText(error.name) && error.name !== 'Error') return error.name;
  if (isText(error.code) || typeof error.code === 'number') return String(error.code);
  // Many a class that extends Error leaves `name` as it was.
  const className = error.constructor?.name;
  return isText(className) ? className : 'Error';
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** `instanceof`, also for Proxies that refuse to be asked. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** Messages of errors that came from a database driver, with the literals they quote masked. */
const safeMessages = new WeakMap<object, string>();

/**
 * Database servers quote the app's values in their error texts (`invalid input syntax for type integer: "..."`).
 * Whoever saw the error first, with its statement, says here what of it may leave the process.
 */
export function rememberSafeMessage(error: unknown, message: string): void {
  if (typeof error === 'object' && error !== null) safeMessages.set(error, message);
}

/** The message that may leave the process. */
export function safeMessage(thrown: unknown, facts: ErrorFacts): string {
  const known = typeof thrown === 'object' && thrown !== null ? safeMessages.get(thrown) : undefined;
  return known ?? redactText(facts.message.slice(0, MAX_MESSAGE));
}

function safeStack(stack: string, facts: ErrorFacts, message: string): string {
  // V8 puts the message on top of the stack; frames follow it.
  const at = facts.message === '' ? -1 : stack.indexOf(facts.message);
  const masked = at < 0 ? stack : stack.slice(0, at) + message + stack.slice(at + facts.message.length);
  return redactText(masked.slice(0, MAX_STACK));
}

/** `exception.type`, `.message` and `.stacktrace`; secrets in texts are masked. Every thrown value passes here. */
export function exceptionAttributes(thrown: unknown, maxLength: number): FlatAttributes {
  const facts = errorFacts(thrown);
  const list: FlatAttributes = ['exception.type', facts.type.slice(0, maxLength)];
  const message = safeMessage(thrown, facts);
  if (message !== '') list.push('exception.message', message.slice(0, maxLength));
  if (facts.stack !== undefined) {
    list.push('exception.stacktrace', safeStack(facts.stack, facts, message).slice(0, maxLength));
  }
  return list;
}
