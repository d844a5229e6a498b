/**
 * Statements of CQL, made readable for the scanner of SQL. Two things are in no dialect of SQL: `//` begins a comment, and
 * a UUID is a literal without quotes (Cassandra documentation, "Definitions", Constants and Comments).
 */

const UUID_LENGTH = 36;
const DASHES: readonly number[] = [8, 13, 18, 23];

/** One pass. The text without such comments, and with `?` for each UUID; the text itself where there are none. */
export function plainCql(text: string): string {
  if (!text.includes('-') && !text.includes('//')) return text;
  let plain = '';
  let copied = 0;
  for (let at = 0; at < text.length; ) {
    const end = endOfQuoted(text, at);
    if (end > at) {
      at = end;
      continue;
    }
    const comment = text.startsWith('//', at);
    const gap = comment ? endAt(text, '\n', at) : isUuid(text, at) ? at + UUID_LENGTH : at;
    if (gap > at) {
      plain += `${text.slice(copied, at)}${comment ? ' ' : '?'}`;
      copied = gap;
      at = gap;
    } else at++;
  }
  return copied === 0 ? text : (plain + text.slice(copied)).trimEnd();
}

/** Strings, names in quotes and comments of the kinds that SQL has, too. @returns `at` where there is none of them */
function endOfQuoted(text: string, at: number): number {
  switch (text[at]) {
    // A doubled quote within is the end of one and the beginning of the next.
    case "'":
      return endAt(text, "'", at + 1);
    case '"':
      return endAt(text, '"', at + 1);
    case '$':
      return text[at + 1] === '$' ? endAt(text, '$$', at + 2) : at;
    case '-':
      return text[at + 1] === '-' ? endAt(text, '\n', at + 2) : at;
    case '/':
      return text[at + 1] === '*' ? endAt(text, '*/', at + 2) : at;
    default:
      return at;
  }
}

function endAt(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + mark.length;
}

function isUuid(text: string, at: number): boolean {
  if (isWordPart(text, at - 1) || isWordPart(text, at + UUID_LENGTH)) return false;
  for (let i = 0; i < UUID_LENGTH; i++) {
    const code = text.charCodeAt(at + i);
    if (DASHES.includes(i) ? code !== 45 : !isHex(code)) return false;
  }
  return true;
}

function isHex(code: number): boolean {
  const lower = code | 0x20;
  return (code >= 48 && code <= 57) || (lower >= 97 && lower <= 102);
}

function isWordPart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  const lower = code | 0x20;
  return (code >= 48 && code <= 57) || (lower >= 97 && lower <= 122) || code === 95;
}
