/** What is known of a statement at the point up to which it was read: shared by those who read its words and its names. */
import * as kw from './keywords';
import { SummaryText } from './summary-text';

// What the innermost parenthesis of a statement is waiting for.
export const IDLE = 0;
/** A table, then perhaps a comma and another one. */
export const TABLE = 1;
export const AFTER_TABLE = 2;
/** One table. */
export const SINGLE = 3;
/** One name of something else than a table. */
export const PLAIN_NAME = 4;
export const KIND_OF_OBJECT = 5;
/** The name of a common table expression. */
export const EXPRESSION_NAME = 6;
export const AFTER_EXPRESSION_NAME = 7;
/** `DELETE <here> FROM`: a table in Transact-SQL, an alias if FROM follows. */
export const DELETED = 8;
export const AFTER_DELETED = 9;
/** For the end of the statement; nothing counts any more. */
export const MUTED = 10;
/** Nothing of the statement was seen yet. */
export const STATEMENT = 11;

// Codes of tokens that are no words, next to those of the keywords.
export const OPENED = 40;
/** The operation of statements that neither query nor change rows. */
export const OTHER_VERB = 41;

const MAX_DEPTH = 64;

export class SummaryState {
  readonly result = new SummaryText();
  /** Whether the current statement may carry a password without quotes. */
  account = false;
  /** Flags of the word that began the current statement. */
  verbFlags = 0;
  text = '';
  /** How many parentheses are open. */
  depth = 0;
  /** Nothing of the statement was seen yet, except parentheses. */
  atStart = true;
  procedural = false;
  /** Depth of the WITH that began the statement; the operation is the verb at that depth. */
  withDepth = -1;
  /** Names of common table expressions. */
  readonly expressionNames: string[] = [];
  /** The name that is being read; '' if there is none. */
  target = '';
  /** The name that is being read goes on: a dot was seen. */
  targetIsOpen = false;
  /** `DELETE <name>`, until it is known whether FROM follows. */
  deleted = '';
  /** Code of the last token. */
  lastCode: number = kw.NAME;
  /** ON is followed by the table of an index or a trigger. */
  wantsOn = false;
  private readonly modes = new Uint8Array(MAX_DEPTH);
  private readonly operations = new Uint8Array(MAX_DEPTH);

  begin(text: string): void {
    this.text = text;
    this.result.clear();
    this.beginStatement();
  }

  /** Lets go of the text. Its results stay until the next one begins. */
  release(): void {
    this.text = '';
  }

  beginStatement(): void {
    this.depth = 0;
    this.setMode(IDLE);
    this.setOperation(0);
    this.atStart = true;
    this.procedural = this.account = this.targetIsOpen = this.wantsOn = false;
    this.verbFlags = 0;
    this.withDepth = -1;
    if (this.expressionNames.length > 0) this.expressionNames.length = 0;
    this.target = this.deleted = '';
    this.lastCode = kw.NAME;
  }

  /** What the parenthesis around the innermost one is waiting for. */
  outerMode(): number {
    return this.depth < MAX_DEPTH ? (this.modes[this.depth - 1] ?? IDLE) : IDLE;
  }

  /** What the innermost parenthesis is waiting for. */
  mode(): number {
    return this.modes[this.frame()] as number;
  }

  setMode(mode: number): void {
    this.modes[this.frame()] = mode;
  }

  /** Code of the operation that the innermost parenthesis belongs to; 0 if there is none. */
  operation(): number {
    return this.operations[this.frame()] as number;
  }

  setOperation(code: number): void {
    this.operations[this.frame()] = code;
  }

  private frame(): number {
    return this.depth < MAX_DEPTH ? this.depth : MAX_DEPTH - 1;
  }
}
