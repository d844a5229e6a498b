/** One pass over a statement, which tells the output and the summary what stands where. */
import type { DialectRules } from './dialect';
import { GapReader } from './gaps';
import * as kw from './keywords';
import * as lexer from './lexer';
import { LiteralReader } from './literals';
import { Reading } from './reading';
import type { SummaryText } from './summary-text';

export class SqlScanner {
  private readonly reading: Reading;
  private readonly gaps: GapReader;
  private readonly literals: LiteralReader;
  /** Up to there no quotes follow on the line of a `--` that is no comment. */
  private plainUntil = 0;

  /** For the other reading of texts with backslashes, which are rare. */
  private other: SqlScanner | undefined;

  constructor(rules: DialectRules) {
    this.reading = new Reading(rules);
    this.gaps = new GapReader(this.reading);
    this.literals = new LiteralReader(this.reading);
  }

  /**
   * The sanitized text; `text` itself if nothing had to be done.
   * @param isWhole whether `text` is all there is
   * @param maxLength reading ends when the result is about that long
   */
  scan(text: string, rules: DialectRules, isWhole: boolean, maxLength: number): string {
    const { reading } = this;
    const end = this.read(text, rules, rules.backslashEscapes, maxLength);
    const isRead = end >= text.length;
    // What was not read cannot prove a guess right.
    const isRight = !reading.isGuessing || (isWhole && isRead && !reading.isWrong && this.isWrongOtherwise());
    if (!isRight) reading.state.result.rewind();
    const result = reading.output.finish(end, isRight);
    return isRight && isRead && !reading.output.isChanged ? text : result;
  }

  private read(text: string, rules: DialectRules, escapes: boolean, maxLength: number): number {
    const { reading } = this;
    reading.begin(text, rules, escapes);
    this.gaps.begin();
    this.plainUntil = 0;
    let i = 0;
    while (i < text.length && reading.output.lengthAt(i) <= maxLength) i = this.token(i);
    reading.targets.endStatement();
    return i;
  }

  private isWrongOtherwise(): boolean {
    const { reading } = this;
    this.other ??= new SqlScanner(reading.rules);
    this.other.read(reading.text, reading.rules, !reading.escapes, Number.POSITIVE_INFINITY);
    const { isWrong } = this.other.reading;
    this.other.release();
    return isWrong;
  }

  get result(): SummaryText {
    return this.reading.state.result;
  }

  /** Lets go of the text. */
  release(): void {
    this.reading.release();
  }

  private token(i: number): number {
    const { reading } = this;
    const { text, rules } = reading;
    const kind = lexer.kindOf(text.charCodeAt(i));
    switch (kind) {
      case lexer.WORD:
        return this.word(i);
      case lexer.SPACE:
        return this.gaps.gap(i);
      case lexer.DIGIT:
        return reading.literal(i, lexer.endOfNumber(text, i));
      case lexer.SINGLE_QUOTE:
        return this.literals.string(i, i, "'", reading.escapes, false);
      case lexer.DOUBLE_QUOTE:
        return this.literals.doubleQuoted(i);
      case lexer.BACKTICK:
        return rules.backticks ? this.literals.quotedName(i, '`') : reading.giveUp(i);
      case lexer.BRACKET:
        return this.literals.bracket(i);
      case lexer.DASH:
        return this.gaps.startsDashComment(i) ? this.gaps.gap(i) : this.sign(i);
      case lexer.PLUS:
        return this.sign(i);
      case lexer.SLASH:
        return text.charCodeAt(i + 1) === 42 ? this.gaps.gap(i) : reading.operator(i + 1);
      case lexer.STAR:
        return this.gaps.closesExecutableComment(i) ? this.gaps.gap(i) : reading.operator(i + 1);
      case lexer.HASH:
        if (rules.hash === 'name') return this.word(i);
        return this.gaps.startsHashComment(i) ? this.gaps.gap(i) : reading.operator(i + 1);
      case lexer.AT:
        return rules.atNames ? this.word(i) : reading.operator(i + 1);
      case lexer.DOLLAR:
        return this.literals.dollar(i) || this.word(i);
      case lexer.PARAMETER:
        return this.literals.parameter(i);
      default:
        return this.punctuation(i, kind);
    }
  }

