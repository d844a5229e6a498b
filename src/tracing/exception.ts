/** The `exception.*` attributes of an error, whatever was thrown. */
import type { Clean } from '../redaction/clean';
import { redactText } from '../redaction/text';
import { cutText } from '../text/cut';
import type { FlatAttributes } from './types';

/** Of a message or a stack. */
const MAX_TEXT = 16_384;
/** A class or a code; whatever is longer is a message. */
const MAX_TYPE = 128;

export interface ErrorFacts {
  /** The error's name; where that is just `Error`, its code (`ECONNREFUSED`), else the name of its class. */
  readonly type: Clean;
  readonly message: string;
  readonly stack: string | undefined;
}

/** How a property of what was thrown is read. */
export type ReadProperty = (object: object, key: string) => unknown;

const readPlainly: ReadProperty = (object, key) => (object as Record<string, unknown>)[key];

/** Reads what was thrown without ever throwing: any value, also Proxies and errors with throwing getters. */
export function errorFacts(thrown: unknown, read: ReadProperty = readPlainly): ErrorFacts {
  try {
    if (typeof thrown === 'string') return { type: ERROR, message: thrown, stack: undefined };
    if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) {
      return { type: cleanType(typeof thrown), message: String(thrown), stack: undefined };
    }
    const type = typeOf(thrown, read);
    const message = read(thrown, 'message');
    const stack = read(thrown, 'stack');
    return {
      type: cleanType(type),
      message: typeof message === 'string' ? message : '',
      stack: typeof stack === 'string' ? stack : undefined,
    };
  } catch {
    return { type: ERROR, message: '', stack: undefined };
  }
}

const ERROR = redactText('Error');

/** `error.type`: names and codes are the app's to choose, too. */
export function cleanType(text: string): Clean {
  return redactText(text, MAX_TYPE);
}

function typeOf(error: object, read: ReadProperty): string {
  const name = read(error, 'name');
  if (isText(name) && name !== 'Error') return name;
  const code = read(error, 'code');
  if (isText(code) || typeof code === 'number') return String(code);
  // Many a class that extends Error leaves `name` as it was.
  const madeBy = read(error, 'constructor');
  const className = typeof madeBy === 'function' ? read(madeBy, 'name') : undefined;
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
const safeMessages = new WeakMap<object, Clean>();

/** What databases said lately, with and without values: ORMs and apps repeat it in errors of their own. */
const lately: { readonly said: string; readonly safe: Clean }[] = [];
const MAX_LATELY = 32;
const MAX_SAID = 4096;
/** Shorter texts say nothing, and might be found in others by chance. */
const MIN_SAID = 12;
let next = 0;

/**
 * Database servers quote the app's values in their error texts (`invalid input syntax for type integer: "..."`).
 * Whoever saw the error first, with its statement, says here what of it may leave the process.
 */
export function rememberSafeMessage(error: unknown, said: string, safe: Clean): void {
  if (typeof error === 'object' && error !== null) safeMessages.set(error, safe);
  rememberSaid(said, safe);
}

/** The same for what stands beside the message, `Key (email)=(...) already exists`. */
export function rememberSaid(said: string, safe: Clean): void {
  if (said === safe || said.length < MIN_SAID || said.length > MAX_SAID) return;
  lately[next] = { said, safe };
  next = (next + 1) % MAX_LATELY;
}

/** A text that tells of an error, as it may leave the process. */
export function safeText(text: string): Clean {
  const isCut = text.length > MAX_TEXT + MAX_SAID;
  let known = isCut ? cutText(text, MAX_TEXT + MAX_SAID) : text;
  for (const { said, safe } of lately) if (known.includes(said)) known = known.replaceAll(said, () => safe);
  // Half of what a database said would not have been found at the end.
  return redactText(isCut ? cutText(known, known.length - MAX_SAID) : known, MAX_TEXT);
}

/** The message that may leave the process. */
export function safeMessage(thrown: unknown, facts: ErrorFacts): Clean {
  const known = typeof thrown === 'object' && thrown !== null ? safeMessages.get(thrown) : undefined;
  return known ?? safeText(facts.message);
}

function safeStack(stack: string, facts: ErrorFacts, message: string): Clean {
  // V8 puts the message on top of the stack; frames follow it.
  const at = facts.message === '' ? -1 : stack.indexOf(facts.message);
  return safeText(at < 0 ? stack : stack.slice(0, at) + message + stack.slice(at + facts.message.length));
}

/** `exception.type`, `.message` and `.stacktrace`; secrets in texts are masked. Every thrown value passes here. */
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
