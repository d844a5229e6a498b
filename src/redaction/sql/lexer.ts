/** Where the tokens of SQL end. Every function moves forward only, so a scan as a whole is linear. */

// What a character begins.
export const OPERATOR = 0;
export const WORD = 1;
export const DIGIT = 2;
export const SPACE = 3;
export const SINGLE_QUOTE = 4;
export const DOUBLE_QUOTE = 5;
export const BACKTICK = 6;
export const BRACKET = 7;
export const CLOSING_BRACKET = 8;
export const OPEN = 9;
export const CLOSE = 10;
export const COMMA = 11;
export const SEMICOLON = 12;
export const DOT = 13;
export const DASH = 14;
export const SLASH = 15;
export const HASH = 16;
export const DOLLAR = 17;
export const PARAMETER = 18;
export const PLUS = 19;
export const STAR = 20;
export const BACKSLASH = 21;
export const COMPARISON = 22;
export const AT = 23;

const kinds = new Uint8Array(128);

function define(kind: number, characters: string): void {
  for (let i = 0; i < characters.length; i++) kinds[characters.charCodeAt(i)] = kind;
}

define(WORD, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_');
define(AT, '@');
define(DIGIT, '0123456789');
define(SPACE, ' \t\n\v\f\r');
define(SINGLE_QUOTE, "'");
define(DOUBLE_QUOTE, '"');
define(BACKTICK, '`');
define(BRACKET, '[');
define(CLOSING_BRACKET, ']');
define(OPEN, '(');
define(CLOSE, ')');
define(COMMA, ',');
define(SEMICOLON, ';');
define(DOT, '.');
define(DASH, '-');
define(SLASH, '/');
define(HASH, '#');
define(DOLLAR, '$');
define(PARAMETER, '?:');
define(PLUS, '+');
define(STAR, '*');
define(BACKSLASH, '\\');
define(COMPARISON, '=<>!~');

/** What the character begins; letters of all scripts begin words. */
export function kindOf(c: number): number {
  if (c < 128) return kinds[c] as number;
  return isWideBlank(c) ? OPERATOR : WORD;
}

/** Blanks outside of ASCII: no word goes on over them, or it could hide a number. */
function isWideBlank(c: number): boolean {
  return (
    c === 0xa0 ||
    c === 0x85 ||
    (c >= 0x2000 && c <= 0x200f) ||
    (c >= 0x2028 && c <= 0x202f) ||
    c === 0x3000 ||
    c === 0xfeff
  );
}

/** Letters, digits, `_`, `$` and everything outside of ASCII that is no blank. */
export function isWordPart(c: number): boolean {
  if (c >= 128) return !isWideBlank(c);
  const kind = kinds[c] as number;
  return kind === WORD || kind === DIGIT || c === 36;
}

export function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

/**
 * The end of what begins with a digit or with a dot and a digit: `1`, `.5`, `1e-9`, `0xFF`, `1_000`, and also `1abc`,
 * which MySQL takes for a name and PostgreSQL for an error. `end` of the text is a fine end.
 */
export function endOfNumber(text: string, start: number): number {
  const isHex = text.charCodeAt(start) === 48 && (text.charCodeAt(start + 1) | 32) === 120;
  let i = start + 1;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (isWordPart(c) || c === 46) continue;
    const isSign = c === 45 || c === 43;
    if (!isSign || isHex || (text.charCodeAt(i - 1) | 32) !== 101 || !isDigit(text.charCodeAt(i + 1))) break;
  }
  return i;
}

/** The result of {@link endOfQuoted}: the quotes are open to the end of the text. */
export const UNTERMINATED = -1;

/** Whether {@link endOfQuoted} met a quote behind a backslash: two ways to read the text from there. */
let sawEscapedQuote = false;

export function escapedQuoteSeen(): boolean {
  return sawEscapedQuote;
}

/**
 * The position behind the quote that closes what the one at `start` opens; a doubled quote does not close.
 * @param escapes whether a backslash protects a quote
 */
