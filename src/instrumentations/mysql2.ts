/**
 * mysql2 3 (MySQL and MariaDB): one span per statement handed to a connection, from query() or execute() until it is
 * answered. An execute() that prepares first is one statement, and so is each execute() of a prepared one.
 *
 * - Not through the library's own channels (mysql2:query, mysql2:execute since 3.20): as soon as anyone subscribes,
 *   mysql2 adds an error listener to every query without a callback, and an error that would have ended the app is
 *   swallowed (lib/base/connection.js, "Event-emitter mode"). They also carry the text with the values put in. Only
 *   where mysql2 is part of a bundle they are better than nothing.
 * - A callback ends the span, and so do the events of a query without one. Neither comes where the connection is
 *   lost or closed under the statement, so each connection knows which of its statements are open.
 * - mysql2 calls back from its socket's context, which belongs to whoever happened to open the connection. Callbacks
 *   and listeners are therefore run in the context of the call; promises are made of callbacks and need nothing.
 * - Connecting and waiting for a pool make no span. Where pool.query() never got a connection, its statement has a
 *   span all the same: it is the only trace of the failure.
 * - `db.response.status_code` is the error number, as the conventions for MySQL and MariaDB say; not the SQLSTATE.
 */
import { activeContext, bindFunction, enter, leave } from '../tracing/context';
import type { Around, EmitWatcher, Instrumentation, InstrumentationEnv, LoadedFile } from './define';
import {
  type AnyFunction,
  type Command,
  commandOf,
  replaceCallback,
  textOf,
  valuesOf,
} from './mysql2/arguments';
import { createChannels, hasFiles } from './mysql2/bundled';
import type { Connection, Link, Statement } from './mysql2/link';
import { createPoolArounds } from './mysql2/pool';
import { Statements } from './mysql2/statements';
import { createStamp } from './operations/stamp';

interface PreparedStatement {
  readonly query: string;
  readonly _connection: Connection;
}

/** Further methods of a connection that call back. */
const CALLING_BACK = ['connect', 'ping', 'reset', 'end'];

export function create(env: InstrumentationEnv): Instrumentation {
  // Never both: a copy with files publishes on the channels, too.
  return hasFiles() ? { patch: createPatch(env) } : { channels: createChannels(env) };
}

