/**
 * sqlite3 5.1 to 6: one span per statement, from the call until it is answered. Statements run in Node's thread pool, and are
 * queued before: for the database to open, for one another in `serialize()`.
 *
 * - It calls back from the work of whoever scheduled the queue (src/macros.h), so callbacks run in the context of their call.
 * - A method of a database makes a statement, runs it and finalizes it (lib/sqlite3.js). Where the app gave no callback, and
 *   for the rows of `each()`, the end of `finalize()` tells that all is over; an error is emitted by the statement, or by the
 *   database if that is closed.
 * - Prepared statements and `exec()`, get a callback where the app gave none. It emits the error as the driver would, and takes
 *   away `lastID` and `changes`, which the driver sets for a callback (src/statement.cc).
 * - Most mistakes are found when a statement is prepared, and what has been queued on it is then forgotten without a word
 *   (`Statement::CleanQueue`): the error ends all of it. With nothing queued, the error has a span of its own.
 * - `serialize()` and `parallelize()` call back at once. Whoever never opens its database waits for ever: no span ends there.
 */
import type { EventEmitter } from 'node:events';
import { safeGet } from '../tracing/attributes';
import { monotonic } from '../tracing/clock';
import { activeContext, enter, leave, type TraceContext } from '../tracing/context';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { Attached } from './operations/attached';
import { type AnyFunction, bindCallback, seenCallback } from './operations/callbacks';
import type { DatabaseCall } from './operations/database-call';
import { describeFile, SqliteDatabase } from './operations/sqlite';

interface Statement extends EventEmitter {
  readonly sql: string;
  lastID?: number;
  changes?: number;
}

interface Exports {
  readonly Database: Class;
  readonly Statement: Class;
  readonly Backup?: Class;
}

/** What is known of a statement: prepared by the app, or made by a method of a database for one call. */
interface Use {
  readonly database: EventEmitter;
  readonly text: string;
  /** Of the call that made it. */
  readonly context: TraceContext;
  /** Milliseconds on the monotonic clock. */
  readonly since: number;
  /** Calls that are lost if it cannot be prepared. undefined: it has been. */
  waiting: DatabaseCall[] | undefined;
  /** The app may read what the driver sets for a callback. */
  showsChanges: boolean;
}

class UsedStatement extends Attached {
  readonly #use: Use;

  constructor(statement: object, use: Use) {
    super(statement);
    this.#use = use;
  }

