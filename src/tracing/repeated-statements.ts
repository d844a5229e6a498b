/**
 * The same statement many times below one span: mostly a query for each row of another one (N+1). The first statement of a
 * request that reaches the limit is named on the request's span, with how often it ran in the end.
 */
import type { Sanitized, SanitizedValue } from '../redaction/sanitized';

const STATEMENT = 'canvasops.db.repeated_statement';
const COUNT = 'canvasops.db.repeated_statement.count';
const TEXT = 'canvasops.db.repeated_statement.text';

/** Different statements that are counted in one trace. Further ones are not. */
const MAX_STATEMENTS = 100;
/** Parents that are counted for one statement. Beyond these the oldest one begins anew. */
const MAX_PARENTS = 16;

interface Statement {
  readonly text: Sanitized | '';
  readonly summary: Sanitized | '';
  readonly operation: Sanitized | '';
}

/** The span of a request, as far as it is needed here. */
interface RequestSpan {
  put<T extends string>(key: string, value: SanitizedValue<T> | undefined): void;
  replace<T extends string>(key: string, value: SanitizedValue<T>): void;
}

interface StatementSpan {
  readonly parentHigh: number;
  readonly parentLow: number;
  readonly local: { readonly root: RequestSpan | undefined; repeated: RepeatedStatements | undefined };
}

/** A span between a request and its statements. */
interface MiddleSpan extends StatementSpan {
  readonly idHigh: number;
  readonly idLow: number;
}

interface Count {
  readonly parentHigh: number;
  readonly parentLow: number;
  times: number;
}

export class RepeatedStatements {
  private readonly counts = new Map<string, Count[]>();
  /** Spans of models that are open, by the second half of their ids. */
  private models: Map<number, MiddleSpan> | undefined;
  /** The one that the request's span names. */
  private named: Count | undefined;

  /**
   * What is below the span of a model counts as below its parent, until {@link leave}: each call of an ORM has a span of its own.
   * @param model has just begun
   */
  static enter(model: MiddleSpan): void {
    const { local } = model;
    local.repeated ??= new RepeatedStatements();
    local.repeated.models ??= new Map();
    local.repeated.models.set(model.idLow, model);
  }

  static leave({ local, idLow }: MiddleSpan): void {
    local.repeated?.models?.delete(idLow);
  }

  /**
   * Counts a statement, and marks the span of the request where it has run too often.
   * @param span of the statement
   * @param limit at least 1
   * @returns true where the statement has just reached the limit below its parent
   */
  static count(span: StatementSpan & RequestSpan, statement: Statement, limit: number): boolean {
    const { local } = span;
    const { root } = local;
    if (root === undefined || root === span) return false;
    local.repeated ??= new RepeatedStatements();
    const count = local.repeated.add(statement, span);
    if (count === undefined) return false;
    count.times++;
    if (count.times < limit) return false;
    local.repeated.mark(root, statement, count);
    return count.times === limit;
  }

  private add({ text, summary, operation }: Statement, span: StatementSpan): Count | undefined {
    const key = text || summary || operation;
    let parents = this.counts.get(key);
    if (parents === undefined) {
      if (this.counts.size >= MAX_STATEMENTS) return undefined;
      parents = [];
      this.counts.set(key, parents);
    }
    const model = this.models?.get(span.parentLow);
    const { parentHigh, parentLow } = model?.idHigh === span.parentHigh ? model : span;
    for (const each of parents)
      if (each.parentLow === parentLow && each.parentHigh === parentHigh) return each;
    const count: Count = { parentHigh, parentLow, times: 0 };
    if (parents.length >= MAX_PARENTS) parents.shift();
    parents.push(count);
    return count;
  }

  private mark(root: RequestSpan, { text, summary, operation }: Statement, count: Count): void {
    if (this.named === undefined) {
      this.named = count;
      const name = summary || operation || text;
      if (name !== '') root.put(STATEMENT, name);
      root.put(COUNT, count.times);
      if (text !== '') root.put(TEXT, text);
    } else if (this.named === count) root.replace(COUNT, count.times);
  }
}
