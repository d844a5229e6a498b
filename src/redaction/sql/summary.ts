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
import * as expects from './modes';
import { TargetReader } from './targets';

export class SummaryBuilder extends TargetReader {
  /** A word without quotes that does not follow a dot. */
  word(keyword: number, start: number, end: number): void {
    if (this.target !== '') {
      if (this.targetIsOpen) {
        this.name(start, end);
        return;
      }
      this.settle();
    }
    const code = kw.codeOf(keyword);
    const last = this.lastCode;
    this.lastCode = code;
    const mode = this.atStart ? expects.STATEMENT : this.mode();
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
        if (mode === expects.AFTER_DELETED && code !== kw.FROM) this.settleDeleted();
        this.otherWord(keyword, code, last, end);
    }
  }

  private firstWord(keyword: number, code: number): void {
    this.atStart = false;
    const flags = kw.flagsOf(keyword);
    if ((flags & kw.VERB) === 0) {
      this.setMode(expects.MUTED);
      return;
    }
    this.verbFlags = flags;
    this.account = (flags & kw.ACCOUNT) !== 0;
    this.procedural = (flags & kw.PROCEDURAL) !== 0;
    if (code === kw.WITH) {
      this.withDepth = this.depth;
      this.setMode(expects.EXPRESSION_NAME);
    } else if (isRowOperation(code)) {
      this.beginOperation(keyword, code);
    } else {
      this.result.verb(kw.wordOf(keyword), true);
      this.setOperation(expects.OTHER_VERB);
      this.setMode(modeAfter(flags));
    }
  }

  private beginOperation(keyword: number, code: number): void {
    this.result.verb(kw.wordOf(keyword), this.withDepth < 0 || this.depth === this.withDepth);
    this.setOperation(code);
    if (code === kw.UPDATE) this.setMode(expects.TABLE);
    else if (code === kw.DELETE) this.setMode(expects.DELETED);
    else this.setMode(code === kw.SELECT || code === kw.VALUES ? expects.IDLE : expects.SINGLE);
  }

  private kindOfObject(keyword: number, code: number, start: number, end: number): void {
    const flags = kw.flagsOf(keyword);
    if (code === kw.OBJECT) {
      this.result.kind(kw.wordOf(keyword));
      if ((flags & kw.OBJECT_PART) !== 0) return;
      if ((flags & kw.ACCOUNT) !== 0) this.account = true;
      this.wantsOn = (flags & kw.OBJECT_ON) !== 0;
      const isList = (this.verbFlags & kw.TARGET_LIST) !== 0;
      if ((flags & kw.OBJECT_TABLE) !== 0) this.setMode(isList ? expects.TABLE : expects.SINGLE);
      else this.setMode((flags & kw.OBJECT_NAME) !== 0 ? expects.PLAIN_NAME : expects.IDLE);
    } else if (code !== kw.SKIP) {
      this.name(start, end);
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
    if (last === kw.OR) return; // INSERT OR REPLACE INTO
    switch (code) {
      case kw.SELECT:
        this.beginOperation(keyword, code);
        return;
      case kw.FROM:
        if (mode === expects.DELETED) this.setMode(expects.TABLE);
        return;
      case kw.SKIP:
      case kw.INTO:
      case kw.TOP:
      case kw.OR:
        return;
      case kw.ON:
        if (this.wantsOn) this.setMode(expects.SINGLE);
        return;
      case kw.VALUES:
        this.setMode(expects.IDLE);
        return;
      case kw.OBJECT:
        // INSERT INTO TABLE t, LOAD DATA .. INTO TABLE t
        if (mode === expects.SINGLE && (kw.flagsOf(keyword) & kw.OBJECT_TABLE) !== 0) return;
        break;
      default:
        // EXEC @result = procedure
        if (mode === expects.PLAIN_NAME && this.text.charCodeAt(start) === 64) return;
    }
    this.name(start, end);
  }

  private otherWord(keyword: number, code: number, last: number, end: number): void {
    const operation = this.operation();
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
        if (this.canBegin(last) && this.text.charCodeAt(end) !== 40) this.beginOperation(keyword, code);
        return;
      case kw.VALUES:
        if (this.mode() === expects.AFTER_EXPRESSION_NAME) this.beginOperation(keyword, code);
        else this.endOfTables();
        return;
      case kw.WITH:
        if (last === expects.OPENED) this.setMode(expects.EXPRESSION_NAME);
        return;
      case kw.FROM:
        // `a IS DISTINCT FROM b`, `EXTRACT(YEAR FROM a)`
        if (last === kw.DISTINCT || !hasTables(operation)) return;
        this.deleted = '';
        this.setMode(expects.TABLE);
        return;
      case kw.JOIN:
        if (this.mode() === expects.AFTER_TABLE) this.setMode(expects.TABLE);
        return;
      case kw.USING:
        if (operation === kw.MERGE) this.setMode(expects.SINGLE);
        else if (operation === kw.DELETE) this.setMode(expects.TABLE);
        return;
      case kw.ON:
        if (this.wantsOn) this.setMode(expects.SINGLE);
        this.wantsOn = false;
        return;
      case kw.INTO:
        if ((this.verbFlags & kw.LOADS) !== 0) this.setMode(expects.SINGLE);
        return;
      case kw.CLAUSE:
        this.endOfTables();
        return;
      case kw.BRANCH:
        if (this.procedural) this.setOperation(expects.OTHER_VERB);
        return;
      default:
    }
  }

  private endOfTables(): void {
    if (this.mode() === expects.AFTER_TABLE) this.setMode(expects.IDLE);
  }

  /** Whether a change of rows can begin here: `ON UPDATE`, `FOR UPDATE`, `DO UPDATE` are none. */
  private canBegin(last: number): boolean {
    if (this.mode() === expects.AFTER_EXPRESSION_NAME) return true;
    if (this.procedural && this.operation() === expects.OTHER_VERB) return true;
    return last === expects.OPENED && this.outerMode() === expects.AFTER_EXPRESSION_NAME;
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
