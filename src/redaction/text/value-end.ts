/** The notations in which secrets stand in texts: what names are made of, and where the values behind them end. */
import { isTokenPart } from '../secrets/patterns';

const MAX_LOOK_AHEAD = 64;
const MAX_TAG = 512;

export interface QuotedValue {
  readonly start: number;
  readonly end: number;
}

/**
 * What is between quotes at `start`; undefined if there are none. The quotes may be escaped, as in JSON within JSON:
 * what closes them has as many backslashes as what opens them. Open quotes take the rest of the text.
 */
export function endOfQuotedValue(text: string, start: number): QuotedValue | undefined {
  let at = start;
  while (text.charCodeAt(at) === 92) at++;
  const quote = text.charCodeAt(at);
  if (quote !== 34 && quote !== 39 && quote !== 96) return undefined;
  const escapes = at - start;
  let backslashes = 0;
  for (let i = at + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 92) {
      backslashes++;
      continue;
    }
    if (c === quote && (escapes === 0 ? (backslashes & 1) === 0 : backslashes <= escapes)) {
      return { start: at + 1, end: Math.max(at + 1, i - (escapes === 0 ? 0 : backslashes)) };
    }
    backslashes = 0;
  }
  return { start: at + 1, end: text.length };
}

/** The end of `[..]` or `{..}` at `start`; brackets in quotes do not count. */
export function endOfStructure(text: string, start: number): number {
  let depth = 0;
  let quote = 0;
  for (let i = start; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quote !== 0) {
      if (c === 92) i++;
      else if (c === quote) quote = 0;
    } else if (c === 34 || c === 39 || c === 96) {
      quote = c;
    } else if (c === 91 || c === 123) {
      depth++;
    } else if ((c === 93 || c === 125) && --depth === 0) {
      return i + 1;
    }
  }
  return text.length;
}

/**
 * The end of `-----BEGIN RSA PRIVATE KEY-----` and what follows it: an open one takes the rest of the text.
 * @returns `start` itself for what is no private key; certificates are no secret
 */
export function endOfPrivateKey(text: string, start: number): number {
  if (!text.slice(start, start + 48).includes('PRIVATE KEY')) return start;
  const close = text.indexOf('-----END', start);
  const tail = close < 0 ? -1 : text.indexOf('-----', close + 8);
  return tail < 0 ? text.length : tail + 5;
}

/** Characters of names: those of tokens, and `%`, `$`, `[`, `]`. */
export function isNamePart(c: number): boolean {
  return isTokenPart(c) || c === 37 || c === 36 || c === 91 || c === 93;
}

/** Whether the values of this header have blanks and semicolons in them. */
export function isHeaderName(name: string): boolean {
  const lower = name.toLowerCase();
  return lower.endsWith('authorization') || lower.endsWith('cookie');
}

/**
 * The end of a header's value: the end of the line.
 * @param quote the quote right before the header's name, if there is one: then it ends there
 */
export function endOfHeaderValue(text: string, start: number, quote: number): number {
  for (let i = start; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 10 || c === 13 || (c === quote && isQuote(c))) return i;
    if (c === 92 && isEscape(text, i)) return i;
  }
  return text.length;
}

/**
 * The end of a value without quotes. Brackets, quotes, commas and semicolons may be part of a password, so they only
 * end it if what follows looks like something else.
 */
export function endOfWordValue(text: string, start: number): number {
  const end = endOfWord(text, start);
  // token: Bearer abc
  return text.charCodeAt(end) === 32 && isScheme(text, start, end) ? endOfWord(text, end + 1) : end;
}

function endOfWord(text: string, start: number): number {
  let i = start;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c <= 32 || c === 38 || c === 60 || c === 62) break;
    if ((c === 44 || c === 59 || c === 35) && endsAt(text, i + 1)) break;
    const isClosing = c === 41 || c === 93 || c === 125 || isQuote(c);
    if (isClosing && !isTokenPart(text.charCodeAt(i + 1))) break;
    if (c === 92 && isEscape(text, i)) break;
  }
  return i;
}

function isScheme(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length !== 5 && length !== 6) return false;
  const word = text.slice(start, end).toLowerCase();
  return word === 'bearer' || word === 'basic' || word === 'token';
}

function isQuote(c: number): boolean {
  return c === 34 || c === 39 || c === 96;
}

/** `\n`, `\r`, `\t` and `\"` as people see them in JSON. */
function isEscape(text: string, backslash: number): boolean {
  const c = text.charCodeAt(backslash + 1);
  return (
    c === 34 ||
    c === 39 ||
    ((c === 110 || c === 114 || c === 116) && !isTokenPart(text.charCodeAt(backslash - 1)))
  );
}

/** What stands for a value: it helps to know that there was none. */
const NO_VALUES: ReadonlySet<string> = new Set('yes no true false null undefined none ? redacted'.split(' '));
const LONGEST_NO_VALUE = 9;

/** Whether `text.slice(start, end)` is empty or no value at all: `(using password: YES)`, `token: undefined`. */
export function saysNothing(text: string, start: number, end: number): boolean {
  return (
    end <= start || (end - start <= LONGEST_NO_VALUE && NO_VALUES.has(text.slice(start, end).toLowerCase()))
  );
}

/** Whether something new begins at `start`: a blank, the end of the text, `name=` or `name:`. */
export function endsAt(text: string, start: number): boolean {
  if (start >= text.length || text.charCodeAt(start) <= 32) return true;
  const end = Math.min(text.length, start + MAX_LOOK_AHEAD);
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 61 || c === 58) return i > start;
    if (!isTokenPart(c) && !isQuote(c) && c !== 37 && c !== 91 && c !== 93) return false;
  }
  return false;
}

/** Whether the word at `start` is the name of an XML element: `<name`, `<prefix:name`. */
export function isElementName(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1);
  return before === 60 || (before === 58 && text.charCodeAt(openingOf(text, start)) === 60);
}

function openingOf(text: string, nameStart: number): number {
  if (text.charCodeAt(nameStart - 1) !== 58) return nameStart - 1;
  let i = nameStart - 2;
  while (i > nameStart - MAX_LOOK_AHEAD && isTokenPart(text.charCodeAt(i))) i--;
  return i;
}

/** The end of an element's content, which begins at `start`; 0 for types such as `Promise<Token>`. */
export function endOfElement(text: string, nameStart: number, start: number): number {
  const close = text.indexOf('<', start);
  if (close >= 0 && text.charCodeAt(close + 1) === 47) return close;
  if (isTokenPart(text.charCodeAt(openingOf(text, nameStart) - 1))) return 0;
  return close < 0 ? text.length : close;
}

/** The position behind the `>` of a tag; 0 if it is no tag, or a closed one. */
export function endOfTag(text: string, start: number): number {
  for (let i = start; i < text.length && i < start + MAX_TAG; i++) {
    const c = text.charCodeAt(i);
    if (c === 60) return 0;
    if (c === 62) return text.charCodeAt(i - 1) === 47 ? 0 : i + 1;
  }
  return 0;
}
