/**
 * Headers of a message, read without making Node build `message.headers`.
 *
 * That property is a getter: at its first reading it builds an object from `rawHeaders` and keeps it (`headers` in
 * lib/_http_incoming.js). An app that changes `rawHeaders` before it reads `headers` would miss its change. Node
 * itself reads `headers` before 'request' up to version 24, but never before 'upgrade' and 'connect', nor of answers.
 */
import type { IncomingMessage } from 'node:http';

export type Headers = IncomingMessage['headers'];

/** Headers of which Node takes the first and drops all others (`matchKnownFields`). */
const SINGLE = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

const NONE: Headers = Object.freeze({});

/** `[kHeaders]` of Node's messages, found at the first one; it is null until `headers` is read. */
let builtHeaders: symbol | undefined;

/**
 * @param names in lower case: the headers that are of interest
 * @returns reads these headers of a message in the form of `message.headers`; other headers may be in it, too
 */
export function createHeaderReader(names: readonly string[]): (message: IncomingMessage) => Headers {
  const wanted = new Set(names);
  const lengths = new Set(names.map(({ length }) => length));
  return (message) => {
    const kept = keptHeaders(message);
    if (kept !== undefined) return kept;
    const { rawHeaders } = message;
    const headers: Headers = {};
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const rawName = rawHeaders[i] ?? '';
      if (!lengths.has(rawName.length)) continue;
      const name = rawName.toLowerCase();
      if (wanted.has(name)) addHeader(headers, name, rawHeaders[i + 1] ?? '');
    }
    return headers;
  };
}

/** undefined: they would have to be built. */
function keptHeaders(message: IncomingMessage): Headers | undefined {
  if (builtHeaders === undefined || !(builtHeaders in message)) {
    const symbols = Object.getOwnPropertySymbols(message);
    const found = symbols.find(({ description }) => description === 'kHeaders');
    // Made by somebody else: an object with headers of its own, or none.
    if (found === undefined) return message.headers ?? NONE;
    builtHeaders = found;
  }
  return (message as unknown as Record<symbol, unknown>)[builtHeaders] ? message.headers : undefined;
}

function addHeader(headers: Headers, name: string, value: string): void {
  const present = headers[name];
  if (name === 'set-cookie') {
    headers[name] = [...(headers[name] ?? []), value];
  } else if (present === undefined) {
    headers[name] = value;
  } else if (!SINGLE.has(name)) {
    headers[name] = `${String(present)}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
}
