/** One pass over a statement: tells the output and the summary what stands where. */
import type { DialectRules } from './dialect';
import * as kw from './keywords';
import * as lexer from './lexer';
import { SqlTokenReader } from './literals';
import type { SummaryText } from './summary-text';

export class SqlScanner extends SqlTokenReader {
  /** `IDENTIFIED` was seen in a statement about accounts. */
  private identified = false;
  /** Up to there no quotes follow on the line of a `--` that is no comment. */
  private plainUntil = 0;

  /** For the other reading of texts with backslashes, which are rare. */
  private other: SqlScanner | undefined;

  /**
   * The sanitized text; `text` itself if nothing had to be done.
   * @param isWhole whether `text` is all there is
   * @param maxLength reading ends when the result is about that long
   */
  scan(text: string, rules: DialectRules, isWhole: boolean, maxLength: number): string {
    const end = this.read(text, rules, rules.backslashEscapes, maxLength);
    const isRead = end >= text.length;
    // What was not read cannot prove a guess right.
    const isRight = !this.isGuessing || (isWhole && isRead && !this.isWrong && this.isWrongOtherwise());
    if (!isRight) this.summary.result.rewind();
    const result = this.output.finish(end, isRight);
    return isRight && isRead && !this.output.isChanged ? text : result;
  }

  private read(text: string, rules: DialectRules, escapes: boolean, maxLength: number): number {
    this.begin(text, rules, escapes);
    this.plainUntil = 0;
    let i = 0;
    while (i < text.length && this.output.lengthAt(i) <= maxLength) i = this.token(i);
    this.summary.endStatement();
    return i;
  }

  protected override beginStatement(): void {
    super.beginStatement();
    this.identified = false;
  }

  private isWrongOtherwise(): boolean {
    this.other ??= new SqlScanner(this.rules);
    this.other.read(this.text, this.rules, !this.escapes, Number.POSITIVE_INFINITY);
    const { isWrong } = this.other;
    this.other.release();
    return isWrong;
  }

  get result(): SummaryText {
    return this.summary.result;
  }

  /** Lets go of the text. */
  release(): void {
    this.text = '';
    this.output.release();
    this.summary.release();
  }

  private token(i: number): number {
    const { text, rules } = this;
    const kind = lexer.kindOf(text.charCodeAt(i));
    switch (kind) {
      case lexer.WORD:
        return this.word(i);
      case lexer.SPACE:
        return this.gap(i);
      case lexer.DIGIT:
        return this.literal(i, lexer.endOfNumber(text, i));
      case lexer.SINGLE_QUOTE:
        return this.string(i, i, "'", this.escapes, false);
      case lexer.DOUBLE_QUOTE:
        return this.doubleQuoted(i);
      case lexer.BACKTICK:
        return rules.backticks ? this.quotedName(i, '`') : this.giveUp(i);
      case lexer.BRACKET:
        return this.bracket(i);
      case lexer.DASH:
        return this.startsDashComment(i) ? this.gap(i) : this.sign(i);
      case lexer.PLUS:
        return this.sign(i);
      case lexer.SLASH:
        return text.charCodeAt(i + 1) === 42 ? this.gap(i) : this.operator(i + 1);
      case lexer.STAR:
        return this.closesExecutableComment(i) ? this.gap(i) : this.operator(i + 1);
      case lexer.HASH:
        if (rules.hash === 'name') return this.word(i);
        return this.startsHashComment(i) ? this.gap(i) : this.operator(i + 1);
      case lexer.AT:
        return rules.atNames ? this.word(i) : this.operator(i + 1);
      case lexer.DOLLAR:
        return this.dollar(i) || this.word(i);
      case lexer.PARAMETER:
        return this.parameter(i);
      default:
        return this.punctuation(i, kind);
    }
  }

