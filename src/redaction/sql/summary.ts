/**
 * Follows a statement token by token and collects `db.query.summary`: operations and their targets, in order
 * (OpenTelemetry semantic conventions, database spans, "Generating a summary of the query").
 *
 * What is decided here:
 * - operations are in upper case, so that `select` and `SELECT` are one group; targets are as written;
 * - every SELECT counts, subqueries and members of a UNION too: `SELECT SELECT orders customers`;
 * - WITH is no operation, and names of common table expressions are no targets;
 * - savepoints, users, channels and settings are no targets: their names change from call to call;
 * - statements of one text are separated by `; `;
 * - a statement that begins with no known word has no summary, whatever it contains.
 */
import * as kw from './keywords';
import * as expects from './summary-state';
import type { TargetReader } from './targets';

export class SummaryReader {
  constructor(
    private readonly state: expects.SummaryState,
    private readonly targets: TargetReader,
  ) {}

  /** A word without quotes that does not follow a dot. */
  word(keyword: number, start: number, end: number): void {
    const { state } = this;
    if (state.target !== '') {
      if (state.targetIsOpen) {
        this.targets.name(start, end);
        return;
      }
      this.targets.settle();
    }
    const code = kw.codeOf(keyword);
    const last = state.lastCode;
    state.lastCode = code;
    const mode = state.atStart ? expects.STATEMENT : state.mode();
    switch (mode) {
      case expects.STATEMENT:
        this.firstWord(keyword, code);
        break;
      case expects.MUTED:
        break;
      case expects.KIND_OF_OBJECT:
        this.kindOfObject(keyword, code, start, end);
        break;
      case expects.TABLE:
      case expects.SINGLE:
      case expects.PLAIN_NAME:
      case expects.DELETED:
      case expects.EXPRESSION_NAME:
        this.expectedWord(keyword, code, last, mode, start, end);
        break;
      default:
        if (mode === expects.AFTER_DELETED && code !== kw.FROM) this.targets.settleDeleted();
        this.otherWord(keyword, code, last, end);
    }
  }

  private firstWord(keyword: number, code: number): void {
    const { state } = this;
    state.atStart = false;
    const flags = kw.flagsOf(keyword);
    if ((flags & kw.VERB) === 0) {
      state.setMode(expects.MUTED);
      return;
    }
    state.verbFlags = flags;
    state.account = (flags & kw.ACCOUNT) !== 0;
    state.procedural = (flags & kw.PROCEDURAL) !== 0;
    if (code === kw.WITH) {
      state.withDepth = state.depth;
      state.setMode(expects.EXPRESSION_NAME);
    } else if (isRowOperation(code)) {
      this.beginOperation(keyword, code);
    } else {
      state.result.verb(kw.wordOf(keyword), true);
      state.setOperation(expects.OTHER_VERB);
      state.setMode(modeAfter(flags));
    }
  }

  private beginOperation(keyword: number, code: number): void {
    const { state } = this;
    state.result.verb(kw.wordOf(keyword), state.withDepth < 0 || state.depth === state.withDepth);
    state.setOperation(code);
    if (code === kw.UPDATE) state.setMode(expects.TABLE);
    else if (code === kw.DELETE) state.setMode(expects.DELETED);
    else state.setMode(code === kw.SELECT || code === kw.VALUES ? expects.IDLE : expects.SINGLE);
  }

  private kindOfObject(keyword: number, code: number, start: number, end: number): void {
    const { state } = this;
    const flags = kw.flagsOf(keyword);
    if (code === kw.OBJECT) {
      state.result.kind(kw.wordOf(keyword));
      if ((flags & kw.OBJECT_PART) !== 0) return;
      if ((flags & kw.ACCOUNT) !== 0) state.account = true;
      state.wantsOn = (flags & kw.OBJECT_ON) !== 0;
      const isList = (state.verbFlags & kw.TARGET_LIST) !== 0;
      if ((flags & kw.OBJECT_TABLE) !== 0) state.setMode(isList ? expects.TABLE : expects.SINGLE);
      else state.setMode((flags & kw.OBJECT_NAME) !== 0 ? expects.PLAIN_NAME : expects.IDLE);
    } else if (code !== kw.SKIP) {
      this.targets.name(start, end);
    }
  }