  static useOf(statement: object): Use | undefined {
    return #use in statement ? (statement as UsedStatement).#use : undefined;
  }
}

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new SqliteDatabase<EventEmitter>(env, (connection) =>
    describeFile(safeGet(connection, 'filename')),
  );
  /** What a method of a database is making now. `last`: the call that ends with the statement. */
  let making: { readonly use: Use; readonly last: DatabaseCall | undefined } | undefined;
  let isEmitting = false;

  function useOf(connection: EventEmitter, text: unknown): Use | undefined {
    return typeof text === 'string'
      ? {
          database: connection,
          text,
          context: activeContext(),
          since: monotonic(),
          waiting: [],
          showsChanges: false,
        }
      : undefined;
  }

  /** The statement cannot be prepared, or bound, or has failed without a callback. */
  const failed = env.guard((use: Use, error: unknown) => {
    const { database: connection, text, context, since, waiting } = use;
    for (const call of waiting ?? []) call.finish(error);
    if (waiting?.length !== 0) return;
    const outer = enter(context);
    try {
      database.lost(database.serverOf(connection), text, undefined, since, error);
    } finally {
      leave(outer);
    }
  });

  /** As the driver does where there is no callback. */
  function emitError(emitter: EventEmitter, context: TraceContext, error: unknown): void {
    const outer = enter(context);
    isEmitting = true;
    try {
      emitter.emit('error', error);
    } finally {
      isEmitting = false;
      leave(outer);
    }
  }

  const aroundDatabase = (isEach: boolean): Around<EventEmitter, DatabaseCall> => ({
    before(connection, args) {
      const use = useOf(connection, args[0]);
      const call = database.begin(connection, use?.text, args.slice(1));
      if (use === undefined || call === undefined) return undefined;
      const callbacks = trailing(args, isEach ? 2 : 1);
      for (const [index, callback] of callbacks)
        args[index] = isEach ? seenCallback(call.context, failedOf(call), callback) : call.callback(callback);
      use.waiting = [call];
      making = { use, last: isEach || callbacks.length === 0 ? call : undefined };
      return call;
    },
    done() {
      making = undefined;
    },
    threw: (call, error) => call.finish(error),
  });

  const aroundPrepare: Around<EventEmitter, Use> = {
    before(connection, args) {
      const use = useOf(connection, args[0]);
      if (use === undefined) return undefined;
      for (const [index, callback] of trailing(args, 1))
        args[index] = seenCallback(
          activeContext(),
          (error) => {
            if (error) failed(use, error);
          },
          callback,
        );
      making = { use, last: undefined };
      return use;
    },
    done() {
      making = undefined;
    },
    after(use, statement) {
      new UsedStatement(statement as object, use);
    },
  };

  const aroundStatement = (method: string): Around<Statement, DatabaseCall> => ({
    before(statement, args) {
      if (making !== undefined) {
        new UsedStatement(statement, making.use);
        return undefined;
      }
      const use = UsedStatement.useOf(statement);
      const call = use && database.begin(use.database, use.text, args);
      if (use === undefined || call === undefined) return undefined;
      use.waiting?.push(call);
      const callbacks = trailing(args, method === 'each' ? 2 : 1);
      const [first = [args.length, undefined], second = [first[0] + 1, undefined]] = callbacks;
      if (method === 'each') {
        args[first[0]] = answered(use, call, first[1], false);
        args[second[0]] = answered(use, call, second[1] ?? ignore, true);
        return call;
      }
      use.showsChanges ||= method === 'run' && first[1] !== undefined;
      args[first[0]] = answered(use, call, first[1], true);
      return call;
    },
    threw: (call, error) => call.finish(error),
  });

  /** @param ends whether the call has been answered with it, and not only a row of it */
  function answered(
    use: Use,
    call: DatabaseCall,
    callback: AnyFunction | undefined,
    ends: boolean,
  ): AnyFunction {
    const see = (error: unknown): void => {
      use.waiting = undefined;
      if (ends || error) call.finish(error);
    };
    if (callback !== undefined) return seenCallback(call.context, see, callback);
    return function statementCallback(this: unknown, error: unknown): void {
      see(error);
      if (!use.showsChanges) hideChanges(this as Statement);
      if (error) emitError(this as Statement, call.context, error);
    };
  }

  return {
    patch: {
      sqlite3({ Database: { prototype }, Statement: statements, Backup }: Exports) {
        for (const method of ['run', 'get', 'all', 'map']) env.wrap(prototype, method, aroundDatabase(false));
        env.wrap(prototype, 'each', aroundDatabase(true));
        env.wrap(prototype, 'prepare', aroundPrepare);
        env.wrap<EventEmitter, DatabaseCall>(prototype, 'exec', {
          before(connection, args) {
            const call = database.begin(connection, args[0]);
            if (call === undefined) return undefined;
            const callback = args[1];
            if (typeof callback === 'function') args[1] = call.callback(callback as AnyFunction);
            else if (callback === undefined)
              args[1] = (error: unknown) => {
                call.finish(error);
                if (error) emitError(connection, call.context, error);
              };
            return call;
          },
          threw: (call, error) => call.finish(error),
        });
        database.bindCallbacks(prototype, 'close', 'wait', 'loadExtension');
        database.abandonsTransactions(prototype, 'close');
        env.watchEmit(prototype as EventEmitter, {
          contextOf(_connection, event, error) {
            if (event === 'error' && making !== undefined) failed(making.use, error);
            return undefined;
          },
        });
        for (const method of ['run', 'get', 'all', 'each'])
          env.wrap(statements.prototype, method, aroundStatement(method));
        for (const method of ['bind', 'reset', 'finalize']) {
          env.wrap<Statement, never>(statements.prototype, method, {
            before(_statement, args) {
              const last = making?.last;
              if (making === undefined) bindCallback(args);
              else if (method === 'finalize' && last !== undefined) args[0] = () => last.finish();
              return undefined;
            },
          });
        }
        env.watchEmit(statements.prototype as EventEmitter, {
          contextOf(statement, event, error) {
            const use = event === 'error' && !isEmitting ? UsedStatement.useOf(statement) : undefined;
            if (use === undefined) return undefined;
            failed(use, error);
            return use.context;
          },
        });
        if (Backup !== undefined) database.bindCallbacks(Backup.prototype, 'step', 'finish');
      },
    },
  };
}

/** A row is no end. */
function failedOf(call: DatabaseCall): (error: unknown) => void {
  return (error) => {
    if (error) call.finish(error);
  };
}

/** The functions at the end of the arguments, at most so many, with their places. */
function trailing(args: readonly unknown[], most: number): [index: number, callback: AnyFunction][] {
  const found: [number, AnyFunction][] = [];
  for (let index = args.length - 1; index >= 0 && found.length < most; index--) {
    const callback = args[index];
    if (typeof callback !== 'function') break;
    found.unshift([index, callback as AnyFunction]);
  }
  return found;
}

function ignore(): void {}

function hideChanges(statement: Statement): void {
  delete statement.lastID;
  delete statement.changes;
}