  private punctuation(i: number, kind: number): number {
    const { reading } = this;
    switch (kind) {
      case lexer.OPEN:
        if (reading.hidesValue) reading.hideFrom(i);
        reading.output.open();
        reading.targets.open();
        reading.afterOperand = reading.beforeValue = false;
        return i + 1;
      case lexer.CLOSE:
      case lexer.CLOSING_BRACKET:
        reading.output.close(i);
        reading.targets.close();
        reading.afterOperand = true;
        reading.beforeValue = false;
        return i + 1;
      case lexer.COMMA:
        reading.output.comma(i);
        reading.targets.comma();
        reading.afterOperand = reading.beforeValue = reading.secretNext = false;
        return i + 1;
      case lexer.SEMICOLON:
        reading.output.reveal(i);
        reading.output.endStatement();
        reading.targets.endStatement();
        reading.beginStatement();
        return i + 1;
      case lexer.DOT:
        if (lexer.isDigit(reading.text.charCodeAt(i + 1)) && reading.nameEnd !== i) {
          return reading.literal(i, lexer.endOfNumber(reading.text, i));
        }
        reading.targets.dot();
        return i + 1;
      case lexer.COMPARISON:
        reading.operator(i + 1);
        reading.beforeValue = true;
        if (reading.hidesValue && reading.text.charCodeAt(i) === 61) reading.hideFrom(i + 1);
        return i + 1;
      case lexer.BACKSLASH:
        reading.isWrong = true;
        return reading.operator(i + 1);
      default:
        return reading.operator(i + 1);
    }
  }

  /** A minus or a plus: part of the number behind it, unless there is a value before it. */
  private sign(i: number): number {
    const { reading } = this;
    const { text } = reading;
    const next = text.charCodeAt(i + 1);
    const isNumber = lexer.isDigit(next) || (next === 46 && lexer.isDigit(text.charCodeAt(i + 2)));
    if (isNumber && !reading.afterOperand) return reading.literal(i, lexer.endOfNumber(text, i + 1));
    if (next === 45 && text.charCodeAt(i) === 45 && this.hidesQuotes(i)) return reading.giveUp(i);
    return reading.operator(i + 1);
  }

  /** `a--1` is arithmetic in MySQL. But who writes `--it's` means a comment. */
  private hidesQuotes(i: number): boolean {
    const { reading } = this;
    if (i < this.plainUntil) return false;
    this.plainUntil = lexer.endOfLine(reading.text, i, false);
    return lexer.hasQuote(reading.text, i, this.plainUntil);
  }

  private word(start: number): number {
    const { reading } = this;
    const { text, rules } = reading;
    const first = text.charCodeAt(start);
    let i = start;
    // @name, @@name, #name, ##name
    while (i < start + 2 && (text.charCodeAt(i) === 64 || text.charCodeAt(i) === 35)) i++;
    let hash = 0;
    for (; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (!lexer.isWordPart(c) && (c !== 35 || rules.hash !== 'name')) break;
      hash = kw.hashStep(hash, c);
    }
    if (text.charCodeAt(i) === 39) {
      if (!rules.isKnown && lexer.isOraclePrefix(text, start, i)) return reading.giveUp(start);
      if (this.literals.isStringPrefix(start, i)) {
        const isEscapeString = rules.escapeStrings && (first | 32) === 101;
        return this.literals.string(start, i, "'", reading.escapes || isEscapeString, isEscapeString);
      }
    }
    if (rules.money && first >= 128 && lexer.isCurrency(first) && lexer.isDigit(text.charCodeAt(start + 1))) {
      return reading.literal(start, lexer.endOfNumber(text, start + 1));
    }
    const isAfterDot = reading.isAfterDot(start);
    const keyword = isAfterDot ? 0 : kw.keywordAt(text, start, i, hash);
    const code = kw.codeOf(keyword);
    if (this.isPassword(code, i)) return reading.literal(start, i);
    reading.output.other(code);
    if (isAfterDot) reading.targets.name(start, i);
    else reading.summary.word(keyword, start, i);
    if (code === kw.NAME || code === kw.OBJECT || code === kw.PASSWORD) reading.nameRead(start, i);
    else reading.afterOperand = false;
    reading.beforeValue = code === kw.LIKE;
    this.secretsAfter(code, i);
    return i;
  }

  /** Whether the word that ends at `end` is a password: `IDENTIFIED BY secret`. */
  private isPassword(code: number, end: number): boolean {
    const { reading } = this;
    if (!reading.secretNext) return false;
    reading.secretNext = false;
    return (code === kw.NAME || code === kw.OBJECT) && reading.text.charCodeAt(end) !== 40;
  }

  /** What a word says about the words behind it. */
  private secretsAfter(code: number, end: number): void {
    const { reading } = this;
    const { state } = reading;
    if (code === kw.TO && reading.hidesValue) reading.hideFrom(end);
    if ((state.verbFlags & kw.PRAGMA) !== 0 && lexer.endsWithKey(reading.text, end))
      reading.hidesValue = true;
    if (!state.account) return;
    if (code === kw.PASSWORD) reading.secretNext = true;
    else if (code === kw.IDENTIFIED) reading.identified = true;
    else if (reading.identified && (code === kw.BY || code === kw.REPLACE)) reading.secretNext = true;
  }
}
