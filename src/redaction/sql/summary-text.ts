/** `db.query.summary`, `db.operation.name` and `db.collection.name` while they are being collected. */

/** Semantic conventions, database spans: cut there, and never within an operation or a target. */
const MAX_SUMMARY = 255;

export class SummaryText {
  summary = '';
  operation = '';
  /** The only table, without quotes; '' if there are none or several. */
  collection = '';

  private tables = 0;
  private verbs = 0;
  private isFull = false;
  private separator = '';

  private markedSummary = '';
  private markedOperation = '';
  private markedCollection = '';

  clear(): void {
    this.summary = this.operation = this.collection = this.separator = '';
    this.markedSummary = this.markedOperation = this.markedCollection = '';
    this.tables = this.verbs = 0;
    this.isFull = false;
  }

  /** @param isMain false inside common table expressions: the statement does what stands behind them */
  verb(word: string, isMain: boolean): void {
    if (isMain && this.operation === '') {
      this.operation = word;
      this.verbs = 0;
    }
    this.verbs++;
    this.append(word);
  }

  /** `TABLE` after `CREATE`: part of the operation. */
  kind(word: string): void {
    if (this.verbs === 1) this.operation += ` ${word}`;
    this.append(word);
  }

  target(name: string, isTable: boolean): void {
    this.append(name);
    if (!isTable) return;
    const table = withoutQuotes(name);
    if (this.tables === 0) {
      this.tables = 1;
      this.collection = table;
    } else if (this.tables === 1 && table !== this.collection) {
      this.tables = 2;
      this.collection = '';
    }
  }

  nextStatement(): void {
    if (this.summary !== '') this.separator = '; ';
  }

  private append(part: string): void {
    if (this.isFull) return;
    const next = this.summary === '' ? part : this.summary + this.separator + part;
    this.separator = ' ';
    if (next.length > MAX_SUMMARY) this.isFull = true;
    else this.summary = next;
  }

  /** What is collected up to here is certain; see {@link rewind}. */
  mark(): void {
    this.markedSummary = this.summary;
    this.markedOperation = this.operation;
    this.markedCollection = this.collection;
  }

  /** Forgets everything since the mark. */
  rewind(): void {
    this.summary = this.markedSummary;
    this.operation = this.markedOperation;
    this.collection = this.markedCollection;
  }
}

/** `"public"."users"`, `[dbo].[users]` -> `public.users`, `dbo.users`; names that need their quotes keep them. */
export function withoutQuotes(name: string): string {
  let plain = '';
  let i = 0;
  while (i < name.length) {
    const c = name.charCodeAt(i);
    const close = c === 34 || c === 96 ? c : c === 91 /* [ */ ? 93 : 0;
    if (close === 0) {
      const dot = name.indexOf('.', i);
      const end = dot < 0 ? name.length : dot + 1;
      plain += name.slice(i, end);
      i = end;
      continue;
    }
    let end = i + 1;
    while (end < name.length && name.charCodeAt(end) !== close) {
      // A dot or an escaped quote inside the quotes: without them it would be another name.
      if (name.charCodeAt(end) === 46) return name;
      end++;
    }
    plain += name.slice(i + 1, end);
    i = end + 1;
    if (i < name.length) {
      if (name.charCodeAt(i) !== 46) return name;
      plain += '.';
      i++;
    }
  }
  return plain;
}
