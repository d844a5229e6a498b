/**
 * Where our spans do not say what the official instrumentations say, and why. Each line stands in docs/parity.md too;
 * the test sees to that, and that each is still true.
 */
import type { ReceivedSpan, Value } from '../helpers/span';

export type Where = 'server' | 'http client' | 'fetch and undici' | 'pg';

export interface Exception {
  attribute: string;
  where: Where;
  /** One sentence, as it stands in docs/parity.md. */
  reason: string;
  /** Whether the two values differ in just this way; ours is undefined where we have none. */
  allows(ours: Value | undefined, theirs: Value, span: ReceivedSpan): boolean;
}

const isMasked = (ours: Value | undefined, theirs: Value): boolean =>
  typeof ours === 'string' && ours.includes('REDACTED') && parameters(ours) === parameters(String(theirs));

/** The query with its names, but without values. */
const parameters = (url: string): string => url.replace(/=[^&#]*/g, '=');

/** A statement without its literals, as far as the fixtures have some. */
export const maskedText = (text: unknown): string =>
  String(text ?? '').replaceAll(/'[^']*'|(?<![$\w])\d+/g, '?');

const isCode = (value: Value | undefined): boolean => /^[A-Z][A-Z_]+$/.test(String(value));
const masked = 'Values under secret names are masked.';
const inUrl = 'It is a part of `url.full`, where the conventions have it on client spans.';

export const exceptions: readonly Exception[] = [
  { attribute: 'url.query', where: 'server', reason: masked, allows: isMasked },
  { attribute: 'url.full', where: 'http client', reason: masked, allows: isMasked },
  { attribute: 'url.full', where: 'fetch and undici', reason: masked, allows: isMasked },
  {
    attribute: 'error.type',
    where: 'http client',
    reason: "Theirs is `Error` for every failed connection, ours the error's code, such as `ECONNREFUSED`.",
    allows: (ours, theirs) => theirs === 'Error' && isCode(ours),
  },
  {
    attribute: 'error.type',
    where: 'http client',
    reason: 'A request that the app itself gave up is no error, so it has none.',
    allows: (ours, theirs, { attributes }) =>
      ours === undefined && theirs === 'Error' && String(attributes['url.full']).endsWith('/hang'),
  },
  {
    attribute: 'error.type',
    where: 'fetch and undici',
    reason:
      'Theirs is the number of a DOMException where there is one, ours its name, such as `TimeoutError`.',
    allows: (ours, theirs) => typeof theirs === 'number' && ours === 'TimeoutError',
  },
  {
    attribute: 'http.request.method_original',
    where: 'fetch and undici',
    reason: 'The conventions want it only where `http.request.method` is `_OTHER`; theirs is always there.',
    allows: (ours, theirs, { attributes }) =>
      ours === undefined && theirs === attributes['http.request.method'],
  },
  {
    attribute: 'url.path',
    where: 'fetch and undici',
    reason: inUrl,
    allows: (ours, theirs, { attributes }) =>
      ours === undefined && String(attributes['url.full']).includes(String(theirs)),
  },
  {
    attribute: 'url.query',
    where: 'fetch and undici',
    reason: inUrl,
    allows: (ours, theirs, { attributes }) =>
      ours === undefined && parameters(String(attributes['url.full'])).endsWith(parameters(String(theirs))),
  },
  {
    attribute: 'url.scheme',
    where: 'fetch and undici',
    reason: inUrl,
    allows: (ours, theirs, { attributes }) =>
      ours === undefined && String(attributes['url.full']).startsWith(`${theirs}:`),
  },
  {
    attribute: 'db.query.text',
    where: 'pg',
    reason: 'Literals are replaced by `?`.',
    allows: (ours, theirs) => maskedText(theirs) === ours && ours !== theirs,
  },
];

/** Spans that only the official instrumentations make. */
export const officialOnly: Readonly<Record<string, string>> = {
  'pg.connect': 'Ours is `connect`, and only where it takes more than 1 ms or fails.',
  'pg-pool.connect': 'Ours is `acquire connection`, and only where it takes more than 1 ms or fails.',
};

/** The line of docs/parity.md about an exception. */
export const documented = ({ attribute, where, reason }: Exception): string =>
  `| \`${attribute}\` | ${where} | ${reason} |`;
