/**
 * mariadb 3 (MariaDB and MySQL): one span per command that runs a statement, from the moment the app's call adds it to its
 * connection until it is answered. Both APIs, pools, clusters, prepared statements and streams add commands
 * (lib/connection.js, `addCommand*`), and a command has the two functions that it is answered with (lib/cmd/command.js).
 *
 * - A batch by the bulk protocol is one command, with `db.operation.batch.size`. Where the driver cannot use that protocol it
 *   sends an EXECUTE for each set of values, and each has a span, as it is on the wire.
 * - PREPARE has none, unless it fails: then it is the only trace of the statement. `execute()` sends PREPARE and EXECUTE at
 *   once; there the EXECUTE gets the error of the PREPARE.
 * - What the driver says of itself while it connects, resets or kills a connection runs in a context of its own (`DRIVER`), in
 *   which commands are let through. ROLLBACK for a transaction that was open when its connection was released is a statement.
 * - Commands are answered from the socket; all that they call and emit runs in the context in which they were added.
 * - A statement of a cluster that got no connection has no span, only the wait for each of its pools has: a cluster does not tell
 *   its pools the statement (lib/filtered-cluster.js).
 * - `require('mariadb')` of 3.5.3 and later is a bundle that exports no class (dist/promise.cjs): see {@link prototypesOf}.
 */
import EventEmitter from 'node:events';
import { safeGet } from '../tracing/attributes';
import { monotonic } from '../tracing/clock';
import { activeContext, inContext, ROOT_CONTEXT, TraceContext } from '../tracing/context';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { Attached } from './operations/attached';
import { type AnyFunction, runsInside, runsOutsideOfContext } from './operations/callbacks';
import type { DatabaseCall } from './operations/database-call';
import { createHiddenState } from './operations/hidden-state';
import { type ConnectionConfig, configuredServer, MysqlDatabase } from './operations/mysql';
import { watchPool } from './operations/pool-wait';

interface Connection {
  readonly opts: ConnectionConfig;
  readonly socket?: unknown;
  readonly info?: {
    readonly serverVersion?: { readonly raw?: string; readonly mariaDb?: boolean } | null;
  } | null;
}

interface Command extends EventEmitter {
  readonly sql?: unknown;
  readonly initialValues?: unknown;
  resolve?: unknown;
  reject?: unknown;
  /** Of a stream. */
  readonly inStream?: object;
  /** Of a PREPARE: what is sent together with it. */
  readonly executeCommand?: Command;
  readonly bulkPacketNo?: number;
}

interface Pool {
  readonly opts: { readonly connOptions: ConnectionConfig };
  totalConnections(): number;
  idleConnections(): number;
  taskQueueSize(): number;
}

/** The same class as CommonJS exports it, and as a variable of an ES module. */
type ClassOr<Name extends string> = Class | Readonly<Record<Name, Class>>;

interface Bundle {
  createConnection(options: object): unknown;
  createPool(options: object): unknown;
}

/** Of what the driver does of itself. */
const DRIVER = new TraceContext(undefined, undefined, true, undefined);

/** A command of the app, with the context in which it was added and its call, if it runs a statement. */
class AddedCommand extends Attached {
  #context: TraceContext;
  #call: DatabaseCall | undefined;

  constructor(command: object, context: TraceContext, call: DatabaseCall | undefined) {
    super(command);
    this.#context = context;
    this.#call = call;
  }

  static contextOf(command: object): TraceContext | undefined {
    return #context in command ? (command as AddedCommand).#context : undefined;
  }

