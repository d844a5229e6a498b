/** Counts of database operations since the start, for getQueryStats(). Bounded: statements beyond the limit share a row. */
import type { Sanitized } from '../redaction/sanitized';
import { cutText } from '../text/cut';
import { RepeatedStatements } from './repeated-statements';
import type { RecordingSpan } from './span';

const MAX_STATEMENTS = 500;
const MAX_KEY = 255;
const REST = '(other statements)';

export interface StatementStats {
  queries: number;
  errors: number;
  totalMs: number;
  /** How often it reached CANVASOPS_DB_REPEATED_STATEMENTS below one span. */
  repeated: number;
}

interface Described {
  readonly text: Sanitized | '';
  readonly summary: Sanitized | '';
  readonly operation: Sanitized | '';
}

const total: StatementStats = { queries: 0, errors: 0, totalMs: 0, repeated: 0 };
const byStatement = new Map<string, StatementStats>();

/**
 * @param span of the statement
 * @param repeatedLimit see CANVASOPS_DB_REPEATED_STATEMENTS
 */
export function countQuery(
  span: RecordingSpan,
  operation: Described,
  durationMs: number,
  failed: boolean,
  repeatedLimit: number,
): void {
  const isRepeated = repeatedLimit > 0 && RepeatedStatements.count(span, operation, repeatedLimit);
  add(total, durationMs, failed, isRepeated);
  const key = cutText(operation.summary || operation.operation || operation.text, MAX_KEY);
  let row = byStatement.get(key);
  if (row === undefined) {
    const name = byStatement.size < MAX_STATEMENTS ? key : REST;
    row = byStatement.get(name) ?? { queries: 0, errors: 0, totalMs: 0, repeated: 0 };
    byStatement.set(name, row);
  }
  add(row, durationMs, failed, isRepeated);
}

function add(stats: StatementStats, durationMs: number, failed: boolean, isRepeated: boolean): void {
  stats.queries++;
  stats.totalMs += durationMs;
  if (failed) stats.errors++;
  if (isRepeated) stats.repeated++;
}

export interface QueryStats extends Readonly<StatementStats> {
  readonly averageMs: number;
  /** By summary of the statement; at most 501 rows. */
  readonly byStatement: Readonly<Record<string, Readonly<StatementStats>>>;
}

export function queryStats(): QueryStats {
  const rows: Record<string, StatementStats> = Object.create(null) as Record<string, StatementStats>;
  for (const [key, row] of byStatement) rows[key] = { ...row };
  return { ...total, averageMs: total.queries === 0 ? 0 : total.totalMs / total.queries, byStatement: rows };
}
