/**
 * The structure of a statement around its words: names with their dots, lists, parentheses. Which names are targets
 * depends on what is expected at each point; summary.ts, which reads the words, sets that.
 */
import * as kw from './keywords';
import * as expects from './summary-state';
import { withoutQuotes } from './summary-text';

const MAX_EXPRESSION_NAMES = 32;

export class TargetReader {
  constructor(private readonly state: expects.SummaryState) {}

  /** The end of a statement: a semicolon or the end of the text. */
  endStatement(): void {
    const { state } = this;
    this.settle();
    this.settleDeleted();
    if (state.withDepth >= 0 && state.result.operation === '') state.result.operation = 'WITH';
    state.result.nextStatement();
    state.beginStatement();
  }

  /** Whether only the name of a table can come next. */
  expectsTable(): boolean {
    const { state } = this;
    const mode = state.mode();
    return mode === expects.TABLE || mode === expects.SINGLE || state.targetIsOpen;
  }

  /** Nothing more of this statement counts. */
  mute(): void {
    this.settle();
    this.state.setMode(expects.MUTED);
  }

  /** A name in quotes, or any word after a dot. */
  name(start: number, end: number): void {
    const { state } = this;
    if (state.targetIsOpen) {
      state.target += state.text.slice(start, end);
      state.targetIsOpen = false;
      return;
    }
    this.settle();
    state.lastCode = kw.NAME;
    if (state.atStart) {
      state.atStart = false;
      state.setMode(expects.MUTED);
      return;
    }
    const mode = state.mode();
    switch (mode) {
      case expects.KIND_OF_OBJECT:
        if ((state.verbFlags & kw.TABLE_TARGET) === 0) return;
        state.setMode((state.verbFlags & kw.TARGET_LIST) !== 0 ? expects.TABLE : expects.SINGLE);
        break;
      case expects.TABLE:
      case expects.SINGLE:
      case expects.PLAIN_NAME:
      case expects.DELETED:
        break;
      case expects.EXPRESSION_NAME:
        state.setMode(expects.AFTER_EXPRESSION_NAME);
        if (state.expressionNames.length === MAX_EXPRESSION_NAMES) return;
        state.expressionNames.push(withoutQuotes(state.text.slice(start, end)).toLowerCase());
        return;
      case expects.AFTER_DELETED:
        this.settleDeleted();
        return;
      default:
        return;
    }
    state.target = state.text.slice(start, end);
  }

  dot(): void {
    const { state } = this;
    if (state.target === '') return;
    state.target += '.';
    state.targetIsOpen = true;
  }

  /** A literal or a placeholder. */
  value(): void {
    const { state } = this;
    this.settle();
    if (state.lastCode === kw.TOP) return;
    state.lastCode = kw.NAME;
    state.atStart = false;
    const mode = state.mode();
    if (mode === expects.TABLE) state.setMode(expects.AFTER_TABLE);
    else if (mode === expects.SINGLE || mode === expects.PLAIN_NAME) state.setMode(expects.IDLE);
  }

  operator(): void {
    if (this.state.target !== '') this.settle();
  }

  comma(): void {
    const { state } = this;
    this.settle();
    state.lastCode = kw.NAME;
    const mode = state.mode();
    if (mode === expects.AFTER_TABLE) state.setMode(expects.TABLE);
    else if (mode === expects.AFTER_EXPRESSION_NAME) state.setMode(expects.EXPRESSION_NAME);
    else if (mode === expects.AFTER_DELETED) state.setMode(expects.DELETED);
  }

  open(): void {
    const { state } = this;
    this.settle();
    const mode = state.mode();
    const last = state.lastCode;
    let inner = mode === expects.MUTED ? expects.MUTED : expects.IDLE;
    let operation = 0;
    if (last !== kw.TOP) {
      if (mode === expects.TABLE) {
        // FROM (a JOIN b); but the parentheses of JOIN .. USING (id) hold columns
        if (last !== kw.USING) {
          inner = expects.TABLE;
          operation = state.operation();
        }
        state.setMode(expects.AFTER_TABLE);
      } else if (mode === expects.SINGLE) {
        state.setMode(expects.IDLE);
      }
    }
    state.depth++;
    state.setMode(inner);
    state.setOperation(operation);
    state.lastCode = expects.OPENED;
  }

  close(): void {
    const { state } = this;
    this.settle();
    this.settleDeleted();
    if (state.depth > 0) state.depth--;
    state.lastCode = kw.NAME;
  }

  /** The name that was being read is complete. */
  settle(): void {
    const { state } = this;
    if (state.target === '') return;
    const name = state.targetIsOpen ? state.target.slice(0, -1) : state.target;
    state.target = '';
    state.targetIsOpen = false;
    const mode = state.mode();
    if (mode === expects.DELETED) {
      state.deleted = name;
      state.setMode(expects.AFTER_DELETED);
      return;
    }
    state.setMode(mode === expects.TABLE ? expects.AFTER_TABLE : expects.IDLE);
    if (mode === expects.PLAIN_NAME) state.result.target(name, false);
    else if (!this.isExpression(name)) state.result.target(name, true);
  }

  settleDeleted(): void {
    const { state } = this;
    if (state.deleted === '') return;
    state.result.target(state.deleted, true);
    state.deleted = '';
    state.setMode(expects.IDLE);
  }

  private isExpression(name: string): boolean {
    const { state } = this;
    return (
      state.expressionNames.length > 0 && state.expressionNames.includes(withoutQuotes(name).toLowerCase())
    );
  }
}