  /** A word where a name is expected: nearly anything, tables are called all kinds of things. */
  private expectedWord(
    keyword: number,
    code: number,
    last: number,
    mode: number,
    start: number,
    end: number,
  ): void {
    const { state } = this;
    if (last === kw.OR) return; // INSERT OR REPLACE INTO
    switch (code) {
      case kw.SELECT:
        this.beginOperation(keyword, code);
        return;
      case kw.FROM:
        if (mode === expects.DELETED) state.setMode(expects.TABLE);
        return;
      case kw.SKIP:
      case kw.INTO:
      case kw.TOP:
      case kw.OR:
        return;
      case kw.ON:
        if (state.wantsOn) state.setMode(expects.SINGLE);
        return;
      case kw.VALUES:
        state.setMode(expects.IDLE);
        return;
      case kw.OBJECT:
        // INSERT INTO TABLE t, LOAD DATA .. INTO TABLE t
        if (mode === expects.SINGLE && (kw.flagsOf(keyword) & kw.OBJECT_TABLE) !== 0) return;
        break;
      default:
        // INSERT BULK people (id int), which is what SQL Server gets before rows without a statement
        if (last === kw.INSERT && kw.wordOf(keyword) === 'BULK') return;
        // EXEC @result = procedure
        if (mode === expects.PLAIN_NAME && state.text.charCodeAt(start) === 64) return;
    }
    this.targets.name(start, end);
  }

  private otherWord(keyword: number, code: number, last: number, end: number): void {
    const { state } = this;
    const operation = state.operation();
    switch (code) {
      case kw.SELECT:
        this.beginOperation(keyword, code);
        return;
      case kw.INSERT:
      case kw.UPDATE:
      case kw.DELETE:
      case kw.REPLACE:
      case kw.MERGE:
        // REPLACE(a, b, c) and INSERT(a, b, c, d) are functions.
        if (this.canBegin(last) && state.text.charCodeAt(end) !== 40) this.beginOperation(keyword, code);
        return;
      case kw.VALUES:
        if (state.mode() === expects.AFTER_EXPRESSION_NAME) this.beginOperation(keyword, code);
        else this.endOfTables();
        return;
      case kw.WITH:
        if (last === expects.OPENED) state.setMode(expects.EXPRESSION_NAME);
        return;
      case kw.FROM:
        // `a IS DISTINCT FROM b`, `EXTRACT(YEAR FROM a)`
        if (last === kw.DISTINCT || !hasTables(operation)) return;
        state.deleted = '';
        state.setMode(expects.TABLE);
        return;
      case kw.JOIN:
        if (state.mode() === expects.AFTER_TABLE) state.setMode(expects.TABLE);
        return;
      case kw.USING:
        if (operation === kw.MERGE) state.setMode(expects.SINGLE);
        else if (operation === kw.DELETE) state.setMode(expects.TABLE);
        return;
      case kw.ON:
        if (state.wantsOn) state.setMode(expects.SINGLE);
        state.wantsOn = false;
        return;
      case kw.INTO:
        if ((state.verbFlags & kw.LOADS) !== 0) state.setMode(expects.SINGLE);
        return;
      case kw.CLAUSE:
        this.endOfTables();
        return;
      case kw.BRANCH:
        if (state.procedural) state.setOperation(expects.OTHER_VERB);
        return;
      default:
    }
  }

  private endOfTables(): void {
    const { state } = this;
    if (state.mode() === expects.AFTER_TABLE) state.setMode(expects.IDLE);
  }

  /** Whether a change of rows can begin here: `ON UPDATE`, `FOR UPDATE`, `DO UPDATE` are none. */
  private canBegin(last: number): boolean {
    const { state } = this;
    if (state.mode() === expects.AFTER_EXPRESSION_NAME) return true;
    if (state.procedural && state.operation() === expects.OTHER_VERB) return true;
    return last === expects.OPENED && state.outerMode() === expects.AFTER_EXPRESSION_NAME;
  }
}

function isRowOperation(code: number): boolean {
  return code === kw.SELECT || (code >= kw.UPDATE && code <= kw.MERGE) || code === kw.VALUES;
}

/** Operations with a FROM of their own. */
function hasTables(operation: number): boolean {
  return operation === kw.SELECT || operation === kw.UPDATE || operation === kw.DELETE;
}

function modeAfter(verbFlags: number): number {
  if ((verbFlags & kw.OPAQUE) !== 0) return expects.MUTED;
  if ((verbFlags & kw.WANTS_OBJECT) !== 0) return expects.KIND_OF_OBJECT;
  if ((verbFlags & kw.TABLE_TARGET) !== 0)
    return (verbFlags & kw.TARGET_LIST) !== 0 ? expects.TABLE : expects.SINGLE;
  return (verbFlags & kw.NAME_TARGET) !== 0 ? expects.PLAIN_NAME : expects.IDLE;
}
