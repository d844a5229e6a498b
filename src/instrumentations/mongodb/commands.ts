/** Commands of MongoDB: their spans, and the transactions of sessions. */
import { commandOf, describeCommand } from '../../redaction/database/document';
import { phrase, type Sanitized, sanitizeName } from '../../redaction/sanitized';
import { monotonic } from '../../tracing/clock';
import { activeContext, type TraceContext } from '../../tracing/context';
import { DB_OPERATION_BATCH_SIZE } from '../../tracing/semconv';
import {
  type DatabaseOperation,
  type DatabaseServer,
  type DatabaseSpan,
  describeDatabaseSpan,
  startDatabaseSpan,
} from '../operations/database';
import { Database } from '../operations/database-driver';
import { createHiddenState } from '../operations/hidden-state';
import { isParentRequired, mayLackParent } from '../operations/require-parent';
import { type Membership, parentIn, Transactions } from '../operations/transaction';

/** The fields in which commands carry several documents or changes. */
const BATCHES: ReadonlyMap<string, string> = new Map([
  ['insert', 'documents'],
  ['update', 'updates'],
  ['delete', 'deletes'],
]);

export interface Session {
  readonly transaction: { readonly isStarting: boolean };
  inTransaction(): boolean;
}

/** The text is made when it is asked for: nobody asks where nothing records. */
export class CommandDescription implements DatabaseOperation {
  readonly operation: Sanitized;
  readonly collection: Sanitized;
  readonly summary: Sanitized | '';
  private made: Sanitized | undefined;

  constructor(readonly document: unknown) {
    const { command, collection } = commandOf(document);
    this.operation = sanitizeName(command);
    this.collection = sanitizeName(collection);
    this.summary = collection === '' ? '' : phrase(this.operation, this.collection);
  }

  get text(): Sanitized {
    this.made ??= describeCommand(this.document);
    return this.made;
  }

  /** How many documents or changes it carries; undefined where it carries none. */
  get batchSize(): number | undefined {
    const field = BATCHES.get(this.operation);
    const list = field && (Object.getOwnPropertyDescriptor(this.document, field)?.value as unknown);
    return Array.isArray(list) ? list.length : undefined;
  }
}

/** What the app has begun, of which no command has been sent yet. */
interface Beginning {
  readonly context: TraceContext;
  readonly since: number;
}

export class MongoDatabase extends Database<object> {
  /** Of sessions: a transaction is its session's, whatever connections the commands take. */
  private readonly transactions = new Transactions(this.env, {
    failsAsAWhole: false,
    commitsAtBegin: false,
    countsBegins: false,
  });
  private readonly beginnings = createHiddenState<Beginning>();

  /**
   * The span of a command; undefined where nothing records.
   * @param context of the app's call
   * @param startedAt milliseconds on the monotonic clock, for a command that was never sent
   */
  start(
    server: DatabaseServer,
    description: CommandDescription,
    session: Session | undefined,
    context: TraceContext,
    startedAt?: number,
  ): DatabaseSpan | undefined {
    const { env } = this;
    const { requireParent } = env.config;
    if (mayLackParent(requireParent, context) && isParentRequired(requireParent, 'database'))
      return undefined;
    const membership = session && this.join(session, server, description.operation, context);
    const span = startDatabaseSpan(env, server, parentIn(membership, context), context, startedAt);
    if (span === undefined) return undefined;
    const { batchSize = 1 } = description;
    // A batch of one is none (semantic conventions, database spans).
    if (batchSize >= 2) span.put(DB_OPERATION_BATCH_SIZE, batchSize);
    return describeDatabaseSpan(span, server, description, membership);
  }

  /** Nothing is sent when a transaction begins: its span is made with its first command. */
  transactionBegins(session: Session): void {
    this.beginnings.set(session, { context: activeContext(), since: monotonic() });
  }

  /** A transaction that is open then will not be ended: what is in progress is aborted by the driver, with a command. */
  sessionEnds(session: Session): void {
    if (!session.inTransaction()) this.transactions.abandon(session);
  }

  protected override answered({ membership }: DatabaseSpan, failed: boolean): void {
    if (membership === undefined) return;
    // The driver and the app repeat a COMMIT whose answer was lost, and the driver ignores a failed ABORT.
    if (failed && membership.ends?.outcome === 'committed') membership.transaction.hasFailed = true;
    else this.transactions.answered(membership, failed);
  }

  private join(
    session: Session,
    server: DatabaseServer,
    operation: string,
    context: TraceContext,
  ): Membership | undefined {
    const { transactions } = this;
    if (operation === 'commitTransaction') return transactions.joinLast(session, 'committed');
    if (operation === 'abortTransaction') return transactions.joinLast(session, 'rolled_back');
    if (!session.inTransaction()) return undefined;
    const beginning = session.transaction.isStarting ? this.beginnings.get(session) : undefined;
    if (beginning !== undefined) transactions.begin(session, server, beginning.context, beginning.since);
    return transactions.join(session, server, undefined, context);
  }
}
