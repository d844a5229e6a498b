/**
 * node:sqlite, which is in Node since 22.5: one span per statement, around the call that runs it. All of it is synchronous
 * but `backup()`.
 *
 * - It is patched when the app loads it, and never loaded here: that prints a warning on Node 22 (lib/sqlite.js).
 * - `prepare()` finds most mistakes in a statement, so one that it refuses has a span, too. A statement that is iterated over
 *   ends when its rows have been read, or its iterator is left.
 * - A tag store (since 24.9) prepares its statements by itself, out of sight. Its class is exported by nobody, and is seen at
 *   the first store.
 * - Errors have SQLite's number (`errcode`); `db.response.status_code` is its name, as other drivers tell it.
 */
import { types } from 'node:util';
import { safeGet } from '../tracing/attributes';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { Attached } from './operations/attached';
import type { DatabaseCall } from './operations/database-call';
import { describeFile, SqliteDatabase } from './operations/sqlite';

interface DatabaseSync {
  /** Since 22.15. */
  readonly isOpen?: boolean;
  /** Since 22.16; null for a database in memory. Throws where the database is not open. */
  readonly location?: () => string | null;
}

interface Exports {
  readonly DatabaseSync: Class;
  readonly StatementSync: Class;
}

const { isPrototypeOf: isAbove } = Object.prototype;

/** A tag store with its database. */
class TagStore extends Attached {
  readonly #database: DatabaseSync;

  constructor(store: object, database: DatabaseSync) {
    super(store);
    this.#database = database;
  }

  static databaseOf(store: object): DatabaseSync | undefined {
    return #database in store ? (store as TagStore).#database : undefined;
  }
}

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new SqliteDatabase<DatabaseSync>(env, describe);
  let tagStores: object | undefined;

  function beginTagged(store: object, [strings, ...values]: unknown[]): DatabaseCall | undefined {
    const connection = TagStore.databaseOf(store);
    if (connection === undefined || types.isProxy(strings) || !Array.isArray(strings)) return undefined;
    // As the store joins them.
    return database.begin(connection, strings.join('?'), values);
  }

  function watchTagStores(prototype: object): void {
    if (tagStores === prototype) return;
    tagStores = prototype;
    for (const method of ['run', 'get', 'all']) database.watchCalls(prototype, method, 'return', beginTagged);
    database.watchCalls(prototype, 'iterate', 'iteration', beginTagged);
  }

  return {
    patch: {
      sqlite(exports: Exports) {
        const { prototype } = exports.DatabaseSync;
        database.watchPreparing(prototype, 'prepare');
        database.watchStatements(exports.StatementSync.prototype);
        database.watchCalls<DatabaseSync>(prototype, 'exec', 'return', (connection, [text]) =>
          database.begin(connection, text),
        );
        env.wrap<DatabaseSync, DatabaseSync>(prototype, 'createTagStore', {
          before: (connection) => connection,
          after(connection, store) {
            new TagStore(store as object, connection);
            watchTagStores(Object.getPrototypeOf(store) as object);
          },
        });
        env.wrap<DatabaseSync, DatabaseSync>(prototype, 'open', {
          before: (connection) => connection,
          after: (connection) => database.setServer(connection, describe(connection)),
        });
        database.abandonsTransactions(prototype, 'close');
        database.watchCalls<object>(exports, 'backup', 'promise', (_exports, [connection]) =>
          !types.isProxy(connection) && isAbove.call(prototype, connection as object)
            ? database.begin(connection as DatabaseSync, 'BACKUP')
            : undefined,
        );
      },
    },
  };
}

function describe(connection: DatabaseSync): ReturnType<typeof describeFile> {
  // Whether there is a place is known only while it is open.
  if (safeGet(connection, 'isOpen') !== true || typeof connection.location !== 'function')
    return describeFile('');
  return describeFile(connection.location() ?? ':memory:');
}