  private punctuation(i: number, kind: number): number {
    switch (kind) {
      case lexer.OPEN:
        if (this.hidesValue) this.hideFrom(i);
        this.output.open();
        this.summary.open();
        this.afterOperand = this.beforeValue = false;
        return i + 1;
      case lexer.CLOSE:
      case lexer.CLOSING_BRACKET:
        this.output.close(i);
        this.summary.close();
        this.afterOperand = true;
        this.beforeValue = false;
        return i + 1;
      case lexer.COMMA:
        this.output.comma(i);
        this.summary.comma();
        this.afterOperand = this.beforeValue = this.secretNext = false;
        return i + 1;
      case lexer.SEMICOLON:
        this.output.reveal(i);
        this.output.endStatement();
        this.summary.endStatement();
        this.beginStatement();
        return i + 1;
      case lexer.DOT:
        if (lexer.isDigit(this.text.charCodeAt(i + 1)) && this.nameEnd !== i) {
          return this.literal(i, lexer.endOfNumber(this.text, i));
        }
        this.summary.dot();
        return i + 1;
      case lexer.COMPARISON:
        this.operator(i + 1);
        this.beforeValue = true;
        if (this.hidesValue && this.text.charCodeAt(i) === 61) this.hideFrom(i + 1);
        return i + 1;
      case lexer.BACKSLASH:
        this.isWrong = true;
        return this.operator(i + 1);
      default:
        return this.operator(i + 1);
    }
  }

  /** A minus or a plus: part of the number behind it, unless there is a value before it. */
  private sign(i: number): number {
    const { text } = this;
    const next = text.charCodeAt(i + 1);
    const isNumber = lexer.isDigit(next) || (next === 46 && lexer.isDigit(text.charCodeAt(i + 2)));
    if (isNumber && !this.afterOperand) return this.literal(i, lexer.endOfNumber(text, i + 1));
    if (next === 45 && text.charCodeAt(i) === 45 && this.hidesQuotes(i)) return this.giveUp(i);
    return this.operator(i + 1);
  }

  /** `a--1` is arithmetic in MySQL. But who writes `--it's` means a comment. */
  private hidesQuotes(i: number): boolean {
    if (i < this.plainUntil) return false;
    this.plainUntil = lexer.endOfLine(this.text, i, false);
    return lexer.hasQuote(this.text, i, this.plainUntil);
  }

  private hideFrom(position: number): void {
    this.output.hide(position);
    this.summary.mute();
    this.hidesValue = false;
  }

  private word(start: number): number {
    const { text, rules } = this;
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
    if (text.charCodeAt(i) === 39 && !rules.isKnown && lexer.isOraclePrefix(text, start, i)) {
      return this.giveUp(start);
    }
    if (text.charCodeAt(i) === 39 && this.isStringPrefix(start, i)) {
      const isEscapeString = rules.escapeStrings && (first | 32) === 101;
      return this.string(start, i, "'", this.escapes || isEscapeString, isEscapeString);
    }
    if (rules.money && first >= 128 && lexer.isCurrency(first) && lexer.isDigit(text.charCodeAt(start + 1))) {
      return this.literal(start, lexer.endOfNumber(text, start + 1));
    }
    const keyword = this.isAfterDot(start) ? 0 : kw.keywordAt(text, start, i, hash);
    const code = kw.codeOf(keyword);
    if (this.isPassword(code, i)) return this.literal(start, i);
    this.output.other(code);
    if (this.isAfterDot(start)) this.summary.name(start, i);
    else this.summary.word(keyword, start, i);
    if (code === kw.NAME || code === kw.OBJECT || code === kw.PASSWORD) this.nameRead(start, i);
    else this.afterOperand = false;
    this.beforeValue = code === kw.LIKE;
    this.secretsAfter(code, i);
    return i;
  }

  /** `E'`, `N'`, `B'`, `X'` and, in MySQL, `_utf8'`. */
  private isStringPrefix(start: number, end: number): boolean {
    const first = this.text.charCodeAt(start);
    if (first === 95) return this.rules.backslashEscapes;
    if (end - start !== 1) return false;
    const letter = first | 32;
    return letter === 110 || letter === 98 || letter === 120 || (letter === 101 && this.rules.escapeStrings);
  }

  /** Whether the word that ends at `end` is a password: `IDENTIFIED BY secret`. */
  private isPassword(code: number, end: number): boolean {
    if (!this.secretNext) return false;
    this.secretNext = false;
    return (code === kw.NAME || code === kw.OBJECT) && this.text.charCodeAt(end) !== 40;
  }

  /** What a word says about the words behind it. */
  private secretsAfter(code: number, end: number): void {
    const { summary } = this;
    if (code === kw.TO && this.hidesValue) this.hideFrom(end);
    if ((summary.verbFlags & kw.PRAGMA) !== 0 && lexer.endsWithKey(this.text, end)) this.hidesValue = true;
    if (!summary.account) return;
    if (code === kw.PASSWORD) this.secretNext = true;
    else if (code === kw.IDENTIFIED) this.identified = true;
    else if (this.identified && (code === kw.BY || code === kw.REPLACE)) this.secretNext = true;
  }
}
