/**
 * What a request spends on getting a connection: a span where that takes longer than `CANVASOPS_DB_CONNECTION_WAIT`, or
 * fails. Most get one from a pool at once, and have none. Outside of a trace it costs no request anything.
 *
 * Like a transaction it is of kind INTERNAL, without `db.system.name`: it is no operation of the database.
 */
import { safeMessage } from '../../redaction/error-text';
import { literal, sanitizeName } from '../../redaction/sanitized';
import { monotonic } from '../../tracing/clock';
import type { TraceContext } from '../../tracing/context';
import { errorFacts } from '../../tracing/exception';
import { DB_NAMESPACE, ERROR_TYPE, SERVER_ADDRESS, SERVER_PORT, STATUS_ERROR } from '../../tracing/semconv';
import { RecordingSpan } from '../../tracing/span';
import { KIND_INTERNAL } from '../../tracing/span-kind';
import type { InstrumentationEnv } from '../define';
import { type DatabaseServer, representative } from './database';

/** The connections of a pool, counted. */
export interface PoolCounts {
  /** Those that there are. */
  readonly size: number;
  /** Of these, in use by nobody. */
  readonly idle: number;
  /** Who waits for one. */
  readonly waiting: number;
}

export class ConnectionWait {
  /** On the monotonic clock, in milliseconds. */
  readonly since = monotonic();

  private constructor(
    private readonly env: InstrumentationEnv,
    private readonly context: TraceContext,
    private readonly name: 'connect' | 'acquire connection',
    private readonly counts: PoolCounts | undefined,
  ) {}

  /** @returns undefined where no request is recorded that waits */
  static begin(
    env: InstrumentationEnv,
    context: TraceContext,
    name: 'connect' | 'acquire connection',
    counts?: PoolCounts,
  ): ConnectionWait | undefined {
    const { span, suppressed } = context;
    return span instanceof RecordingSpan && !suppressed
      ? new ConnectionWait(env, context, name, counts)
      : undefined;
  }

  /**
   * @param server undefined: not known
   * @param error undefined or null: it worked
   */
  over(server: DatabaseServer | undefined, error?: unknown): void {
    const { env, context, counts, since } = this;
    const hasFailed = error !== undefined && error !== null;
    if (!hasFailed && monotonic() - since <= env.config.dbConnectionWait) return;
    const span = env.tracer.begin(literal(this.name), KIND_INTERNAL, context.span, context, since);
    if (!(span instanceof RecordingSpan)) return;
    span.put(DB_NAMESPACE, server?.namespace);
    span.put(SERVER_ADDRESS, server?.address);
    span.put(SERVER_PORT, server?.port);
    if (counts !== undefined) putCounts(span, server, counts);
    if (hasFailed) {
      const facts = errorFacts(representative(error));
      span.put(ERROR_TYPE, facts.type);
      span.recordException(error as Error);
      span.setStatus({ code: STATUS_ERROR, message: safeMessage(error, facts) });
    }
    span.end();
  }
}

/** Pools of these drivers have no names of their own: this one is what the conventions propose. */
function putCounts(span: RecordingSpan, server: DatabaseServer | undefined, counts: PoolCounts): void {
  if (server !== undefined) {
    const { address = '', port, namespace = '' } = server;
    const host = port === undefined ? address : `${address}:${port}`;
    span.put('db.client.connection.pool.name', sanitizeName(`${host}/${namespace}`));
  }
  span.put('canvasops.pool.size', counts.size);
  span.put('canvasops.pool.idle', counts.idle);
  span.put('canvasops.pool.waiting', counts.waiting);
}
