/** The `exception.*` attributes of an error, whatever was thrown. */
import { redactText } from '../redaction/text';
import type { FlatAttributes } from './types';

const MAX_STACK = 16_384;

export interface ErrorFacts {
  /** Class name, or the error code where the class says nothing (`Error` with `code: 'ECONNREFUSED'`). */
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
    const error = thrown as { name?: unknown; message?: unknown; stack?: unknown; code?: unknown; constructor?: { name?: unknown } };
    const name = typeof error.name === 'string' && error.name !== '' ? error.name : error.constructor?.name;
    const type = (name === 'Error' || typeof name !== 'string') && isCode(error.code) ? String(error.code) : name;
    return {
      type: typeof type === 'string' && type !== '' ? type : 'Error',
      message: typeof error.message === 'string' ? error.message : '',
      stack: typeof error.stack === 'string' ? error.stack : undefined,
    };
  } catch {
    return { type: 'Error', message: '', stack: undefined };
  }
}

function isCode(code: unknown): boolean {
  return (typeof code === 'string' && code !== '') || typeof code === 'number';
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
  return known ?? redactText(facts.message);
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
  const list: FlatAttributes = ['exception.type', facts.type];
  const message = safeMessage(thrown, facts);
  if (message !== '') list.push('exception.message', message.slice(0, maxLength));
  if (facts.stack !== undefined) {
    list.push('exception.stacktrace', safeStack(facts.stack, facts, message).slice(0, maxLength));
  }
  return list;
}
