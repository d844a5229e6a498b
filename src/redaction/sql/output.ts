/**
 * The sanitized text while it is being made: runs of the statement that are kept as they are, with `?` between them.
 * Lists of literals become one `?`, further rows of literals disappear. Strings in V8 are immutable and share their
 * parts, so going back to an earlier state of the text costs nothing.
 */
import { IN, NAME, ROW as ROW_WORD, SELECT, VALUES } from './keywords';

const MAX_DEPTH = 64;

// What stands between parentheses.
const PLAIN = 0;
/** `IN (1, 2)`, `ARRAY[1, 2]`: literals behind the first one are dropped. */
const LIST = 1;
const ROW = 2;

// Where we are among the rows of VALUES, or of IN ((1, 2), (3, 4)).
const NO_ROWS = 0;
const FIRST_ROW = 1;
const AFTER_ROW = 2;
const NEXT_ROW = 3;

export class SqlOutput {
  /** Whether anything was masked or removed; white space alone does not count. */
  isChanged = false;

  private text = '';
  private out = '';
  /** Everything before is in `out` already. */
  private flushed = 0;
  private depth = 0;
  private readonly kinds = new Uint8Array(MAX_DEPTH);
  private readonly rows = new Uint8Array(MAX_DEPTH);
  private readonly literals = new Uint8Array(MAX_DEPTH);
  /** The text as it was before the comma that precedes the row or literal being read. */
  private readonly beforeComma: string[] = new Array<string>(MAX_DEPTH).fill('');
  private hasCommas = false;
  private lastIsLiteral = false;
  private commaAfterLiteral = false;
  private opener: number = NAME;
  private hidden: string | undefined;
  private certain: string | undefined;

  begin(text: string): void {
    this.text = text;
    this.out = '';
    this.flushed = 0;
    this.isChanged = this.lastIsLiteral = this.commaAfterLiteral = false;
    this.hidden = this.certain = undefined;
    this.endStatement();
  }

  /** Lets go of everything that belongs to the last text. */
  release(): void {
    this.text = this.out = '';
    this.hidden = this.certain = undefined;
    if (this.hasCommas) this.beforeComma.fill('');
    this.hasCommas = false;
  }

  endStatement(): void {
    this.depth = 0;
    this.kinds[0] = PLAIN;
    this.rows[0] = NO_ROWS;
    this.literals[0] = 0;
    this.opener = NAME;
  }

  /** Length of the result if the text ended at `position`. */
  lengthAt(position: number): number {
    return this.out.length + position - this.flushed;
  }

  private flush(position: number): void {
    if (position > this.flushed) this.out += this.text.slice(this.flushed, position);
    this.flushed = position;
  }

  /** `text.slice(start, end)` is a literal. */
  mask(start: number, end: number): void {
    this.isChanged = true;
    const frame = this.frame();
    this.rows[frame] = NO_ROWS;
    if (this.commaAfterLiteral && this.kinds[frame] === LIST) {
      this.out = this.beforeComma[frame] as string;
    } else {
      this.flush(start);
      this.out += '?';
    }
    this.flushed = end;
    this.literals[frame] = 1;
    this.lastIsLiteral = true;
    this.commaAfterLiteral = false;
  }

  /** `text.slice(start, end)` is white space and comments: one blank, none at the ends of the text. */
  gap(start: number, end: number, hasComment: boolean): void {
    if (hasComment) this.isChanged = true;
    this.flush(start);
    if (end < this.text.length && this.out !== '') this.out += ' ';
    this.flushed = end;
  }

  /** A token that is neither literal nor punctuation. */
  other(code: number): void {
    this.lastIsLiteral = this.commaAfterLiteral = false;
    this.opener = code;
    const frame = this.frame();
    if (code === SELECT) this.kinds[frame] = PLAIN;
    if (code === VALUES) this.rows[frame] = FIRST_ROW;
    else if (code !== ROW_WORD) this.rows[frame] = NO_ROWS;
  }

  comma(position: number): void {
    const frame = this.frame();
    if (this.rows[frame] === AFTER_ROW) this.rows[frame] = NEXT_ROW;
    if (this.lastIsLiteral || this.rows[frame] === NEXT_ROW) {
      this.flush(position);
      this.beforeComma[frame] = this.out;
      this.hasCommas = true;
    }
    this.commaAfterLiteral = this.lastIsLiteral;
    this.lastIsLiteral = false;
    this.opener = NAME;
  }

  open(): void {
    const outer = this.frame();
    const isRow = this.rows[outer] === FIRST_ROW || this.rows[outer] === NEXT_ROW;
    const isList = this.opener === IN;
    this.enter(isRow ? ROW : isList ? LIST : PLAIN, isList ? FIRST_ROW : NO_ROWS);
  }

  openArray(): void {
    this.enter(LIST, FIRST_ROW);
  }

  private enter(kind: number, rows: number): void {
    this.depth++;
    const frame = this.frame();
    this.kinds[frame] = kind;
    this.rows[frame] = rows;
    this.literals[frame] = 0;
    this.lastIsLiteral = this.commaAfterLiteral = false;
    this.opener = NAME;
  }

  close(position: number): void {
    const inner = this.frame();
    const hasLiteral = this.literals[inner] === 1;
    const isRow = this.kinds[inner] === ROW;
    if (this.depth > 0) this.depth--;
    const frame = this.frame();
    if (hasLiteral) this.literals[frame] = 1;
    this.lastIsLiteral = this.commaAfterLiteral = false;
    this.opener = NAME;
    if (!isRow) return;
    if (this.rows[frame] === NEXT_ROW && hasLiteral) {
      this.out = this.beforeComma[frame] as string;
      this.flushed = position + 1;
    }
    this.rows[frame] = AFTER_ROW;
  }

  private frame(): number {
    return this.depth < MAX_DEPTH ? this.depth : MAX_DEPTH - 1;
  }

  /** Whether an item of an IN list or of a row of VALUES can come next. */
  isAmongValues(): boolean {
    return this.kinds[this.frame()] !== PLAIN;
  }

  /** From here to {@link reveal} everything is one literal. */
  hide(position: number): void {
    if (this.hidden !== undefined) return;
    this.flush(position);
    this.hidden = this.out;
  }

  reveal(position: number): void {
    if (this.hidden === undefined) return;
    this.out = `${this.hidden} ?`;
    this.hidden = undefined;
    this.flushed = position;
    this.isChanged = true;
  }

  /** From `start` on the text may have to be read in another way. */
  doubt(start: number): void {
    this.flush(start);
    this.certain = this.hidden === undefined ? this.out : `${this.hidden} `;
  }

  /** The text up to `end`, or up to the doubt if it was not resolved. */
  finish(end: number, isResolved: boolean): string {
    this.reveal(end);
    if (this.certain !== undefined && !isResolved) return `${this.certain}?`;
    this.flush(end);
    return this.out;
  }
}