export function endOfQuoted(text: string, start: number, quote: string, escapes: boolean): number {
  const code = quote.charCodeAt(0);
  sawEscapedQuote = false;
  let from = start + 1;
  for (;;) {
    const at = text.indexOf(quote, from);
    if (at < 0) return UNTERMINATED;
    let backslashes = at;
    while (backslashes > from && text.charCodeAt(backslashes - 1) === 92) backslashes--;
    if (((at - backslashes) & 1) === 1) {
      sawEscapedQuote = true;
      if (escapes) {
        from = at + 1;
        continue;
      }
    }
    if (text.charCodeAt(at + 1) !== code) return at + 1;
    from = at + 2;
  }
}

/** The position behind the tag `$tag$` at `start`; 0 = there is none. */
export function endOfDollarTag(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 36) return i + 1;
    if (kindOf(c) !== WORD && (!isDigit(c) || i === start + 1)) return 0;
  }
  return 0;
}

/** The position behind a comment of one line. */
export function endOfLine(text: string, start: number, carriageReturnEnds: boolean): number {
  let i = start;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 10 || (c === 13 && carriageReturnEnds)) break;
  }
  return i;
}

/** Whether {@link endOfComment} met a comment inside the comment. */
let sawNestedComment = false;

export function nestedCommentSeen(): boolean {
  return sawNestedComment;
}

/** The position behind the comment that begins at `start`; an open one takes the rest of the text. */
export function endOfComment(text: string, start: number, nests: boolean): number {
  sawNestedComment = false;
  let depth = 1;
  let i = start + 2;
  if (!nests) {
    const close = text.indexOf('*/', i);
    return close < 0 ? text.length : close + 2;
  }
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 42 && text.charCodeAt(i + 1) === 47) {
      i++;
      if (--depth === 0) return i + 1;
    } else if (c === 47 && text.charCodeAt(i + 1) === 42) {
      i++;
      depth++;
      sawNestedComment = true;
    }
  }
  return text.length;
}

/** Whether there is a quote of any kind in `text.slice(start, end)`. */
export function hasQuote(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 39 || c === 34 || c === 96 || c === 36) return true;
  }
  return false;
}

export const BRACKETS_PLAIN = 0;
export const BRACKETS_WITH_QUOTES = 1;
export const BRACKETS_OTHER = 2;

/** What is in the brackets at `start`: words and blanks; quotes; or what cannot be a name of Transact-SQL. */
export function contentOfBrackets(text: string, start: number): number {
  const longest = start + 130; // names have 128 characters at most
  let content = BRACKETS_PLAIN;
  for (let i = start + 1; i < text.length && i < longest; i++) {
    const c = text.charCodeAt(i);
    if (c === 93) return i === start + 1 ? BRACKETS_OTHER : content;
    if (c === 39 || c === 34 || c === 96 || c === 36) content = BRACKETS_WITH_QUOTES;
    else if (content === BRACKETS_PLAIN && !isWordPart(c) && c !== 32) content = BRACKETS_OTHER;
  }
  return content === BRACKETS_WITH_QUOTES ? content : BRACKETS_OTHER;
}

/** `q'` and `nq'`: the quotes within such strings of Oracle do not count. */
export function isOraclePrefix(text: string, start: number, end: number): boolean {
  return end - start <= 2 && (text.charCodeAt(end - 1) | 32) === 113;
}

/** The position behind the version of an executable comment: five or six digits. */
export function endOfVersion(text: string, start: number): number {
  let i = start;
  while (i < start + 6 && isDigit(text.charCodeAt(i))) i++;
  return i;
}

/** Currency signs, which begin amounts of money in Transact-SQL ("money and smallmoney"). */
export function isCurrency(c: number): boolean {
  return (c >= 0xa2 && c <= 0xa5) || (c >= 0x20a0 && c <= 0x20cf);
}

/** Whether the word that ends at `end` ends with `key`: the pragmas of SQLCipher that take passphrases do. */
export function endsWithKey(text: string, end: number): boolean {
  return (
    (text.charCodeAt(end - 3) | 32) === 107 &&
    (text.charCodeAt(end - 2) | 32) === 101 &&
    (text.charCodeAt(end - 1) | 32) === 121
  );
}
