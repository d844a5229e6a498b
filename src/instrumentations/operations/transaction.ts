/**
 * Transactions: what a connection does between BEGIN and COMMIT or ROLLBACK stands below a span of its own, with how it
 * ended and how many statements it had. Savepoints are such spans within it. What a statement does is told by the caller:
 * for SQL transaction-steps.ts reads it. A "connection" is whatever has one transaction at a time.
 *
 * - The call of a statement decides what it belongs to, since drivers take statements before earlier ones are answered.
 *   The answer of the last one ends the span.
 * - A statement is a child of the transaction if the same span was active when the transaction began. Below a span that the
 *   app has made since, it stays where the app put it, and is counted.
 * - The span is of kind INTERNAL and has no `db.system.name`, so that whoever counts the spans of a database counts its
 *   statements (docs/decisions/0024).
 */
import type { Span } from '@opentelemetry/api';
import { literal, type Sanitized } from '../../redaction/sanitized';
import type { TraceContext } from '../../tracing/context';
import { DB_NAMESPACE, SERVER_ADDRESS, SERVER_PORT, STATUS_ERROR } from '../../tracing/semconv';
import { RecordingSpan } from '../../tracing/span';
import { KIND_INTERNAL } from '../../tracing/span-kind';
import type { InstrumentationEnv } from '../define';
import { Attached } from './attached';
import type { DatabaseServer } from './database';
import type { Outcome, Step, TransactionRules } from './transaction-steps';

const OUTCOME = 'canvasops.transaction.outcome';
const STATEMENTS = 'canvasops.transaction.statements';

export class Transaction {
  statements = 0;
  hasFailed = false;
  /** Its span has ended. */
  isOver = false;
  /** How often it has been begun again, where each of these is committed for itself. */
  begunAgain = 0;

  constructor(
    readonly span: RecordingSpan,
    /** The span that was active when it began. */
    readonly opener: Span | undefined,
    /** Around it, where it is a savepoint. */
    readonly outer: Transaction | undefined,
    /** Its name; '' = it is no savepoint, and has none. */
    readonly savepoint: string,
  ) {}

  parentOf(context: TraceContext): Span | undefined {
    return context.span === this.opener ? this.span : context.span;
  }

  end(outcome: Outcome): void {
    if (this.isOver) return;
    this.isOver = true;
    const { span, statements, hasFailed } = this;
    span.put(OUTCOME, literal(outcome));
    span.put(STATEMENTS, statements);
    if (hasFailed && outcome !== 'committed') span.setStatus({ code: STATUS_ERROR });
    span.end();
  }
}

/** A connection with its innermost open transaction. */
class TransactedConnection extends Attached {
  #open: Transaction | undefined;

  constructor(connection: object, open: Transaction) {
    super(connection);
    this.#open = open;
  }

