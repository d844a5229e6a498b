/**
 * The structure of a statement around its words: names with their dots, lists, parentheses. Knows which names are
 * targets, because sql-summary.ts, which reads the words, says what is expected at each point.
 */
import * as kw from './keywords';
import * as expects from './modes';
import { SummaryText, withoutQuotes } from './summary-text';

const MAX_DEPTH = 64;
const MAX_EXPRESSION_NAMES = 32;

export class TargetReader {
  readonly result = new SummaryText();
  /** Whether the current statement may carry a password without quotes. */
  account = false;
  /** Flags of the word that began the current statement. */
  verbFlags = 0;

  protected text = '';
  protected depth = 0;
  protected readonly modes = new Uint8Array(MAX_DEPTH);
  protected readonly operations = new Uint8Array(MAX_DEPTH);
  /** Nothing of the statement was seen yet, except parentheses. */
  protected atStart = true;
  protected procedural = false;
  /** Depth of the WITH that began the statement; the operation is the verb at that depth. */
  protected withDepth = -1;
  protected readonly expressionNames: string[] = [];
  protected target = '';
  protected targetIsOpen = false;
  protected deleted = '';
  protected lastCode: number = kw.NAME;
  protected wantsOn = false;

  begin(text: string): void {
    this.text = text;
    this.result.clear();
    this.beginStatement();
  }

  /** Lets go of the text. Its results stay until the next one begins. */
  release(): void {
    this.text = '';
  }

  protected beginStatement(): void {
    this.depth = 0;
    this.setMode(expects.IDLE);
    this.setOperation(0);
    this.atStart = true;
    this.procedural = this.account = this.targetIsOpen = this.wantsOn = false;
    this.verbFlags = 0;
    this.withDepth = -1;
    if (this.expressionNames.length > 0) this.expressionNames.length = 0;
    this.target = this.deleted = '';
    this.lastCode = kw.NAME;
  }

  /** The end of a statement: a semicolon or the end of the text. */
  endStatement(): void {
    this.settle();
    this.settleDeleted();
    if (this.withDepth >= 0 && this.result.operation === '') this.result.operation = 'WITH';
    this.result.nextStatement();
    this.beginStatement();
  }

  /** Whether only the name of a table can come next. */
  expectsTable(): boolean {
    const mode = this.mode();
    return mode === expects.TABLE || mode === expects.SINGLE || this.targetIsOpen;
  }

  /** Nothing more of this statement counts. */
  mute(): void {
    this.settle();
    this.setMode(expects.MUTED);
  }

  /** What the parenthesis around the innermost one is waiting for. */
  protected outerMode(): number {
    return this.depth < MAX_DEPTH ? (this.modes[this.depth - 1] ?? expects.IDLE) : expects.IDLE;
  }

  protected frame(): number {
    return this.depth < MAX_DEPTH ? this.depth : MAX_DEPTH - 1;
  }

  protected mode(): number {
    return this.modes[this.frame()] as number;
  }

  protected setMode(mode: number): void {
    this.modes[this.frame()] = mode;
  }

  protected operation(): number {
    return this.operations[this.frame()] as number;
  }

  protected setOperation(code: number): void {
    this.operations[this.frame()] = code;
  }

  /** A name in quotes, or any word after a dot. */
  name(start: number, end: number): void {
    if (this.targetIsOpen) {
      this.target += this.text.slice(start, end);
      this.targetIsOpen = false;
      return;
    }
    this.settle();
    this.lastCode = kw.NAME;
    if (this.atStart) {
      this.atStart = false;
      this.setMode(expects.MUTED);
      return;
    }
    const mode = this.mode();
    switch (mode) {
      case expects.KIND_OF_OBJECT:
        if ((this.verbFlags & kw.TABLE_TARGET) === 0) return;
        this.setMode((this.verbFlags & kw.TARGET_LIST) !== 0 ? expects.TABLE : expects.SINGLE);
        break;
      case expects.TABLE:
      case expects.SINGLE:
      case expects.PLAIN_NAME:
      case expects.DELETED:
        break;
      case expects.EXPRESSION_NAME:
        this.setMode(expects.AFTER_EXPRESSION_NAME);
        if (this.expressionNames.length === MAX_EXPRESSION_NAMES) return;
        this.expressionNames.push(withoutQuotes(this.text.slice(start, end)).toLowerCase());
        return;
      case expects.AFTER_DELETED:
        this.settleDeleted();
        return;
      default:
        return;
    }
    this.target = this.text.slice(start, end);
  }

  dot(): void {
    if (this.target === '') return;
    this.target += '.';
    this.targetIsOpen = true;
  }

  /** A literal or a placeholder. */
  value(): void {
    this.settle();
    if (this.lastCode === kw.TOP) return;
    this.lastCode = kw.NAME;
    this.atStart = false;
    const mode = this.mode();
    if (mode === expects.TABLE) this.setMode(expects.AFTER_TABLE);
    else if (mode === expects.SINGLE || mode === expects.PLAIN_NAME) this.setMode(expects.IDLE);
  }

  operator(): void {
    if (this.target !== '') this.settle();
  }

  comma(): void {
    this.settle();
    this.lastCode = kw.NAME;
    const mode = this.mode();
    if (mode === expects.AFTER_TABLE) this.setMode(expects.TABLE);
    else if (mode === expects.AFTER_EXPRESSION_NAME) this.setMode(expects.EXPRESSION_NAME);
    else if (mode === expects.AFTER_DELETED) this.setMode(expects.DELETED);
  }

  open(): void {
    this.settle();
    const mode = this.mode();
    const last = this.lastCode;
    let inner = mode === expects.MUTED ? expects.MUTED : expects.IDLE;
    let operation = 0;
    if (last !== kw.TOP) {
      if (mode === expects.TABLE) {
        // FROM (a JOIN b); but the parentheses of JOIN .. USING (id) hold columns
        if (last !== kw.USING) {
          inner = expects.TABLE;
          operation = this.operation();
        }
        this.setMode(expects.AFTER_TABLE);
      } else if (mode === expects.SINGLE) {
        this.setMode(expects.IDLE);
      }
    }
    this.depth++;
    this.setMode(inner);
    this.setOperation(operation);
    this.lastCode = expects.OPENED;
  }

  close(): void {
    this.settle();
    this.settleDeleted();
    if (this.depth > 0) this.depth--;
    this.lastCode = kw.NAME;
  }

  /** The name that was being read is complete. */
  protected settle(): void {
    if (this.target === '') return;
    const name = this.targetIsOpen ? this.target.slice(0, -1) : this.target;
    this.target = '';
    this.targetIsOpen = false;
    const mode = this.mode();
    if (mode === expects.DELETED) {
      this.deleted = name;
      this.setMode(expects.AFTER_DELETED);
      return;
    }
    this.setMode(mode === expects.TABLE ? expects.AFTER_TABLE : expects.IDLE);
    if (mode === expects.PLAIN_NAME) this.result.target(name, false);
    else if (!this.isExpression(name)) this.result.target(name, true);
  }

  protected settleDeleted(): void {
    if (this.deleted === '') return;
    this.result.target(this.deleted, true);
    this.deleted = '';
    this.setMode(expects.IDLE);
  }

  protected isExpression(name: string): boolean {
    return (
      this.expressionNames.length > 0 && this.expressionNames.includes(withoutQuotes(name).toLowerCase())
    );
  }
}