function createPatch(env: InstrumentationEnv): NonNullable<Instrumentation['patch']> {
  const statements = new Statements(env);
  const pool = createPoolArounds(env, statements);
  const byCommand = createStamp<Statement>();
  const wrappedClasses = createStamp<true>();

  /** A connection that is closing takes nothing: a callback has been told, a query without one never will be. */
  function sent(statement: Statement, command: unknown, connection: Connection): void {
    if (connection.addCommand === connection._addCommandClosedState) statements.finishRefused(statement);
    else byCommand.set(command as Command, statement);
  }

  const aroundQuery: Around<Connection, Statement> = {
    before(connection, args) {
      const text = textOf(args);
      // Anything else makes mysql2 throw.
      if (text === undefined) return undefined;
      const command = commandOf(args);
      const statement = statements.begin(connection, text, valuesOf(args), args);
      if (typeof command?.onResult === 'function') {
        command.onResult = statements.settled(statement, command.onResult as AnyFunction);
      }
      return statement;
    },
    after: (statement, command, connection) => sent(statement, command, connection),
    threw: (statement, error) => statements.finish(statement, error),
  };

  const aroundPrepared: Around<PreparedStatement, Statement> = {
    before: (prepared, args) => statements.begin(prepared._connection, prepared.query, args[0], args),
    after: (statement, command, prepared) => sent(statement, command, prepared._connection),
    threw: (statement, error) => statements.finish(statement, error),
  };

  /** Runs where no wrapped method keeps our failures away from the app; `wrap` does it here too. */
  const guarded = { wrapPrepared: (_prepared: unknown): void => {} };
  env.wrap(guarded, 'wrapPrepared', { before: (_, [prepared]) => wrapPrepared(prepared) });

  /** The class of prepared statements is exported by no file: it is seen at the first one. */
  function wrapPrepared(prepared: unknown): undefined {
    if (typeof prepared !== 'object' || prepared === null) return;
    const owner = Object.getPrototypeOf(prepared) as object;
    if (wrappedClasses.get(owner)) return;
    wrappedClasses.set(owner, true);
    env.wrap(owner, 'execute', aroundPrepared);
  }

  const aroundPrepare: Around<Connection, never> = {
    before(_connection, args) {
      const context = activeContext();
      replaceCallback(args, (callback) => {
        return function prepareCallback(this: unknown, ...results: unknown[]): unknown {
          guarded.wrapPrepared(results[1]);
          const outer = enter(context);
          try {
            return Reflect.apply(callback, this, results);
          } finally {
            leave(outer);
          }
        };
      });
      return undefined;
    },
  };

  const commandWatcher: EmitWatcher<Command> = {
    contextOf(command, event, first) {
      const statement = byCommand.get(command);
      if (event === 'end' && statement !== undefined) statements.finish(statement, undefined);
      else if (event === 'error' && statement !== undefined) statements.finish(statement, first);
      return statement?.context;
    },
  };

  /** The connection is lost: mysql2 calls back, but emits nothing on commands without a callback. */
  const aroundLoss: Around<Connection, Link> = {
    before: (connection) => statements.linkOf(connection),
    after: (link, _result, _connection, args) => statements.finishAll(link, args[0]),
    threw: (link, _error, _connection, args) => statements.finishAll(link, args[0]),
  };

  /** The app closes the connection: answers may still come, but nobody is told if they do not. */
  const aroundClose: Around<Connection, never> = {
    before(connection) {
      const link = statements.linkOf(connection);
      if (link !== undefined && link.open.size > 0)
        connection.stream.once('close', () => statements.finishAll(link));
      return undefined;
    },
  };

  const inContext: Around<object, never> = {
    before(_self, args) {
      replaceCallback(args, (callback) => bindFunction(activeContext(), callback));
      return undefined;
    },
  };

  const aroundChangeUser: Around<Connection, never> = {
    before(connection, args) {
      const { database } = (args[0] ?? {}) as { database?: string };
      // What is called from here on is sent after it.
      statements.linkOf(connection)?.changeDatabase(database || connection.config.database);
      return inContext.before(connection, args);
    },
  };

  function patchConnection(prototype: object): void {
    wrapOwn(prototype, 'query', aroundQuery);
    wrapOwn(prototype, 'execute', aroundQuery);
    wrapOwn(prototype, 'prepare', aroundPrepare);
    wrapOwn(prototype, '_notifyError', aroundLoss);
    wrapOwn(prototype, 'close', aroundClose);
    wrapOwn(prototype, 'changeUser', aroundChangeUser);
    for (const method of CALLING_BACK) wrapOwn(prototype, method, inContext);
  }

  function patchPool(prototype: object): void {
    wrapOwn(prototype, 'query', pool.query);
    wrapOwn(prototype, 'execute', pool.query);
    wrapOwn(prototype, 'getConnection', pool.getConnection);
    wrapOwn(prototype, 'end', inContext);
  }

  /** In later versions the classes of lib/ inherit all of this from those of lib/base/. */
  function wrapOwn<This, State>(prototype: object, method: string, around: Around<This, State>): void {
    if (Object.hasOwn(prototype, method)) env.wrap(prototype, method, around);
  }

  return function patch(exports: unknown, { file }: LoadedFile): void {
    const { prototype } = exports as { prototype: object };
    if (file.endsWith('/command.js')) env.watchEmit(prototype as Command, commandWatcher);
    else if (file.endsWith('/pool.js')) patchPool(prototype);
    else patchConnection(prototype);
  };
}
