/** Texts of errors: classes, messages, stacks. Values that a database driver quoted in them are masked. */
import { cutText } from '../text/cut';
import type { Sanitized } from './sanitized';
import { redactText } from './text/free-text';

/** In characters: the longest message or stack that is kept. */
const MAX_TEXT = 16_384;
/** In characters: a class or a code is shorter, whatever is longer is a message. */
const MAX_TYPE = 128;

/**
 * `error.type`. Names of classes and codes are the app's to choose, so they may hold secrets.
 * @returns at most 128 characters
 */
export function sanitizeErrorType(text: string): Sanitized {
  return redactText(text, MAX_TYPE);
}

/** Messages of errors that came from a database driver, with the literals they quote masked. */
const safeMessages = new WeakMap<object, Sanitized>();

/** The latest texts of databases, with and without values: ORMs and apps repeat them in errors of their own. */
const recent: { readonly said: string; readonly safe: Sanitized }[] = [];
const MAX_RECENT = 32;
/** In characters. */
const MAX_SAID = 4096;
/** In characters. A shorter text says nothing, and other texts might contain it by chance. */
const MIN_SAID = 12;
let next = 0;

/**
 * Database servers quote the app's values in their error texts (`invalid input syntax for type integer: "..."`). Whoever
 * sees such an error first, together with its statement, stores here what of it may leave the process.
 * @param error what was thrown; it is held weakly
 * @param said its message as the server or the driver wrote it
 * @param safe the same message without values
 */
export function rememberSafeMessage(error: unknown, said: string, safe: Sanitized): void {
  if (typeof error === 'object' && error !== null) safeMessages.set(error, safe);
  rememberSafeText(said, safe);
}

/**
 * The same for texts beside the message, such as `Key (email)=(...) already exists`.
 * @param said the text as the server wrote it
 * @param safe the same text without values
 */
export function rememberSafeText(said: string, safe: Sanitized): void {
  if (said === safe || said.length < MIN_SAID || said.length > MAX_SAID) return;
  recent[next] = { said, safe };
  next = (next + 1) % MAX_RECENT;
}

/**
 * A text that tells of an error, as it may leave the process.
 * @param text a message or a stack
 * @returns at most 16,384 characters
 */
export function safeText(text: string): Sanitized {
  const isCut = text.length > MAX_TEXT + MAX_SAID;
  let known = isCut ? cutText(text, MAX_TEXT + MAX_SAID) : text;
  for (const { said, safe } of recent) if (known.includes(said)) known = known.replaceAll(said, () => safe);
  // At the end there may be half of a database's text, which the search does not find.
  return redactText(isCut ? cutText(known, known.length - MAX_SAID) : known, MAX_TEXT);
}

/**
 * The message of an error, as it may leave the process.
 * @param thrown the error itself: of some, the message without values is known
 * @param message the message of that error
 */
export function safeMessage(thrown: unknown, { message }: { readonly message: string }): Sanitized {
  const known = typeof thrown === 'object' && thrown !== null ? safeMessages.get(thrown) : undefined;
  return known ?? safeText(message);
}
