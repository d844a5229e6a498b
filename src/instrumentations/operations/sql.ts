/** Databases that speak SQL: their spans say the statement without its values. */
import { type Sanitized, sanitizeName, unredacted } from '../../redaction/sanitized';
import { describeStatement, type SqlDialect } from '../../redaction/sql/describe';
import { cutText } from '../../text/cut';
import { activeContext } from '../../tracing/context';
import { DB_QUERY_PARAMETER } from '../../tracing/semconv';
import type { RecordingSpan } from '../../tracing/span';
import type { InstrumentationEnv } from '../define';
import { type DatabaseServer, type DatabaseSpan, describeDatabaseSpan, startDatabaseSpan } from './database';
import { Database, DatabaseCall, type DatabaseDescription } from './database-call';
import { isParentRequired, mayLackParent, purposeOfStatement } from './require-parent';

/** @typeParam Connection what the driver keeps per connection */
export interface SqlDescription<Connection extends object> extends DatabaseDescription<Connection> {
  readonly dialect: SqlDialect;
}

export class SqlDatabase<Connection extends object> extends Database<Connection> {
  private readonly dialect: SqlDialect;

  constructor(env: InstrumentationEnv, description: SqlDescription<Connection>) {
    super(env, description);
    this.dialect = description.dialect;
  }

  /** A statement failed before there was a connection for it. */
  lost(server: DatabaseServer, text: string, values: unknown, startedAt: number, error: unknown): void {
    new DatabaseCall(this, this.start(server, text, values, startedAt)).finish(error);
  }

  /**
   * The span of a statement; undefined where nothing records.
   * @param values of its placeholders, by position or by name; shown only where the app asked for it
   * @param startedAt milliseconds on the monotonic clock, for a statement that began earlier
   */
  start(server: DatabaseServer, text: string, values: unknown, startedAt?: number): DatabaseSpan | undefined {
    const { env, dialect } = this;
    const context = activeContext();
    const { requireParent, dbParameters } = env.config;
    if (mayLackParent(requireParent, context)) {
      const purpose = purposeOfStatement(describeStatement(text, dialect));
      if (isParentRequired(requireParent, 'database', purpose)) return undefined;
    }
    // Sanitising is the expensive part, so first see whether anyone wants the span.
    const span = startDatabaseSpan(env, server, context, startedAt);
    if (span === undefined) return undefined;
    if (dbParameters && values !== undefined) putParameters(span, values);
    return describeDatabaseSpan(span, server, describeStatement(text, dialect));
  }
}

const MAX_PARAMETERS = 64;
const MAX_PARAMETER_LENGTH = 1024;

/** Opt-in: the values of placeholders, by position or name. */
function putParameters(span: RecordingSpan, parameters: unknown): void {
  if (typeof parameters !== 'object' || parameters === null) return;
  for (const [key, value] of Object.entries(parameters).slice(0, MAX_PARAMETERS)) {
    span.put(DB_QUERY_PARAMETER + sanitizeName(key), parameterText(value));
  }
}

function parameterText(value: unknown): Sanitized {
  if (Buffer.isBuffer(value)) return unredacted(`<${value.length} bytes>`);
  try {
    const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
    return unredacted(cutText(String(text), MAX_PARAMETER_LENGTH));
  } catch {
    return unredacted('<unprintable>');
  }
}
