/**
 * How far a statement was read, and what is known there: shared by the readers of tokens.
 *
 * Some characters can be read in two ways, depending on settings of the server that nobody here knows: `\'` in a string
 * (`NO_BACKSLASH_ESCAPES` of MySQL, `standard_conforming_strings` of PostgreSQL), what is a comment in a dialect that
 * nobody told us. A wrong reading turns strings inside out. So wherever quotes depend on it, everything behind is one
 * literal; only for backslashes both readings are tried, see {@link Reading.guess}.
 */
import type { DialectRules } from './dialect';
import * as kw from './keywords';
import { SqlOutput } from './output';
import { SummaryReader } from './summary';
import { SummaryState } from './summary-state';
import { TargetReader } from './targets';

export class Reading {
  readonly output = new SqlOutput();
  readonly state = new SummaryState();
  readonly targets = new TargetReader(this.state);
  readonly summary = new SummaryReader(this.state, this.targets);
  text = '';
  rules: DialectRules;
  /** Whether a backslash protects a quote in ordinary strings. */
  escapes = false;
  /** A quote behind a backslash was seen. */
  isGuessing = false;
  /** The text makes no sense as it was read: it ends within quotes, or has a backslash outside of them. */
  isWrong = false;
  /** The last token is a value: a sign behind it is an operator. */
  afterOperand = false;
  /** Only a value can follow, whatever its quotes. */
  beforeValue = false;
  /** Where the last name is. */
  nameStart = 0;
  nameEnd = 0;
  /** `IDENTIFIED` was seen in a statement about accounts. */
  identified = false;
  /** The next word is a password. */
  secretNext = false;
  /** The rest of the statement is a secret once its `=` has come. */
  hidesValue = false;

  constructor(rules: DialectRules) {
    this.rules = rules;
  }

  begin(text: string, rules: DialectRules, escapes: boolean): void {
    this.text = text;
    this.rules = rules;
    this.escapes = escapes;
    this.isGuessing = this.isWrong = false;
    this.output.begin(text);
    this.state.begin(text);
    this.beginStatement();
  }

  beginStatement(): void {
    this.afterOperand = this.beforeValue = this.secretNext = this.hidesValue = false;
    this.identified = false;
    this.nameStart = this.nameEnd = 0;
  }

  /** Lets go of the text. */
  release(): void {
    this.text = '';
    this.output.release();
    this.state.release();
  }

  /**
   * The string that begins at `start` has a quote behind a backslash. It is read as the dialect usually does; the result
   * counts if the whole text makes sense that way, and none the other way.
   */
  guess(start: number): void {
    if (this.isGuessing) return;
    this.isGuessing = true;
    this.output.doubt(start);
    this.state.result.mark();
  }

  /** From `position` on, the rest of the statement is one literal. */
  hideFrom(position: number): void {
    this.output.hide(position);
    this.targets.mute();
    this.hidesValue = false;
  }

  /** From `start` on nobody can tell strings from code. */
  giveUp(start: number): number {
    const { text } = this;
    this.output.mask(start, text.length);
    this.targets.mute();
    return text.length;
  }

  literal(start: number, end: number): number {
    this.output.mask(start, end);
    this.targets.value();
    this.afterOperand = true;
    this.beforeValue = this.secretNext = false;
    return end;
  }

  /** Quotes that are never closed: the rest of the text is a literal, if the text was read rightly so far. */
  unterminated(start: number): number {
    this.isWrong = true;
    return this.literal(start, this.text.length);
  }

  nameRead(start: number, end: number): number {
    const isSetting = this.rules.customSettings && (this.state.verbFlags & kw.SETTING) !== 0;
    if (isSetting && this.isAfterDot(start)) this.hidesValue = true;
    this.afterOperand = true;
    this.beforeValue = false;
    this.nameStart = start;
    this.nameEnd = end;
    return end;
  }

  isAfterDot(position: number): boolean {
    return position > 0 && this.text.charCodeAt(position - 1) === 46;
  }

  operator(end: number): number {
    this.output.other(kw.OTHER);
    this.targets.operator();
    this.afterOperand = this.beforeValue = false;
    return end;
  }

  placeholder(end: number): number {
    this.output.other(kw.NAME);
    this.targets.value();
    this.afterOperand = true;
    this.beforeValue = this.secretNext = false;
    return end;
  }
}
