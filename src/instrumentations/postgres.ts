/**
 * postgres 3: one span per query of the app's, from its place on a connection until it is answered.
 *
 * - A Query is a lazy promise: `then`, `execute`, `forEach` and the like call `handle` (src/query.js), which is where the context
 *   of the statement comes from. What is never handled is a fragment of another query. Nothing here handles a query.
 * - The text with its placeholders is built when the query has its place on a connection (src/connection.js, `build`). The first
 *   assignment to `parameters`, right after that, begins the span; a query that is sent again has one already. What fails
 *   before that has the template's own text.
 * - A query settles by its own `resolve` and `reject`, which the iterator of a cursor makes anew for each batch. A COPY resolves
 *   with its stream first, and with its result at the end.
 * - Queries that the driver makes for itself (types of arrays, the state of a server) have no `canceller`.
 * - Connections are opened outside of any context. The driver answers from its socket, so the callbacks of cursors and of
 *   `forEach` are bound. Other answers are promises.
 * - A span for a wait stands before statements of the pool, not before those that wait for others of their own transaction.
 */
import { monotonic } from '../tracing/clock';
import { activeContext, ROOT_CONTEXT, runWith, type TraceContext } from '../tracing/context';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { ConnectionWait } from './operations/connection-wait';
import { describeServer } from './operations/database';
import { DatabaseCall } from './operations/database-call';
import { createHiddenState } from './operations/hidden-state';
import { SqlDatabase } from './operations/sql';
import { sqlState } from './operations/sql-state';
import { configuredServer, type Options, serverIn, WatchedPorts } from './postgres/server';
import {
  type Connection,
  HandledQuery,
  isCopyStream,
  type Query,
  type Statement,
  templateText,
  textIn,
} from './postgres/statement';

/** A connection that the driver is making. */
interface Making {
  readonly options: Options;
  /** Where there are several hosts. */
  readonly ports: WatchedPorts | undefined;
}

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new SqlDatabase<Connection>(env, {
    dialect: 'postgresql',
    // Each connection is told its server when it is made.
    serverOf: () => describeServer({ system: 'postgresql' }),
    errorCode: sqlState,
  });
  /** By the handler of a pool: one of its connections. */
  const pools = createHiddenState<Connection>();

  const begin = env.guard((query: Query, values: unknown) => {
    const statement = HandledQuery.statementOf(query);
    if (statement?.connection === undefined) return;
    const { connection, context, wait } = statement;
    if (!connection.reserved) wait?.over(database.serverOf(connection));
    statement.call = runWith(
      context,
      () => new DatabaseCall(database, database.start(connection, textIn(query.string), values)),
    );
  });

  const settle = env.guard((query: Query, statement: Statement, failed: boolean, value: unknown) => {
    const { connection = pools.get(query.handler), context, since, call } = statement;
    call?.settle(failed, value);
    if (call !== undefined || !failed) return;
    const server = connection === undefined ? serverIn(value) : database.serverOf(connection);
    const values: unknown[] = [];
    const text = templateText(query, values);
    // Of a file that could not be read there is none.
    if (text !== '') runWith(context, () => database.lost(server, text, values, since, value));
  });

  /** Puts functions in the place of those that the query settles by. */
  function follow(query: Query, statement: Statement): void {
    const { resolve, reject } = query;
    query.resolve = (value) => {
      if (query.streaming !== true || !isCopyStream(value)) settle(query, statement, false, value);
      return resolve(value);
    };
    query.reject = (error) => {
      settle(query, statement, true, error);
      return reject(error);
    };
    statement.resolve = query.resolve;
  }

  const aroundHandle: Around<Query, never> = {
    before(query) {
      let statement = HandledQuery.statementOf(query);
      if (statement === undefined) {
        if (query.executed || !query.canceller) return undefined;
        const context = activeContext();
        const wait = ConnectionWait.begin(env, context, 'acquire connection');
        statement = { context, since: monotonic(), wait };
        new HandledQuery(query, statement);
      }
      if (statement.resolve !== query.resolve) follow(query, statement);
      return undefined;
    },
  };

  /** What the app serialises with runs in it, too. */
  const aroundExecute: Around<Connection, TraceContext> = {
    before(connection, [query]) {
      const statement = HandledQuery.statementOf(query as Query);
      if (statement !== undefined) statement.connection = connection;
      return statement?.context;
    },
    contextOf: (context) => context,
  };

  const aroundConnect: Around<Connection, true> = {
    before(connection, [query]) {
      const statement = HandledQuery.statementOf(query as Query);
      // Who reserves a connection waits for it without a query.
      if (statement !== undefined) {
        statement.connection = connection;
        pools.set((query as Query).handler, connection);
      }
      return true;
    },
    contextOf: () => ROOT_CONTEXT,
  };

  const aroundConnection: Around<unknown, Making> = {
    before(_self, args) {
      // One that only cancels the query of another has nothing but options.
      if (args.length < 2) return undefined;
      const options = args[0] as Options;
      const callbacks = { ...(args.at(-1) as object) };
      args[args.length - 1] = callbacks;
      database.abandonsTransactions(callbacks, 'onclose', (_callbacks, [connection]) => connection);
      const isOneOfSeveral = options.port.length > 1 && !options.path && !options.socket;
      const ports = isOneOfSeveral ? new WatchedPorts(options) : undefined;
      if (ports !== undefined) args[0] = ports.options;
      return { options, ports };
    },
    after({ options, ports }, result) {
      const connection = result as Connection;
      const tell = (index: number): void => database.setServer(connection, configuredServer(options, index));
      tell(0);
      ports?.taken();
      if (ports !== undefined) ports.onRead = tell;
      env.wrap(connection, 'execute', aroundExecute);
      env.wrap(connection, 'connect', aroundConnect);
      return undefined;
    },
  };

  return {
    patch: {
      connection(exports: object) {
        const isFunction = typeof exports === 'function';
        const made = { Connection: isFunction ? exports : (exports as { Connection: unknown }).Connection };
        env.wrap(made, 'Connection', aroundConnection);
        return isFunction ? made.Connection : Object.assign(exports, made);
      },
      query({ Query: { prototype } }: { Query: Class }) {
        env.wrap(prototype, 'handle', aroundHandle);
        database.bindCallbacks(prototype, 'cursor', 'forEach');
        Object.defineProperty(prototype, 'parameters', {
          configurable: true,
          get: () => undefined,
          set(this: Query, value: unknown) {
            const own = { value, configurable: true, enumerable: true, writable: true };
            Object.defineProperty(this, 'parameters', own);
            begin(this, value);
          },
        });
      },
    },
  };
}
