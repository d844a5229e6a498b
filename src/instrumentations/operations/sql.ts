/** Databases that speak SQL: their spans say the statement without its values. */
import { type Sanitized, sanitizeName, unredacted } from '../../redaction/sanitized';
import { describeBatch, describeStatement, type SqlDialect } from '../../redaction/sql/describe';
import { cutText } from '../../text/cut';
import { activeContext, type TraceContext } from '../../tracing/context';
import { DB_QUERY_PARAMETER } from '../../tracing/semconv';
import type { RecordingSpan } from '../../tracing/span';
import type { InstrumentationEnv } from '../define';
import {
  type DatabaseServer,
  type DatabaseSpan,
  describeDatabaseSpan,
  putBatchSize,
  startDatabaseSpan,
} from './database';
import { DatabaseCall } from './database-call';
import { Database, type DatabaseDescription } from './database-driver';
import { isParentRequired, mayLackParent, purposeOfStatement } from './require-parent';
import { type Membership, parentIn, Transactions } from './transaction';
import { mayBegin, type Outcome, rulesOf, type Step, stepOf } from './transaction-steps';

/** @typeParam Connection what the driver keeps per connection */
export interface SqlDescription<Connection extends object> extends DatabaseDescription<Connection> {
  readonly dialect: SqlDialect;
}

export class SqlDatabase<Connection extends object> extends Database<Connection> {
  private readonly dialect: SqlDialect;
  private readonly transactions: Transactions;

  constructor(env: InstrumentationEnv, description: SqlDescription<Connection>) {
    super(env, description);
    this.dialect = description.dialect;
    this.transactions = new Transactions(env, rulesOf(description.dialect));
  }

  /**
   * The span of a statement; undefined where nothing records.
   * @param values of its placeholders, by position or by name; shown only where the app asked for it
   * @param batchSize how often it is run, where it is with several sets of values
   * @param step what it does to the transaction, where the driver asks for that without a statement
   */
  start(
    connection: Connection,
    text: string,
    values: unknown,
    batchSize?: number,
    step?: Step,
  ): DatabaseSpan | undefined {
    const context = activeContext();
    if (this.needsParent(text, context)) return undefined;
    const server = this.serverOf(connection);
    const membership = this.join(connection, server, text, step, context);
    const span = startDatabaseSpan(this.env, server, parentIn(membership, context), context);
    if (span !== undefined) putBatchSize(span, batchSize);
    return span && this.describe(span, server, text, values, membership);
  }

  /** The span of statements that are sent and answered together. One of them is no batch. */
  startBatch(connection: Connection, texts: readonly string[]): DatabaseSpan | undefined {
    const [text, ...others] = texts;
    if (text === undefined) return undefined;
    if (others.length === 0) return this.start(connection, text, undefined);
    const context = activeContext();
    const { requireParent } = this.env.config;
    if (mayLackParent(requireParent, context) && isParentRequired(requireParent, 'database'))
      return undefined;
    const server = this.serverOf(connection);
    const membership = this.transactions.joinBatch(connection, texts.length);
    const span = startDatabaseSpan(this.env, server, parentIn(membership, context), context);
    if (span === undefined) return undefined;
    putBatchSize(span, texts.length);
    return describeDatabaseSpan(span, server, describeBatch(texts, this.dialect), membership);
  }

  /**
   * The same where the connection is not known.
   * @param startedAt milliseconds on the monotonic clock, for a statement that began earlier
   */
  startAt(
    server: DatabaseServer,
    text: string,
    values: unknown,
    startedAt?: number,
  ): DatabaseSpan | undefined {
    const context = activeContext();
    if (this.needsParent(text, context)) return undefined;
    const span = startDatabaseSpan(this.env, server, context.span, context, startedAt);
    return span && this.describe(span, server, text, values, undefined);
  }

  /** A statement failed before there was a connection for it. */
  lost(server: DatabaseServer, text: string, values: unknown, startedAt: number, error: unknown): void {
    new DatabaseCall(this, this.startAt(server, text, values, startedAt)).finish(error);
  }

  /**
   * The calls of these methods give a connection back or close it: the transaction that is open on it ends.
   * @param connectionOf the connection among the arguments, where it is not the object itself
   */
  abandonsTransactions(
    prototype: object | undefined,
    method: string,
    connectionOf: (self: object, args: readonly unknown[]) => unknown = (self) => self,
  ): void {
    this.env.wrap<object, never>(prototype, method, {
      before: (self, args) => {
        const connection = connectionOf(self, args);
        if (typeof connection === 'object' && connection !== null) this.transactions.abandon(connection);
        return undefined;
      },
    });
  }

  /** The transaction that is open on the connection, if any, has ended without a statement of the app's. */
  transactionEnds(connection: Connection, outcome: Outcome): void {
    this.transactions.abandon(connection, outcome);
  }

  protected override answered({ membership }: DatabaseSpan, failed: boolean): void {
    if (membership !== undefined) this.transactions.answered(membership, failed);
  }

  private join(
    connection: Connection,
    server: DatabaseServer,
    text: string,
    step: Step | undefined,
    context: TraceContext,
  ): Membership | undefined {
    const { dialect, transactions } = this;
    if (step !== undefined) return transactions.join(connection, server, step, context);
    if (!mayBegin(text) && !transactions.isOpen(connection)) return undefined;
    return transactions.join(connection, server, stepOf(describeStatement(text, dialect), dialect), context);
  }

  private needsParent(text: string, context: TraceContext): boolean {
    const { requireParent } = this.env.config;
    return (
      mayLackParent(requireParent, context) &&
      isParentRequired(requireParent, 'database', purposeOfStatement(describeStatement(text, this.dialect)))
    );
  }

  /** Sanitising is the expensive part, so it is done where somebody wants the span. */
  private describe(
    span: RecordingSpan,
    server: DatabaseServer,
    text: string,
    values: unknown,
    membership: Membership | undefined,
  ): DatabaseSpan {
    if (this.env.config.dbParameters && values !== undefined) putParameters(span, values);
    return describeDatabaseSpan(span, server, describeStatement(text, this.dialect), membership);
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
