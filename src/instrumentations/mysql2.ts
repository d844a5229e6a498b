/**
 * mysql2 3 (MySQL and MariaDB): one span per statement handed to a connection, from query() or execute() until it is
 * answered. An execute() that prepares first is one statement, and so is each execute() of a prepared one.
 *
 * - The library's own channels (mysql2:query, mysql2:execute since 3.20) are not used: as soon as anyone subscribes,
 *   mysql2 adds an error listener to every query without a callback, and an error that would have ended the app is
 *   swallowed (lib/base/connection.js, "Event-emitter mode"). They also carry the text with the values put in. Only
 *   where mysql2 is part of a bundle they are better than nothing.
 * - A callback ends the span, and so do the events of a query without one. Neither comes where the connection is
 *   lost or closed under the statement, so each connection knows which of its statements are open.
 * - mysql2 calls back from its socket's context, which belongs to whoever happened to open the connection. Callbacks
 *   and listeners are therefore run in the context of the call. Promises are made of callbacks and need nothing.
 * - `db.response.status_code` is the error number, as the conventions for MySQL and MariaDB say; not the SQLSTATE.
 */
import { safeGet } from '../tracing/attributes';
import { activeContext } from '../tracing/context';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { createChannels } from './mysql2/bundled';
import { Attached } from './operations/attached';
import { type AnyFunction, bindCallback, replaceCallback, seenCallback } from './operations/callbacks';
import type { DatabaseCall } from './operations/database-call';
import { CLOSED, type ConnectionConfig, MysqlDatabase, textOf, valuesOf } from './operations/mysql';

interface Connection {
  readonly config: ConnectionConfig;
  readonly stream: { once(event: 'close', listener: () => void): unknown };
  /** Set once the server has greeted. */
  readonly _handshakePacket?: { readonly serverVersion?: string } | null;
  readonly addCommand: unknown;
  /** Takes the place of `addCommand` when the connection takes no more. */
  readonly _addCommandClosedState: unknown;
}

/** What mysql2 makes of a statement. */
interface Command {
  onResult?: unknown;
}

interface PreparedStatement {
  readonly query: string;
  readonly _connection: Connection;
}

interface PoolCluster {
  of(pattern: string): object;
}

/** A class of prepared statements that is watched. */
class WatchedClass extends Attached {
  #isWatched = true;

  static has(owner: object): boolean {
    return #isWatched in owner;
  }
}

export function create(env: InstrumentationEnv): Instrumentation {
  // Never both: a copy with files publishes on the channels, too.
  return env.hasFiles ? { patch: createPatch(env) } : { channels: createChannels(env) };
}

function createPatch(env: InstrumentationEnv): NonNullable<Instrumentation['patch']> {
  const database = new MysqlDatabase<Connection>(env, {
    configOf: ({ config }) => config,
    versionOf: ({ _handshakePacket: greeting }) => greeting && (greeting.serverVersion ?? ''),
    socketOf: ({ stream }) => stream,
  });

  function begin(connection: Connection, args: unknown[]): DatabaseCall | undefined {
    const text = textOf(args);
    // Anything else makes mysql2 throw.
    if (text === undefined) return undefined;
    const command = commandOf(args);
    const onResult = command?.onResult;
    const call = database.begin(connection, text, valuesOf(args));
    if (command !== undefined && isFunction(onResult)) command.onResult = call.callback(onResult);
    else refuseUntold(call, connection, args);
    return call;
  }

  /** A connection that is closing takes nothing: a callback is told so, a query without one never is. */
  function refuseUntold(call: DatabaseCall, connection: Connection, args: unknown[]): void {
    const isClosing = connection.addCommand === connection._addCommandClosedState;
    if (isClosing && !args.some(isFunction)) call.finish(CLOSED);
  }

  /** The class of prepared statements is exported by no file: it is seen at the first one. */
  const watchPrepared = env.guard((prepared: unknown) => {
    if (typeof prepared !== 'object' || prepared === null) return;
    const owner = Object.getPrototypeOf(prepared) as object;
    if (WatchedClass.has(owner)) return;
    new WatchedClass(owner);
    database.watchCalls<PreparedStatement>(owner, 'execute', 'emitter', ({ _connection, query }, args) => {
      const call = database.begin(_connection, query, args[0]);
      refuseUntold(call, _connection, args);
      return call;
    });
  });

  const aroundPrepare: Around<Connection, never> = {
    before(_connection, args) {
      const context = activeContext();
      replaceCallback(args, (callback) =>
        seenCallback(context, (_error, prepared) => watchPrepared(prepared), callback),
      );
      return undefined;
    },
  };

  /** The connection is lost: mysql2 calls back, but emits nothing on commands without a callback. */
  const aroundLoss: Around<Connection, Connection> = {
    before: (connection) => connection,
    after: (connection, _result, _self, [error]) => database.connectionLost(connection, error),
    threw: (connection, _error, _self, [error]) => database.connectionLost(connection, error),
  };

  /** The app closes the connection: answers may still come, but nobody is told if they do not. */
  const aroundClose: Around<Connection, never> = {
    before(connection) {
      if (database.hasOpen(connection))
        connection.stream.once('close', () => database.connectionLost(connection, undefined));
      return undefined;
    },
  };

  const aroundChangeUser: Around<Connection, never> = {
    before(connection, args) {
      const { database: name } = (args[0] ?? {}) as { database?: string };
      // What is called from here on is sent after it.
      database.changeDatabase(connection, name || connection.config.database);
      return bindCallback(args);
    },
  };

  return {
    // In later versions the classes of lib/ inherit all of this from those of lib/base/.
    connection({ prototype }: Class) {
      const own = (method: string): object | undefined =>
        Object.hasOwn(prototype, method) ? prototype : undefined;
      for (const method of ['query', 'execute'])
        database.watchCalls<Connection>(own(method), method, 'emitter', begin);
      env.wrap(own('prepare'), 'prepare', aroundPrepare);
      env.wrap(own('_notifyError'), '_notifyError', aroundLoss);
      env.wrap(own('close'), 'close', aroundClose);
      env.wrap(own('changeUser'), 'changeUser', aroundChangeUser);
      for (const method of ['_notifyError', 'close']) database.abandonsTransactions(own(method), method);
      for (const method of ['connect', 'ping', 'reset', 'end']) database.bindCallbacks(own(method), method);
    },
    pool({ prototype }: Class) {
      database.watchPools(prototype, ['query', 'execute']);
      if (Object.hasOwn(prototype, 'end')) database.bindCallbacks(prototype, 'end');
      if (Object.hasOwn(prototype, 'releaseConnection'))
        database.abandonsTransactions(prototype, 'releaseConnection', (_pool, [connection]) => connection);
    },
    cluster(Cluster: new () => PoolCluster) {
      // No file exports the class.
      database.watchPools(Object.getPrototypeOf(new Cluster().of('*')) as object, ['query', 'execute']);
      database.bindCallbacks((Cluster as unknown as Class).prototype, 'end');
    },
    command: ({ prototype }: { prototype: Command }) => database.watchEmitter(prototype),
  };
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}

/** Pools hand a finished command to the connection. */
function commandOf([first]: readonly unknown[]): Command | undefined {
  return typeof first === 'object' && typeof safeGet(first, 'start') === 'function'
    ? (first as Command)
    : undefined;
}
