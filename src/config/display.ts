/** How values from outside are shown: bounded, on one line, and without anything secret in them. */
import { maskPath } from '../redaction/http/endpoint-path';

const LONGEST = 80;

/** Whether a character would move the cursor, hide itself, or turn the line around (bidi controls). */
function isUnprintable(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    code === 0xfeff
  );
}

/** Text from outside, fit for a terminal: no control characters, at most `longest` characters. */
export function printable(text: string, longest = LONGEST): string {
  let out = '';
  let length = 0;
  // By code point, so that surrogate pairs stay whole and only lone halves are escaped.
  for (const char of text) {
    if (length++ === longest) return `${out}…`;
    const code = char.codePointAt(0) ?? 0;
    out += isUnprintable(code) ? `\\u${code.toString(16).padStart(4, '0')}` : char;
  }
  return out;
}

/** For sentences: `` `grcp` ``. */
export function quote(text: string): string {
  return `\`${printable(text)}\``;
}

const SPOKEN: readonly string[] = ['http', 'https', 'grpc', 'grpcs'];
const UNREADABLE = '(set, but not a usable URL)';

/**
 * A URL without its secrets. User and password, the query and the fragment never appear, nor tokens in the path; text that is not
 * a URL does not appear at all, because nobody knows which part of it is the password.
 */
export function showUrl(text: string): string {
  const schemeEnd = text.indexOf('://');
  if (schemeEnd >= 0 && !SPOKEN.includes(text.slice(0, schemeEnd).toLowerCase())) return UNREADABLE;
  let url: URL;
  try {
    url = new URL(schemeEnd < 0 ? `http://${text}` : text);
  } catch {
    return UNREADABLE;
  }
  // An unencoded `/`, `?` or `#` in a password ends the authority early and leaves an `@` behind.
  if ((url.pathname + url.search + url.hash).includes('@') || url.host === '') return UNREADABLE;
  const scheme = schemeEnd < 0 ? '' : `${url.protocol}//`;
  const user = url.username || url.password ? 'REDACTED:REDACTED@' : '';
  const path = url.pathname === '/' && !text.endsWith('/') ? '' : maskPath(url.pathname);
  return printable(`${scheme}${user}${url.host}${path}${url.search ? '?REDACTED' : ''}`, 300);
}

const SECRET_WORDS = [
  'pass',
  'secret',
  'token',
  'key',
  'auth',
  'credential',
  'session',
  'cookie',
  'signature',
];

function looksSecret(name: string): boolean {
  const lower = name.toLowerCase();
  return SECRET_WORDS.some((word) => lower.includes(word));
}

/** `a=1, b=2`; the values of names that sound like secrets are only `set`. */
export function showPairs(pairs: Readonly<Record<string, string>>): string {
  const shown = Object.entries(pairs).map(
    ([name, value]) => `${printable(name)}=${looksSecret(name) ? 'set' : printable(value)}`,
  );
  return shown.length === 0 ? 'none' : shown.join(', ');
}

/** Names of headers that may be shown; any other name may be a piece of a mangled secret. */
const HEADER_NAMES = new Set(
  (
    'authorization api-key api_key apikey x-api-key x-auth-token x-scope-orgid x-tenant-id tenant-id x-honeycomb-team ' +
    'x-honeycomb-dataset dd-api-key lightstep-access-token signoz-access-token signoz-ingestion-key uptrace-dsn ' +
    'x-sf-token x-axiom-dataset stream-name organization arize-api-key arize-space-id space_id arize-interface ' +
    'user-agent proxy-authorization cookie'
  ).split(' '),
);

/** `authorization: set, 2 others: set`. */
export function showHeaders(headers: Readonly<Record<string, string>>): string {
  const names = Object.keys(headers);
  const known = names.filter((name) => HEADER_NAMES.has(name));
  const others = names.length - known.length;
  const parts = known.map((name) => `${name}: set`);
  if (others > 0) parts.push(`${others} ${others === 1 ? 'other' : 'others'}: set`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}
