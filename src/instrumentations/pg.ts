/**
 * pg 8, its native client, pg-pool 3 and pg-cursor 2: one span per statement, from the call of query() until pg is
 * done with it.
 *
 * pg calls back from its socket's context, which belongs to whoever happened to open the connection. Callbacks and
 * listeners are therefore run in the context of the call they belong to.
 *
 * Compared with `@opentelemetry/instrumentation-pg` (test/contract/pg-official.test.ts): every attribute of its query spans is
 * on ours with the same value, except that `db.query.text` and the texts of errors come without literals. Its spans
 * `pg.connect` and `pg-pool.connect` have no counterpart: ours are statements, and the time until a connection is there is
 * the gap before them.
 */
import { sanitizeName } from '../redaction/sanitized';
import { ROOT_CONTEXT } from '../tracing/context';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import type { DatabaseServer } from './operations/database';
import { createHiddenState } from './operations/hidden-state';
import { watchPool } from './operations/pool-wait';
import { SqlDatabase } from './operations/sql';
import { sqlState } from './operations/sql-state';
import { CallbackHook } from './pg/callback-hook';
import { configuredServer, type PgClient, readStatement } from './pg/statement';
import { QueryCall, Submittables } from './pg/submittable';

/** Name of a prepared statement; called so by the official instrumentation. */
const PLAN = 'db.postgresql.plan';

interface QueueingClient extends PgClient {
  readonly _queryQueue?: readonly object[];
  /** Its name up to pg 8.16; a getter that prints a deprecation after that. */
  readonly queryQueue?: readonly object[];
}

interface PgPool {
  readonly _clients?: readonly PgClient[];
  readonly _idle?: readonly unknown[];
  readonly _pendingQueue?: readonly unknown[];
}

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new SqlDatabase<PgClient>(env, {
    dialect: 'postgresql',
    serverOf: configuredServer,
    errorCode: sqlState,
  });
  const callbackHook = new CallbackHook();
  const submittables = new Submittables(env);
  /** A pool knows its server from the clients it makes: its options may be a URL, or come from the environment. */
  const poolServers = createHiddenState<DatabaseServer>();

  function begin(client: PgClient, args: unknown[]): QueryCall | undefined {
    const statement = readStatement(client, args, env.config.dbParameters);
    if (statement === undefined) return undefined;
    const { submittable, text, values, name } = statement;
    if (submittable !== undefined && !submittables.watch(submittable)) return undefined;
    const call = new QueryCall(database, database.start(client, text, values));
    if (name !== '') call.started?.span.put(PLAN, sanitizeName(name));
    if (submittable !== undefined) submittables.add(submittable, call);
    return call;
  }

  /** Statements that pg forgets without a word to anyone. */
  function abandon(queries: readonly object[], why: string): void {
    for (const query of queries) {
      let call = callbackHook.callOf(query) ?? submittables.callOf(query);
      for (; call !== undefined; call = call.next) call.finish(new Error(why));
    }
  }

  function patchClient(prototype: object): void {
    env.wrap<PgClient, QueryCall>(prototype, 'query', {
      before(client, args) {
        const call = begin(client, args);
        if (call?.submittable === undefined) callbackHook.expect(call);
        return call;
      },
      done: () => callbackHook.expect(undefined),
      after(call) {
        if (call.submittable !== undefined || typeof call.queryCallback === 'function') return;
        // Nobody will tell of the end.
        call.finish();
        if (!call.isMade) throw new Error('pg made its Query in a way that is not known');
      },
      threw(call, error) {
        call.finish(error);
        submittables.remove(call);
      },
    });
    database.watchConnecting(prototype, 'connect');
    for (const method of ['_errorAllQueries', 'end']) database.abandonsTransactions(prototype, method);
    env.wrap<QueueingClient, undefined>(prototype, 'end', {
      before(client) {
        // Never connected: pg says that it has ended and leaves the queue as it is.
        if (client.connection !== undefined && !client.connection._connecting)
          abandon(queueOf(client), 'The client was closed before it was ever connected');
        return undefined;
      },
    });
    env.wrap<QueueingClient, undefined>(prototype, 'cancel', {
      before(client, args) {
        // The native client cancels its own queries, the other one those of another client.
        const [target, query] =
          args.length > 1 ? [args[0] as QueueingClient | undefined, args[1]] : [client, args[0]];
        if (queueOf(target).includes(query as object))
          abandon([query as object], 'The query was cancelled before it was sent');
        return undefined;
      },
    });
  }

  return {
    patch: {
      client(exports: Class & { Query: Class }) {
        callbackHook.patch(exports.Query.prototype);
        patchClient(exports.prototype);
      },
      pool({ prototype }: Class) {
        watchPool<PgPool>(env, database, prototype, {
          queries: ['query'],
          acquire: 'connect',
          read: (args) => readStatement(undefined, args, env.config.dbParameters),
          serverOf: (pool) => poolServers.get(pool),
          counts: ({ _clients = [], _idle = [], _pendingQueue = [] }) => ({
            size: _clients.length,
            idle: _idle.length,
            waiting: _pendingQueue.length,
          }),
        });
        env.wrap<PgPool, PgPool>(prototype, 'newClient', {
          before: (pool) => pool,
          // It may be called when somebody else gives a connection back.
          contextOf: () => ROOT_CONTEXT,
          after(pool) {
            const client = pool._clients?.at(-1);
            if (client !== undefined) poolServers.set(pool, configuredServer(client));
          },
        });
        database.abandonsTransactions(prototype, '_release', (_pool, [client]) => client);
      },
      cursor: ({ prototype }: Class) => database.bindCallbacks(prototype, 'read', 'close'),
    },
  };
}

function queueOf(client: QueueingClient | undefined): readonly object[] {
  return client?._queryQueue ?? client?.queryQueue ?? [];
}
