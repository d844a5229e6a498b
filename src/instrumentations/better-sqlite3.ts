/**
 * better-sqlite3 9 to 13: one span per statement, around the call that runs it. All of it is synchronous but `backup()`.
 *
 * - A database of the app's has the addon's behind a symbol, and prepares its statements there: those of the app, of
 *   `pragma()` and `explain()`, and BEGIN, COMMIT and the like of `transaction()` (lib/methods/). The addon's class and that
 *   of its statements are exported by nobody, and are seen at the first call. The text of a statement is remembered when it
 *   is prepared; a statement that cannot be prepared has a span with the error.
 * - A statement that is iterated over ends when its rows have been read, or its iterator is left.
 * - `exec()` and `backup()` are watched at the app's own database. Other methods send nothing.
 */
import { types } from 'node:util';
import { safeGet } from '../tracing/attributes';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { Attached } from './operations/attached';
import { describeFile, SqliteDatabase } from './operations/sqlite';

/** Its methods that prepare statements. */
const PREPARING = ['prepare', 'pragma', 'explain', 'transaction'];

/** A class of the addon's that is watched. */
class WatchedClass extends Attached {
  readonly #isWatched = true;

  /** Whether this is the first time that the class of the object is seen. */
  static isNew(object: object): boolean {
    const owner = Object.getPrototypeOf(object) as object;
    if (#isWatched in owner) return false;
    new WatchedClass(owner);
    return true;
  }
}

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new SqliteDatabase<object>(env, (connection) => describeFile(safeGet(connection, 'name')));

  function watchStatement(statement: object): void {
    if (WatchedClass.isNew(statement)) database.watchStatements(Object.getPrototypeOf(statement) as object);
  }

  /** The addon's database gets the app's as its second argument. */
  function watchAddon(connection: object): void {
    if (types.isProxy(connection)) return;
    for (const symbol of Object.getOwnPropertySymbols(connection)) {
      const addon: unknown = Object.getOwnPropertyDescriptor(connection, symbol)?.value;
      if (typeof addon !== 'object' || addon === null || !('prepare' in addon) || !WatchedClass.isNew(addon))
        continue;
      const prototype = Object.getPrototypeOf(addon) as object;
      database.watchPreparing(prototype, 'prepare', watchStatement, (_addon, [, app]) => app);
    }
  }

  return {
    patch: {
      database({ prototype }: Class) {
        for (const method of PREPARING) {
          env.wrap<object, never>(prototype, method, {
            before(connection) {
              watchAddon(connection);
              return undefined;
            },
          });
        }
        database.watchCalls<object>(prototype, 'exec', 'return', (connection, [text]) =>
          database.begin(connection, text),
        );
        database.watchCalls<object>(prototype, 'backup', 'promise', (connection) =>
          database.begin(connection, 'BACKUP'),
        );
        database.abandonsTransactions(prototype, 'close');
      },
    },
  };
}
