/**
 * mysql 2 (MySQL and MariaDB): one span per statement handed to a connection, from query() until it is answered. Everything
 * that sends one comes by there: pools, clusters and the methods for transactions (lib/Connection.js).
 *
 * - A statement is an emitter, whether it has a callback or not (lib/protocol/sequences/Query.js). It emits `error` before it
 *   calls back, and `end` after that. A pool makes it before it has a connection for it. One that ends without ever having been
 *   handed to a connection has a span with the error.
 * - Listeners run from the socket, or from whatever statement was before it in the queue (lib/protocol/Protocol.js, `_dequeue`).
 *   They are therefore run in the context of the call.
 * - If the connection is lost and nobody listens, or the app destroys it, mysql forgets its statements
 *   (`Protocol._delegateError`, `Connection.destroy`), so each connection knows which of them are open.
 */
import { safeGet } from '../tracing/attributes';
import { monotonic } from '../tracing/clock';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { type AnyFunction, bindCallback } from './operations/callbacks';
import { DatabaseCall } from './operations/database-call';
import {
  type ConnectionConfig,
  MysqlDatabase,
  type MysqlPool,
  pooledServer,
  textOf,
  valuesOf,
} from './operations/mysql';

interface Connection {
  readonly config: ConnectionConfig;
  readonly _socket?: unknown;
  readonly _protocol: {
    readonly _handshakeInitializationPacket?: { readonly serverVersion?: string } | null;
  };
}

/** A statement of a pool that has no connection yet. */
class PooledStatement extends DatabaseCall {
  private readonly since = monotonic();

  constructor(
    private readonly mysql: MysqlDatabase<Connection>,
    private readonly pool: MysqlPool,
    private readonly text: string,
    private readonly values: unknown,
  ) {
    super(mysql, undefined);
  }

  override settle(failed: boolean, value: unknown): void {
    if (failed && !this.isDone)
      this.mysql.lost(pooledServer(this.pool), this.text, this.values, this.since, value);
    this.isDone = true;
  }
}

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new MysqlDatabase<Connection>(env, {
    configOf: ({ config }) => config,
    versionOf: ({ _protocol: { _handshakeInitializationPacket: greeting } }) =>
      greeting && (greeting.serverVersion ?? ''),
    socketOf: ({ _socket }) => _socket,
  });

  function begin(connection: Connection, args: unknown[]): DatabaseCall | undefined {
    const text = textOf(args);
    if (text === undefined) return undefined;
    const call = database.begin(connection, text, valuesOf(args));
    const [query] = args;
    if (isQuery(query) && query._callback !== undefined) query._callback = call.callback(query._callback);
    return call;
  }

  function watchPools(prototype: object): void {
    database.watchPools(prototype, ['query'], () => undefined);
    database.watchCalls<MysqlPool>(prototype, 'query', 'emitter', (pool, args) => {
      const text = textOf(args);
      return text === undefined ? undefined : new PooledStatement(database, pool, text, valuesOf(args));
    });
  }

  return {
    patch: {
      connection({ prototype }: Class) {
        database.watchCalls<Connection>(prototype, 'query', 'emitter', begin);
        database.watchConnecting(prototype, 'connect');
        for (const method of ['_handleProtocolEnd', 'destroy']) {
          database.abandonsTransactions(prototype, method);
          env.wrap<Connection, Connection>(prototype, method, {
            before: (connection) => connection,
            after: (connection, _result, _self, [error]) => database.connectionLost(connection, error),
          });
        }
        database.abandonsTransactions(prototype, 'end');
        env.wrap<Connection, never>(prototype, 'changeUser', {
          before(connection, args) {
            // What is called from here on is sent after it.
            const name = safeGet(args[0], 'database') ?? connection.config.database;
            if (typeof name === 'string') database.changeDatabase(connection, name);
            return bindCallback(args);
          },
        });
        database.bindCallbacks(prototype, 'ping', 'statistics', 'end');
      },
      pool({ prototype }: Class) {
        watchPools(prototype);
        database.bindCallbacks(prototype, 'end');
        database.abandonsTransactions(prototype, 'releaseConnection', (_pool, [connection]) => connection);
      },
      namespace: ({ prototype }: Class) => watchPools(prototype),
      cluster: ({ prototype }: Class) => database.bindCallbacks(prototype, 'end'),
      sequence: ({ prototype }: Class) => database.watchEmitter(prototype),
    },
  };
}

/** A statement that a pool or the app has made, and hands to a connection. */
function isQuery(first: unknown): first is { _callback?: AnyFunction | undefined } {
  return typeof first === 'object' && typeof safeGet(first, 'start') === 'function';
}
