/** What Elasticsearch and OpenSearch are asked, and what they say of failures, without the values in it. */
import { types } from 'node:util';
import { cutText } from '../../text/cut';
import { literal, type Sanitized } from '../sanitized';
import { describeDocument, sanitizeDocument } from './document';

/** In characters. */
const MAX_TEXT = 8192;
/** Lines of a request with several searches. */
const MAX_LINES = 16;
const CUT_MARK = '...';
/** What stands in brackets behind these words is a name: `no such index [users]`, `of type [long]`. */
const NAMED: ReadonlySet<string> = new Set(['index', 'type', 'alias']);
const EXCEPTION = '_exception';

/**
 * The body of a search without its values. Never throws, and calls nothing of the app's.
 * @param body a document, its JSON, or a list of these for several searches
 * @returns '' for what is neither, such as a stream
 */
export function describeSearchBody(body: unknown): Sanitized | '' {
  if (typeof body === 'string') {
    const { text } = sanitizeDocument(cutText(body, MAX_TEXT));
    return (body.length > MAX_TEXT ? text + CUT_MARK : text) as Sanitized;
  }
  if (types.isProxy(body) || !Array.isArray(body)) return describeDocument(body);
  const lines = body
    .slice(0, MAX_LINES)
    .map((line: unknown) => (Array.isArray(line) ? '' : describeSearchBody(line)));
  if (body.length > MAX_LINES) lines.push(literal(CUT_MARK));
  return cutText(lines.join('\n'), MAX_TEXT) as Sanitized;
}

/**
 * A server's reason with what it quotes in brackets masked: `Failed to parse query [bob AND (]`. What it quotes in quotes
 * is left to `redactDatabaseMessage`. One pass; never throws.
 */
export function maskBrackets(message: string): string {
  let out = '';
  let flushed = 0;
  for (let i = message.indexOf('['); i >= 0; i = message.indexOf('[', i)) {
    const end = endOfBracket(message, i);
    if (!isName(message, i, end)) {
      out += `${message.slice(flushed, i + 1)}?`;
      flushed = end;
    }
    i = end;
  }
  return flushed === 0 ? message : out + message.slice(flushed);
}

/** Where the bracket closes that opens at `start`. A value may have brackets in it; one that is not closed ends the text. */
function endOfBracket(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 91) depth++;
    else if (c === 93 && --depth === 0) return i;
  }
  return text.length;
}

function isName(text: string, start: number, end: number): boolean {
  // `[parsing_exception] Reason: ...`, as the client of OpenSearch writes it.
  if (text.endsWith(EXCEPTION, end) && isLowerCase(text, start + 1, end)) return true;
  if (text.charCodeAt(start - 1) !== 32) return false;
  const from = text.lastIndexOf(' ', start - 2) + 1;
  return NAMED.has(text.slice(from, start - 1)) && !text.slice(start + 1, end).includes(' ');
}

/** Letters of ASCII and `_`. */
function isLowerCase(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c !== 95 && (c < 97 || c > 122)) return false;
  }
  return true;
}
