/**
 * The gate: what comes from outside becomes part of a span only as a {@link Clean} text, and nothing outside of this
 * folder makes one. The mark exists for the compiler alone: an attribute that nobody cleaned does not compile
 * (`RecordingSpan.put`, `RegisterTracer.begin`), and at run time it costs nothing.
 */
import { cutText } from '../text/cut';
import { maskSecrets } from './shapes';

declare const mark: unique symbol;

/** Text from outside without its secrets, and of bounded length. */
export type Clean = string & { readonly [mark]: true };

/** A text that stands in our own source: `string` itself is none. */
export type Literal<T extends string> = T & (string extends T ? never : T);

/** What an attribute of ours may be: clean, a number, or words of our own. */
export type CleanValue<T extends string = never> = Clean | readonly Clean[] | Literal<T> | number | boolean;

const MAX_NAME = 255;

/** A name or an id, of a host, a database, a user: bounded, and without tokens. Nothing else in it can be a secret. */
export function cleanName(name: string, maxLength?: number): Clean;
/** undefined for what is no text. */
export function cleanName(name: unknown): Clean | undefined;
export function cleanName(name: unknown, maxLength: number = MAX_NAME): Clean | undefined {
  if (typeof name !== 'string') return undefined;
  return maskSecrets(cutText(name, maxLength)) as Clean;
}

/** Two clean texts with a blank between them: `GET /users/:id`. */
export function phrase<T extends string>(first: Clean | Literal<T>, second: Clean): Clean {
  return `${first} ${second}` as Clean;
}

/** Words of our own source. */
export function ours<T extends string>(words: Clean | Literal<T>): Clean {
  return words as string as Clean;
}

/** What Node says of a connection: its addresses, its version of HTTP. The other side has no say in them. */
export function fromNode(text: string | undefined): Clean | undefined {
  return text as Clean | undefined;
}

/** What the operator asked for by a setting of its own, secrets or not (CANVASOPS_DB_PARAMETERS). */
export function askedFor(text: string): Clean {
  return text as Clean;
}
