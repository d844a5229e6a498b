/**
 * The type of text that may become a part of a span. Text from outside is none: only the functions in this folder make it.
 * The mark exists for the compiler alone. An attribute that nobody sanitized does not compile (`RecordingSpan.put`,
 * `RegisterTracer.begin`), and at run time the mark costs nothing.
 */
import { cutText } from '../text/cut';
import { maskSecrets } from './secrets/patterns';

declare const mark: unique symbol;

/** Text from outside without its secrets, and of bounded length. */
export type Sanitized = string & { readonly [mark]: true };

/** A text that stands in our own source. The type `string` itself does not match. */
export type Literal<T extends string> = T & (string extends T ? never : T);

/** What an attribute of ours may be: sanitized text, words of our own source, a number or a boolean. */
export type SanitizedValue<T extends string = never> =
  | Sanitized
  | readonly Sanitized[]
  | Literal<T>
  | number
  | boolean;

/** In characters. */
const MAX_NAME = 255;

/**
 * A name or an id, such as that of a host, a database or a user. Tokens in it are masked; nothing else in a name can be a
 * secret.
 * @param maxLength how many characters are kept
 */
export function sanitizeName(name: string, maxLength?: number): Sanitized;
/** @returns undefined where `name` is no text */
export function sanitizeName(name: unknown): Sanitized | undefined;
export function sanitizeName(name: unknown, maxLength: number = MAX_NAME): Sanitized | undefined {
  if (typeof name !== 'string') return undefined;
  return maskSecrets(cutText(name, maxLength)) as Sanitized;
}

/** Two sanitized texts with a blank between them: `GET /users/:id`. */
export function phrase<T extends string>(first: Sanitized | Literal<T>, second: Sanitized): Sanitized {
  return `${first} ${second}` as Sanitized;
}

/** Words of our own source. They need no sanitizing. */
export function literal<T extends string>(words: Sanitized | Literal<T>): Sanitized {
  return words as string as Sanitized;
}

/** What Node itself says of a connection: its addresses, its version of HTTP. The other side cannot choose these texts. */
export function trusted(text: string | undefined): Sanitized | undefined {
  return text as Sanitized | undefined;
}

/** Text that leaves as it is, secrets included, because the operator asked for it (CANVASOPS_DB_PARAMETERS). */
export function unredacted(text: string): Sanitized {
  return text as Sanitized;
}
