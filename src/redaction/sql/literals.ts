/** Literals and names in all their notations; sql-scanner.ts decides which of them stands where. */

import { SqlGapReader } from './comments';
import type { DialectRules } from './dialect';
import * as kw from './keywords';
import * as lexer from './lexer';

/** Numbers of placeholders; PostgreSQL has 65,535 of them, SQLite 32,766. */
const PARAMETER_DIGITS = 5;
/** Where `$` may also be a currency, what has more digits counts as money. */
const UNKNOWN_PARAMETER_DIGITS = 3;

export class SqlTokenReader extends SqlGapReader {
  /** The last token is a value: a sign behind it is an operator. */
  protected afterOperand = false;
  /** Only a value can follow, whatever its quotes. */
  protected beforeValue = false;
  protected nameStart = 0;
  protected nameEnd = 0;
  /** The next word is a password. */
  protected secretNext = false;
  /** The rest of the statement is a secret once its `=` has come. */
  protected hidesValue = false;

  protected override begin(text: string, rules: DialectRules, escapes: boolean): void {
    super.begin(text, rules, escapes);
    this.beginStatement();
  }

  protected beginStatement(): void {
    this.afterOperand = this.beforeValue = this.secretNext = this.hidesValue = false;
    this.nameStart = this.nameEnd = 0;
  }

  protected literal(start: number, end: number): number {
    this.output.mask(start, end);
    this.summary.value();
    this.afterOperand = true;
    this.beforeValue = this.secretNext = false;
    return end;
  }

  /** Quotes that are never closed: the rest of the text is a literal, if the text was read rightly so far. */
  protected unterminated(start: number): number {
    this.isWrong = true;
    return this.literal(start, this.text.length);
  }

  /**
   * A string in quotes; `start` is the quote itself or a prefix before it.
   * @param isCertain whether no setting of the server changes what a backslash means
   */
  protected string(
    start: number,
    quoteAt: number,
    quote: string,
    escapes: boolean,
    isCertain: boolean,
  ): number {
    const end = lexer.endOfQuoted(this.text, quoteAt, quote, escapes);
    if (!isCertain && lexer.escapedQuoteSeen()) {
      if (!this.rules.isKnown) return this.giveUp(start);
      this.guess(start);
    }
    if (end === lexer.UNTERMINATED) return this.unterminated(start);
    // 'O'Brien
    if (lexer.isWordPart(this.text.charCodeAt(end))) this.isWrong = true;
    return this.literal(start, end);
  }

  protected quotedName(start: number, closing: string): number {
    const end = lexer.endOfQuoted(this.text, start, closing, false);
    if (end === lexer.UNTERMINATED) return this.unterminated(start);
    if (this.secretNext) return this.literal(start, end);
    this.output.other(kw.NAME);
    this.summary.name(start, end);
    return this.nameRead(start, end);
  }

  protected nameRead(start: number, end: number): number {
    const isSetting = this.rules.customSettings && (this.summary.verbFlags & kw.SETTING) !== 0;
    if (isSetting && this.isAfterDot(start)) this.hidesValue = true;
    this.afterOperand = true;
    this.beforeValue = false;
    this.nameStart = start;
    this.nameEnd = end;
    return end;
  }

  protected isAfterDot(position: number): boolean {
    return position > 0 && this.text.charCodeAt(position - 1) === 46;
  }

  protected doubleQuoted(start: number): number {
    const { doubleQuotes } = this.rules;
    if (doubleQuotes === 'name') return this.quotedName(start, '"');
    if (doubleQuotes !== 'string') {
      const end = lexer.endOfQuoted(this.text, start, '"', false);
      if (end !== lexer.UNTERMINATED && this.isName(start, end)) return this.quotedName(start, '"');
    }
    return this.string(start, start, '"', this.escapes, false);
  }

  /** Whether double quotes that may hold a string hold a name here. */
  private isName(start: number, end: number): boolean {
    const { text } = this;
    if (this.isAfterDot(start) || text.charCodeAt(end) === 46 || this.summary.expectsTable()) return true;
    if (this.rules.doubleQuotes === 'unknown') return false;
    if (this.beforeValue || this.output.isAmongValues()) {
      // "count" = "count" + 1
      const length = end - start;
      return (
        this.nameEnd - this.nameStart === length &&
        text.slice(start, end) === text.slice(this.nameStart, this.nameEnd)
      );
    }
    for (let i = start + 1; i < end - 1; i++) {
      const c = text.charCodeAt(i);
      if (!lexer.isWordPart(c) && c !== 32 && c !== 45) return false;
    }
    return true;
  }

  protected operator(end: number): number {
    this.output.other(kw.OTHER);
    this.summary.operator();
    this.afterOperand = this.beforeValue = false;
    return end;
  }

  protected bracket(start: number): number {
    const { rules } = this;
    if (rules.brackets === 'name') return this.quotedName(start, ']');
    // A subscript follows what it belongs to; anything else may be a name, and names may have quotes in them.
    if (!rules.isKnown && this.nameEnd !== start) {
      const content = lexer.contentOfBrackets(this.text, start);
      if (content === lexer.BRACKETS_WITH_QUOTES) return this.giveUp(start);
      if (content === lexer.BRACKETS_PLAIN) return this.quotedName(start, ']');
    }
    this.output.openArray();
    this.summary.open();
    this.afterOperand = this.beforeValue = false;
    return start + 1;
  }

  /** What a `$` begins: a placeholder, money, a string between tags; 0 = a word. */
  protected dollar(start: number): number {
    const { text, rules } = this;
    if (lexer.isDigit(text.charCodeAt(start + 1))) {
      return rules.money ? this.literal(start, lexer.endOfNumber(text, start + 1)) : this.numbered(start);
    }
    const tagEnd = rules.dollarQuotes ? lexer.endOfDollarTag(text, start) : 0;
    if (tagEnd === 0) return 0;
    const close = text.indexOf(text.slice(start, tagEnd), tagEnd);
    return close < 0 ? this.unterminated(start) : this.literal(start, close + tagEnd - start);
  }

  /** `?`, `?1`, `:name`, `:1`; and `::`, the cast of PostgreSQL. */
  protected parameter(start: number): number {
    const { text, rules } = this;
    const next = text.charCodeAt(start + 1);
    if (rules.numberedParameters && lexer.isDigit(next)) return this.numbered(start);
    if (text.charCodeAt(start) === 63) return this.placeholder(start + 1);
    if (next === 58) return this.operator(start + 2);
    if (lexer.kindOf(next) !== lexer.WORD || start + 1 >= text.length) return this.operator(start + 1);
    let end = start + 1;
    while (end < text.length && lexer.isWordPart(text.charCodeAt(end))) end++;
    return this.placeholder(end);
  }

  /** A placeholder with a number; a number that is too long for one, or has a fraction, is an amount of money. */
  protected numbered(start: number): number {
    const { text } = this;
    let end = start + 1;
    while (lexer.isDigit(text.charCodeAt(end))) end++;
    const isFraction = text.charCodeAt(end) === 46 && lexer.isDigit(text.charCodeAt(end + 1));
    const digits = this.rules.isKnown ? PARAMETER_DIGITS : UNKNOWN_PARAMETER_DIGITS;
    if (isFraction || end - start - 1 > digits)
      return this.literal(start, lexer.endOfNumber(text, start + 1));
    return this.placeholder(end);
  }

  protected placeholder(end: number): number {
    this.output.other(kw.NAME);
    this.summary.value();
    this.afterOperand = true;
    this.beforeValue = this.secretNext = false;
    return end;
  }
}
