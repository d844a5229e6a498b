/**
 * Messages of database servers and drivers. They quote what the app sent (`Duplicate entry 'bob@x' for key ..`), and
 * they quote names of tables and columns the same way. A quoted part stays if the words around it say that it is a
 * name, everything else in quotes is masked; so are bare numbers and the values of rows.
 */
import type { Sanitized } from '../sanitized';
import { endOfNumber, isDigit, isWordPart } from '../sql/lexer';
import { redactText } from '../text/free-text';

/** In characters. Longer messages repeat the statement. */
const MAX_MESSAGE = 8192;
const CUT_MARK = '...';

/** Words before the name of an object: `relation "users"`, `for key 'email'`. */
const OBJECTS: ReadonlySet<string> = new Set(
  (
    'relation table view column field constraint index key sequence schema database role user type function procedure ' +
    'trigger extension operator aggregate cursor tablespace collection object references partition policy'
  ).split(' '),
);

/** Places in a statement, which MySQL quotes as it would quote a name (errmsg-utf8.txt, ER_BAD_FIELD_ERROR). */
const PLACES: ReadonlySet<string> = new Set([
  'field list',
  'where clause',
  'order clause',
  'group statement',
  'on clause',
  'having clause',
  'from clause',
]);

/**
 * What follows a value, by what precedes it. A value may have quotes in it, so it ends where these words stand for
 * the last time; without such words it ends at the last quote of the message.
 */
const CONNECTORS: readonly (readonly [before: string, behind: string])[] = [
  ['Duplicate entry ', ' for key '],
  [' value: ', ' for column '],
  [' value ', ' to data type '],
];

/**
 * SQLite says what follows without quotes. It may be a string in the wrong quotes, or a part of what was searched for
 * (FTS5: `MATCH 'bob: x'`).
 */
const BARE_NAME = 'no such column: ';
/** `main.users.email` */
const MAX_NAME_PARTS = 3;

/** What Node's own errors begin with: nothing of the statement is in them. */
const SYSTEM_ERRORS: readonly string[] = ['connect E', 'getaddrinfo E', 'read E', 'write E'];

/** In characters. Other texts contain shorter values by chance. */
const MIN_VALUE = 4;
const MAX_VALUES = 64;
const MAX_SEARCHED = 65_536;

/**
 * The message without the values that were sent, which scripts of Redis may put into their errors.
 * @param values what was sent; of more than 64, the first 64
 * @returns `...` for a message that is too long to be searched
 */
export function maskSentValues(message: string, values: readonly unknown[]): string {
  if (message.length > MAX_SEARCHED) return CUT_MARK;
  let text = message;
  for (const value of values.slice(0, MAX_VALUES)) {
    const sent = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
    if (typeof sent !== 'string' || sent.length < MIN_VALUE || sent.length > MAX_MESSAGE) continue;
    if (text.includes(sent)) text = text.replaceAll(sent, '?');
  }
  return text;
}

/**
 * The message with the values in it masked. Never throws.
 * @param sanitizedQuery the statement without its literals, or ''; words in it are no secrets
 */
export function redactDatabaseMessage(message: string, sanitizedQuery: string): Sanitized {
  const isCut = message.length > MAX_MESSAGE;
  // First what can be told from any text, while all of it is there.
  const text = redactText(message, MAX_MESSAGE);
  for (let i = 0; i < SYSTEM_ERRORS.length; i++) {
    if (text.startsWith(SYSTEM_ERRORS[i] as string)) return text;
  }
  const masked = new MessageMasker(text, sanitizedQuery).run();
  return (isCut && !masked.endsWith(CUT_MARK) ? masked + CUT_MARK : masked) as Sanitized;
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}

class MessageMasker {
  private out = '';
  private flushed = 0;
  /** The position behind the last quoted name. */
  private nameEnd = -1;
  /** From there on names are in backticks, and values do not occur. */
  private readonly foreignKeyAt: number;
  /** Where a name without quotes begins that ends with the message. */
  private readonly bareNameAt: number;

  constructor(
    private readonly text: string,
    private readonly query: string,
  ) {
    this.foreignKeyAt = text.indexOf('foreign key constraint fails');
    const bareAt = text.indexOf(BARE_NAME);
    this.bareNameAt = bareAt < 0 ? -1 : bareAt + BARE_NAME.length;
  }