  static callOf(command: object): DatabaseCall | undefined {
    return #call in command ? (command as AddedCommand).#call : undefined;
  }
}

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new MysqlDatabase<Connection>(env, {
    configOf: ({ opts }) => opts,
    versionOf(connection) {
      const version = connection.info?.serverVersion;
      return version && (version.mariaDb ? 'mariadb' : (version.raw ?? ''));
    },
    socketOf: ({ socket }) => socket,
  });
  const watched = createHiddenState<true>();

  const aroundRows: Around<Command, TraceContext> = {
    before: (command) => AddedCommand.contextOf(command),
    contextOf: (context) => context,
  };

  /** The classes of commands are those of the first ones that are added. */
  function watchClassOf(command: Command): void {
    let prototype = Object.getPrototypeOf(command) as object;
    for (; !watched.get(prototype); prototype = Object.getPrototypeOf(prototype) as object) {
      watched.set(prototype, true);
      // Of the callback API, whose streams are made of a command that has been added.
      if (Object.hasOwn(prototype, '_stream'))
        env.wrap<Command, Command>(prototype, '_stream', {
          before: (self) => self,
          after: (self) => env.wrap(self, 'handleNewRows', aroundRows),
        });
      if (!Object.hasOwn(prototype, 'successEnd')) continue;
      env.watchEmit<Command>(prototype as Command, {
        contextOf: (self, event) =>
          self.listenerCount(event as string) > 0 ? AddedCommand.contextOf(self) : undefined,
      });
      break;
    }
  }

  function begin(connection: Connection, command: Command): DatabaseCall | undefined {
    const { sql, initialValues, bulkPacketNo } = command;
    if (typeof sql !== 'string' || isPrepare(command)) return undefined;
    const isBulk = bulkPacketNo !== undefined && Array.isArray(initialValues);
    return database.begin(connection, sql, initialValues, isBulk ? initialValues.length : undefined);
  }

  const refused = env.guard((connection: Connection, command: Command, since: number, error: unknown) => {
    const { sql, initialValues, executeCommand } = command;
    if (executeCommand !== undefined) AddedCommand.callOf(executeCommand)?.finish(error);
    else if (typeof sql === 'string') database.refused(connection, sql, initialValues, since, error);
  });

  function add(connection: Connection, command: Command): void {
    const context = activeContext();
    if (context === DRIVER || AddedCommand.contextOf(command) !== undefined) return;
    watchClassOf(command);
    const call = begin(connection, command);
    new AddedCommand(command, context, call);
    const since = isPrepare(command) ? monotonic() : undefined;
    const answer = (original: unknown, failed: boolean): unknown =>
      typeof original !== 'function'
        ? original
        : inContext(context, function commandAnswer(this: unknown, ...results: unknown[]): unknown {
            call?.settle(failed, results[0]);
            if (failed && since !== undefined) refused(connection, command, since, results[0]);
            return Reflect.apply(original as AnyFunction, this, results);
          });
    command.resolve = answer(command.resolve, false);
    command.reject = answer(command.reject, true);
    if (command.inStream !== undefined) env.wrap(command, 'handleNewRows', aroundRows);
  }

  function patchConnection(prototype: object): void {
    for (const method of ['Queue', 'Enable', 'EnablePipeline', 'Disabled'])
      env.wrap<Connection, never>(prototype, `addCommand${method}`, {
        before(connection, [command]) {
          add(connection, command as Command);
          return undefined;
        },
      });
    database.watchConnecting(prototype, 'connect', DRIVER);
    // After a connection was reset or its user changed; `destroy` asks the server to kill what it is at.
    const own = ['handleCharset', 'handleTimezone', 'checkServerTimezone', 'executeInitQuery'];
    runsInside(env, prototype, DRIVER, ...own, 'executeSessionTimeout', 'destroy');
    env.wrap<Connection, Connection>(prototype, 'fatalError', {
      before: (connection) => connection,
      after: (connection, _result, _self, [error]) => database.connectionLost(connection, error),
    });
    for (const method of ['end', 'destroy', 'fatalError', 'reset'])
      database.abandonsTransactions(prototype, method);
    env.wrap<Connection, never>(prototype, 'changeUser', {
      before(connection, [parameters]) {
        const name = safeGet(safeGet(parameters, 'opts'), 'database');
        if (typeof name === 'string') database.changeDatabase(connection, name);
        return undefined;
      },
    });
    // On a connection that is closed, no command is made.
    env.wrap<Connection, { isCalled: boolean }>(prototype, 'changeTransaction', {
      before(connection, args) {
        const state = { isCalled: true };
        const [parameters, , reject] = args;
        const since = monotonic();
        if (typeof reject === 'function')
          args[2] = (error: unknown) => {
            if (state.isCalled) refused(connection, parameters as Command, since, error);
            return (reject as AnyFunction)(error);
          };
        return state;
      },
      done(state) {
        state.isCalled = false;
      },
    });
    env.watchEmit<EventEmitter>(prototype as EventEmitter, {
      contextOf: () => (activeContext() === DRIVER ? ROOT_CONTEXT : undefined),
    });
  }

  function patchPool(prototype: object): void {
    watchPool<Pool>(env, database, prototype, {
      queries: [],
      acquire: 'getConnection',
      // Whoever asks for a connection says for which statement, if any.
      read([parameters]) {
        const text = safeGet(parameters, 'sql');
        return typeof text === 'string' ? { text, values: safeGet(parameters, 'values') } : undefined;
      },
      serverOf: ({ opts }) => configuredServer(opts.connOptions),
      counts: (pool) => ({
        size: pool.totalConnections(),
        idle: pool.idleConnections(),
        waiting: pool.taskQueueSize(),
      }),
    });
    runsOutsideOfContext(env, prototype, '_createPoolConnection', '_doCreateConnection');
    database.abandonsTransactions(prototype, 'release', (_pool, [connection]) => connection);
  }

  return {
    patch: {
      connection: (exports: ClassOr<'Connection'>) => patchConnection(classOf(exports, 'Connection')),
      pool: (exports: ClassOr<'Pool'>) => patchPool(classOf(exports, 'Pool')),
      bundle(exports: Bundle) {
        const [connection] = prototypesOf('addCommandQueue', () =>
          exports.createConnection({ stream: () => undefined, connectTimeout: 0 }),
        );
        const [pool] = prototypesOf('_createPoolConnection', () => exports.createPool({ minimumIdle: 0 }));
        if (connection === undefined || pool === undefined) throw new Error('mariadb has other classes');
        patchConnection(connection);
        patchPool(pool);
      },
    },
  };
}

function classOf<Name extends string>(exports: ClassOr<Name>, name: Name): object {
  return (name in exports ? (exports as Readonly<Record<Name, Class>>)[name] : (exports as Class)).prototype;
}

/**
 * The classes that a build does not export, found by an object of each: they are emitters, and listen to themselves when they
 * are made. This connection has a function that gives it no socket, and the pool wants no idle connections, so nothing is
 * opened, and nothing of them is left.
 * @param method a method of the class
 */
function prototypesOf(method: string, make: () => unknown): object[] {
  const { prototype } = EventEmitter;
  const { on } = prototype;
  const found: object[] = [];
  prototype.on = function (this: EventEmitter, ...args: Parameters<typeof on>) {
    const own = Object.getPrototypeOf(this) as object;
    if (method in own) found.push(own);
    return Reflect.apply(on, this, args) as typeof this;
  };
  try {
    make();
  } finally {
    prototype.on = on;
  }
  return found;
}

/** By a method, since the classes of the bundle have other names. */
function isPrepare(command: object): boolean {
  return 'readPrepareResultPacket' in command;
}
