/**
 * The gate: what comes from outside becomes part of a span only as a {@link Sanitized} text, and nothing outside of this
 * folder makes one. The mark exists for the compiler alone: an attribute that nobody cleaned does not compile
 * (`RecordingSpan.put`, `RegisterTracer.begin`), and at run time it costs nothing.
 */
import { cutText } from '../text/cut';
import { maskSecrets } from './secrets/patterns';

declare const mark: unique symbol;

/** Text from outside without its secrets, and of bounded length. */
export type Sanitized = string & { readonly [mark]: true };

/** A text that stands in our own source: `string` itself is none. */
export type Literal<T extends string> = T & (string extends T ? never : T);

/** What an attribute of ours may be: clean, a number, or words of our own. */
export type SanitizedValue<T extends string = never> =
  | Sanitized
  | readonly Sanitized[]
  | Literal<T>
  | number
  | boolean;

const MAX_NAME = 255;

/** A name or an id, of a host, a database, a user: bounded, and without tokens. Nothing else in it can be a secret. */
export function sanitizeName(name: string, maxLength?: number): Sanitized;
/** undefined for what is no text. */
export function sanitizeName(name: unknown): Sanitized | undefined;
export function sanitizeName(name: unknown, maxLength: number = MAX_NAME): Sanitized | undefined {
  if (typeof name !== 'string') return undefined;
  return maskSecrets(cutText(name, maxLength)) as Sanitized;
}

/** Two clean texts with a blank between them: `GET /users/:id`. */
export function phrase<T extends string>(first: Sanitized | Literal<T>, second: Sanitized): Sanitized {
  return `${first} ${second}` as Sanitized;
}

/** Words of our own source. */
export function literal<T extends string>(words: Sanitized | Literal<T>): Sanitized {
  return words as string as Sanitized;
}

/** What Node says of a connection: its addresses, its version of HTTP. The other side has no say in them. */
export function trusted(text: string | undefined): Sanitized | undefined {
  return text as Sanitized | undefined;
}

/** What the operator asked for by a setting of its own, secrets or not (CANVASOPS_DB_PARAMETERS). */
export function unredacted(text: string): Sanitized {
  return text as Sanitized;
}