  static openOf(connection: object): Transaction | undefined {
    if (!(#open in connection)) return undefined;
    let open = (connection as TransactedConnection).#open;
    // One whose BEGIN has failed.
    while (open?.isOver === true) open = open.outer;
    return open;
  }

  static set(connection: object, open: Transaction | undefined): void {
    if (#open in connection) (connection as TransactedConnection).#open = open;
    else if (open !== undefined) new TransactedConnection(connection, open);
  }
}

/** What a statement belongs to, and what its answer ends. */
export interface Membership {
  readonly transaction: Transaction;
  readonly begins: boolean;
  readonly ends: { readonly until: Transaction; readonly outcome: Outcome } | undefined;
}

/** What the span of a statement hangs under. @param membership undefined: it is in no transaction */
export function parentIn(membership: Membership | undefined, context: TraceContext): Span | undefined {
  return membership === undefined ? context.span : membership.transaction.parentOf(context);
}

export class Transactions {
  constructor(
    private readonly env: InstrumentationEnv,
    private readonly rules: TransactionRules,
  ) {}

  isOpen(connection: object): boolean {
    return TransactedConnection.openOf(connection) !== undefined;
  }

  /**
   * A statement is about to begin.
   * @param step what it does to the transaction; undefined: it is one of those within
   * @returns undefined where there is no transaction
   */
  join(
    connection: object,
    server: DatabaseServer,
    step: Step | undefined,
    context: TraceContext,
  ): Membership | undefined {
    const open = TransactedConnection.openOf(connection);
    if (step?.does === 'begin') return this.beginBy(connection, server, context, open, step.name);
    if (open === undefined) return undefined;
    if (step === undefined) return within(open, 1);
    if (step.does === 'savepoint') {
      const inner = this.open(connection, server, literal('savepoint'), context, open, step.name);
      return { transaction: inner ?? open, begins: inner !== undefined, ends: undefined };
    }
    const whole = outermost(open);
    if (whole.begunAgain > 0 && step.outcome === 'committed' && step.savepoint === undefined) {
      whole.begunAgain--;
      return { transaction: open, begins: false, ends: undefined };
    }
    return close(connection, open, step);
  }

  /**
   * The app begins one by a method that sends nothing.
   * @param since milliseconds on the monotonic clock
   */
  begin(connection: object, server: DatabaseServer, context: TraceContext, since: number): void {
    this.abandon(connection);
    this.open(connection, server, literal('transaction'), context, undefined, '', since);
  }

  /**
   * A statement that ends the transaction once it is answered; until then it may be sent again.
   * @returns undefined where there is no transaction
   */
  joinLast(connection: object, outcome: Outcome): Membership | undefined {
    const transaction = TransactedConnection.openOf(connection);
    return transaction && { transaction, begins: false, ends: { until: transaction, outcome } };
  }

  /** Statements that are sent together, none of which begins or ends a transaction, are about to begin. */
  joinBatch(connection: object, statements: number): Membership | undefined {
    const open = TransactedConnection.openOf(connection);
    return open && within(open, statements);
  }

  /** The statement was answered. */
  answered({ transaction, begins, ends }: Membership, failed: boolean): void {
    if (ends === undefined) {
      if (failed) transaction.hasFailed = true;
      if (failed && begins) transaction.end('abandoned');
      return;
    }
    let { outcome } = ends;
    if (failed && outcome === 'committed') {
      transaction.hasFailed = true;
      outcome = 'rolled_back';
    }
    const beyond = ends.until.outer;
    let hasFailed = false;
    for (let each: Transaction | undefined = transaction; each && each !== beyond; each = each.outer) {
      hasFailed ||= each.hasFailed;
      each.end(this.rules.failsAsAWhole && hasFailed && outcome === 'committed' ? 'rolled_back' : outcome);
    }
  }

  /** The connection is given back to its pool, or is lost: the server rolls back what is open. */
  abandon(connection: object, outcome: Outcome = 'abandoned'): void {
    const open = TransactedConnection.openOf(connection);
    if (open === undefined) return;
    TransactedConnection.set(connection, undefined);
    endAll(open, outcome);
  }

  private beginBy(
    connection: object,
    server: DatabaseServer,
    context: TraceContext,
    open: Transaction | undefined,
    name = '',
  ): Membership | undefined {
    if (open !== undefined) {
      // Of somebody who never ended it, and never gave the connection back as far as could be seen.
      const isLeft = open.opener !== context.span;
      if (!isLeft && !this.rules.commitsAtBegin) {
        if (this.rules.countsBegins) outermost(open).begunAgain++;
        return { transaction: open, begins: false, ends: undefined };
      }
      endAll(open, this.rules.commitsAtBegin ? 'committed' : 'abandoned');
      TransactedConnection.set(connection, undefined);
    }
    const transaction = this.open(connection, server, literal('transaction'), context, undefined, name);
    return transaction && { transaction, begins: true, ends: undefined };
  }

  private open(
    connection: object,
    { namespace, address, port }: DatabaseServer,
    name: Sanitized,
    context: TraceContext,
    outer: Transaction | undefined,
    savepoint: string,
    since?: number,
  ): Transaction | undefined {
    const parent = outer === undefined ? context.span : outer.parentOf(context);
    const span = this.env.tracer.begin(name, KIND_INTERNAL, parent, context, since);
    if (!(span instanceof RecordingSpan)) return undefined;
    span.put(DB_NAMESPACE, namespace);
    span.put(SERVER_ADDRESS, address);
    span.put(SERVER_PORT, port);
    const transaction = new Transaction(span, context.span, outer, savepoint);
    TransactedConnection.set(connection, transaction);
    return transaction;
  }
}

function within(open: Transaction, statements: number): Membership {
  for (let each: Transaction | undefined = open; each !== undefined; each = each.outer)
    each.statements += statements;
  return { transaction: open, begins: false, ends: undefined };
}

function endAll(innermost: Transaction, outcome: Outcome): void {
  for (let each: Transaction | undefined = innermost; each !== undefined; each = each.outer)
    each.end(outcome);
}

function outermost(open: Transaction): Transaction {
  let each = open;
  while (each.outer !== undefined) each = each.outer;
  return each;
}

/** COMMIT and the like: what is called after it is outside, whether it has been answered or not. */
function close(connection: object, open: Transaction, step: Step & { readonly does: 'end' }): Membership {
  let until: Transaction | undefined = step.savepoint === undefined ? outermost(open) : open;
  if (step.savepoint !== undefined)
    while (until !== undefined && until.savepoint !== step.savepoint) until = until.outer;
  // A savepoint that has been rolled back to, and is released or rolled back to again.
  if (until === undefined) return { transaction: open, begins: false, ends: undefined };
  TransactedConnection.set(connection, until.outer);
  return { transaction: open, begins: false, ends: { until, outcome: step.outcome } };
}