  run(): string {
    const { text } = this;
    let i = 0;
    while (i < text.length) {
      const c = text.charCodeAt(i);
      // doesn't, utf8mb4
      const isInWord = i > 0 && isWordPart(text.charCodeAt(i - 1));
      if (i === this.bareNameAt && !isQuote(c)) i = this.bareName(i);
      else if (c === 40) i = this.opening(i);
      else if (c === 123 && this.isBehind(i, 'dup key: ')) i = this.mask(i + 1, endOf(text, '}', i));
      else if (isInWord) i++;
      else if (isQuote(c)) i = this.quoted(i, text.charAt(i));
      else i = isDigit(c) ? this.mask(i, endOfNumber(text, i)) : i + 1;
    }
    return this.flushed === 0 ? text : this.out + text.slice(this.flushed);
  }

  private mask(start: number, end: number): number {
    this.out += `${this.text.slice(this.flushed, start)}?`;
    this.flushed = end;
    return end;
  }

  /** `Key (email)=(bob@x)`, `Failing row contains (1, bob)`, `The duplicate key value is (bob)`. */
  private opening(i: number): number {
    const { text } = this;
    if (text.charCodeAt(i - 1) !== 61 && !this.isBehind(i, ' contains ') && !this.isBehind(i, ' value is '))
      return i + 1;
    return this.mask(i + 1, endOf(text, ')', i));
  }

  private bareName(start: number): number {
    const { text } = this;
    const parts = text.slice(start).split('.', MAX_NAME_PARTS + 1);
    const isKnown =
      parts.length <= MAX_NAME_PARTS && parts.every((part) => part !== '' && this.isInQuery(part));
    return isKnown ? text.length : this.mask(start, text.length);
  }

  private isBehind(i: number, words: string): boolean {
    return i >= words.length && this.text.startsWith(words, i - words.length);
  }

  private quoted(start: number, quote: string): number {
    const { text } = this;
    const close = text.indexOf(quote, start + 1);
    if (close < 0) return this.mask(start + 1, text.length);
    const content = text.slice(start + 1, close);
    const isName = content === '' || PLACES.has(content) || this.isObject(start, quote);
    const last = isName ? close : text.lastIndexOf(quote);
    if (isName || (close === last && this.isInQuery(content))) {
      this.nameEnd = close + 1;
      return close + 1;
    }
    const end = close === last ? close : this.endOfValue(start, quote, last);
    return this.mask(start + 1, end) + 1;
  }

  private isObject(start: number, quote: string): boolean {
    if (quote === '`' && this.foreignKeyAt >= 0 && this.foreignKeyAt < start) return true;
    const before = this.text.charCodeAt(start - 1);
    // "public"."users", 'user'@'host'
    if (this.nameEnd === start - 1 && (before === 46 || before === 64)) return true;
    if (before !== 32) return false;
    const word = this.wordBefore(start - 1);
    if (OBJECTS.has(word)) return true;
    // column name 'x'
    return word === 'name' && OBJECTS.has(this.wordBefore(start - 6));
  }

  /** The word that ends at `end`, in lower case; words that are too long to matter are cut. */
  private wordBefore(end: number): string {
    let start = end;
    while (start > 0 && end - start < 16 && isWordPart(this.text.charCodeAt(start - 1))) start--;
    return this.text.slice(start, end).toLowerCase();
  }

  private endOfValue(start: number, quote: string, last: number): number {
    for (let i = 0; i < CONNECTORS.length; i++) {
      const [before, behind] = CONNECTORS[i] as readonly [string, string];
      if (!this.isBehind(start, before)) continue;
      const end = this.text.lastIndexOf(quote + behind);
      if (end > start) return end;
    }
    return last;
  }

  /** Whether the statement has this word in it: as the name of something, or as a word of SQL. */
  private isInQuery(word: string): boolean {
    for (let i = 0; i < word.length; i++) if (!isWordPart(word.charCodeAt(i))) return false;
    const { query } = this;
    for (let at = query.indexOf(word); at >= 0; at = query.indexOf(word, at + 1)) {
      const isStart = at === 0 || !isWordPart(query.charCodeAt(at - 1));
      const end = at + word.length;
      if (isStart && (end === query.length || !isWordPart(query.charCodeAt(end)))) return true;
    }
    return false;
  }
}

/** Where the last `bracket` is, if that is behind `start`; else the end of the text. */
function endOf(text: string, bracket: string, start: number): number {
  const end = text.lastIndexOf(bracket);
  return end <= start ? text.length : end;
}
