/** Literals and names in all their notations; scanner.ts decides which of them stands where. */
import * as kw from './keywords';
import * as lexer from './lexer';
import type { Reading } from './reading';

/** Numbers of placeholders; PostgreSQL has 65,535 of them, SQLite 32,766. */
const PARAMETER_DIGITS = 5;
/** Where `$` may also be a currency, what has more digits counts as money. */
const UNKNOWN_PARAMETER_DIGITS = 3;

export class LiteralReader {
  constructor(private readonly reading: Reading) {}

  /**
   * A string in quotes; `start` is the quote itself or a prefix before it.
   * @param isCertain whether no setting of the server changes what a backslash means
   */
  string(start: number, quoteAt: number, quote: string, escapes: boolean, isCertain: boolean): number {
    const { reading } = this;
    const end = lexer.endOfQuoted(reading.text, quoteAt, quote, escapes);
    if (!isCertain && lexer.escapedQuoteSeen()) {
      if (!reading.rules.isKnown) return reading.giveUp(start);
      reading.guess(start);
    }
    if (end === lexer.UNTERMINATED) return reading.unterminated(start);
    // 'O'Brien
    if (lexer.isWordPart(reading.text.charCodeAt(end))) reading.isWrong = true;
    return reading.literal(start, end);
  }

  quotedName(start: number, closing: string): number {
    const { reading } = this;
    const end = lexer.endOfQuoted(reading.text, start, closing, false);
    if (end === lexer.UNTERMINATED) return reading.unterminated(start);
    if (reading.secretNext) return reading.literal(start, end);
    reading.output.other(kw.NAME);
    reading.targets.name(start, end);
    return reading.nameRead(start, end);
  }

  doubleQuoted(start: number): number {
    const { reading } = this;
    const { doubleQuotes } = reading.rules;
    if (doubleQuotes === 'name') return this.quotedName(start, '"');
    if (doubleQuotes !== 'string') {
      const end = lexer.endOfQuoted(reading.text, start, '"', false);
      if (end !== lexer.UNTERMINATED && this.isName(start, end)) return this.quotedName(start, '"');
    }
    return this.string(start, start, '"', reading.escapes, false);
  }

  /** Whether double quotes that may hold a string hold a name here. */
  private isName(start: number, end: number): boolean {
    const { reading } = this;
    const { text } = reading;
    if (reading.isAfterDot(start) || text.charCodeAt(end) === 46 || reading.targets.expectsTable())
      return true;
    if (reading.rules.doubleQuotes === 'unknown') return false;
    if (reading.beforeValue || reading.output.isAmongValues()) {
      // "count" = "count" + 1
      const length = end - start;
      return (
        reading.nameEnd - reading.nameStart === length &&
        text.slice(start, end) === text.slice(reading.nameStart, reading.nameEnd)
      );
    }
    for (let i = start + 1; i < end - 1; i++) {
      const c = text.charCodeAt(i);
      if (!lexer.isWordPart(c) && c !== 32 && c !== 45) return false;
    }
    return true;
  }

  bracket(start: number): number {
    const { reading } = this;
    const { rules } = reading;
    if (rules.brackets === 'name') return this.quotedName(start, ']');
    // A subscript follows what it belongs to; anything else may be a name, and names may have quotes in them.
    if (!rules.isKnown && reading.nameEnd !== start) {
      const content = lexer.contentOfBrackets(reading.text, start);
      if (content === lexer.BRACKETS_WITH_QUOTES) return reading.giveUp(start);
      if (content === lexer.BRACKETS_PLAIN) return this.quotedName(start, ']');
    }
    reading.output.openArray();
    reading.targets.open();
    reading.afterOperand = reading.beforeValue = false;
    return start + 1;
  }

  /** What a `$` begins: a placeholder, money, a string between tags; 0 = a word. */
  dollar(start: number): number {
    const { reading } = this;
    const { text, rules } = reading;
    if (lexer.isDigit(text.charCodeAt(start + 1))) {
      return rules.money ? reading.literal(start, lexer.endOfNumber(text, start + 1)) : this.numbered(start);
    }
    const tagEnd = rules.dollarQuotes ? lexer.endOfDollarTag(text, start) : 0;
    if (tagEnd === 0) return 0;
    const close = text.indexOf(text.slice(start, tagEnd), tagEnd);
    return close < 0 ? reading.unterminated(start) : reading.literal(start, close + tagEnd - start);
  }

  /** `?`, `?1`, `:name`, `:1`; and `::`, the cast of PostgreSQL. */
  parameter(start: number): number {
    const { reading } = this;
    const { text, rules } = reading;
    const next = text.charCodeAt(start + 1);
    if (rules.numberedParameters && lexer.isDigit(next)) return this.numbered(start);
    if (text.charCodeAt(start) === 63) return reading.placeholder(start + 1);
    if (next === 58) return reading.operator(start + 2);
    if (lexer.kindOf(next) !== lexer.WORD || start + 1 >= text.length) return reading.operator(start + 1);
    let end = start + 1;
    while (end < text.length && lexer.isWordPart(text.charCodeAt(end))) end++;
    return reading.placeholder(end);
  }

  /** A placeholder with a number; a number that is too long for one, or has a fraction, is an amount of money. */
  private numbered(start: number): number {
    const { reading } = this;
    const { text } = reading;
    let end = start + 1;
    while (lexer.isDigit(text.charCodeAt(end))) end++;
    const isFraction = text.charCodeAt(end) === 46 && lexer.isDigit(text.charCodeAt(end + 1));
    const digits = reading.rules.isKnown ? PARAMETER_DIGITS : UNKNOWN_PARAMETER_DIGITS;
    if (isFraction || end - start - 1 > digits)
      return reading.literal(start, lexer.endOfNumber(text, start + 1));
    return reading.placeholder(end);
  }

  /** `E'`, `N'`, `B'`, `X'` and, in MySQL, `_utf8'`. */
  isStringPrefix(start: number, end: number): boolean {
    const { reading } = this;
    const first = reading.text.charCodeAt(start);
    if (first === 95) return reading.rules.backslashEscapes;
    if (end - start !== 1) return false;
    const letter = first | 32;
    return (
      letter === 110 || letter === 98 || letter === 120 || (letter === 101 && reading.rules.escapeStrings)
    );
  }
}
