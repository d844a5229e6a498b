/** What drivers of SQLite share: a database is a file, and a prepared statement knows its database. */
import { safeGet } from '../../tracing/attributes';
import { monotonic } from '../../tracing/clock';
import type { InstrumentationEnv } from '../define';
import { Attached } from './attached';
import { type DatabaseServer, describeServer } from './database';
import { DatabaseCall } from './database-call';
import { SqlDatabase } from './sql';

/**
 * There is no server. The namespace is the name of the file without its folders, which often have the user's name in them:
 * `app.db`, `:memory:`. Parameters of a `file:` URL may be keys, and are left out.
 * @param filename as the driver has it; what is no text, or empty, says nothing
 */
export function describeFile(filename: unknown): DatabaseServer {
  if (typeof filename !== 'string') return describeServer({ system: 'sqlite' });
  const [withoutQuery = ''] = filename.split('?', 1);
  const [path = ''] = withoutQuery.split('#', 1);
  const place = path.startsWith('file:') ? path.slice('file:'.length) : path;
  const name = place.slice(Math.max(place.lastIndexOf('/'), place.lastIndexOf('\\')) + 1);
  return describeServer({ system: 'sqlite', database: name || undefined });
}

/** Names of result codes by their numbers (https://www.sqlite.org/rescode.html), for drivers that tell only these. */
const PRIMARY_CODES = (
  'ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL EMPTY ' +
  'SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB'
).split(' ');
/** Of CONSTRAINT, which is the 19th. */
const CONSTRAINTS =
  'CHECK COMMITHOOK FOREIGNKEY FUNCTION NOTNULL PRIMARYKEY TRIGGER UNIQUE VTAB ROWID PINNED DATATYPE'.split(
    ' ',
  );
const CONSTRAINT = 19;

/** `SQLITE_CONSTRAINT_UNIQUE` and the like, as far as the driver tells; undefined where the error is not SQLite's. */
export function sqliteErrorCode(error: unknown): string | undefined {
  const number = safeGet(error, 'errcode');
  if (typeof number === 'number') return codeName(number);
  const code = safeGet(error, 'extendedCode') ?? safeGet(error, 'code');
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

function codeName(number: number): string | undefined {
  const primary = PRIMARY_CODES[(number & 0xff) - 1];
  if (primary === undefined) return undefined;
  const detail = (number & 0xff) === CONSTRAINT ? CONSTRAINTS[(number >> 8) - 1] : undefined;
  return detail === undefined ? `SQLITE_${primary}` : `SQLITE_${primary}_${detail}`;
}

/** A prepared statement with its text and the database that it is for. */
class PreparedStatement extends Attached {
  readonly #database: object;
  readonly #text: string;

  constructor(statement: object, database: object, text: string) {
    super(statement);
    this.#database = database;
    this.#text = text;
  }

  static databaseOf(statement: object): object | undefined {
    return #database in statement ? (statement as PreparedStatement).#database : undefined;
  }

  static textOf(statement: object): string {
    return (statement as PreparedStatement).#text;
  }
}

interface Preparing {
  readonly connection: object;
  readonly text: string;
  /** Milliseconds on the monotonic clock. */
  readonly since: number;
}

/** @typeParam Connection the driver's object of an open database */
export class SqliteDatabase<Connection extends object> extends SqlDatabase<Connection> {
  constructor(env: InstrumentationEnv, serverOf: (connection: Connection) => DatabaseServer) {
    super(env, { dialect: 'sqlite', serverOf, errorCode: sqliteErrorCode });
  }

  /** A call of a method that runs a text: one that is no text is refused by the driver, and is no statement. */
  begin(connection: Connection, text: unknown, args: readonly unknown[] = []): DatabaseCall | undefined {
    if (typeof text !== 'string') return undefined;
    return new DatabaseCall(
      this,
      this.start(connection, text, this.env.config.dbParameters ? valuesOf(args) : undefined),
    );
  }

  /**
   * Watches a method that prepares a statement at once. Most mistakes in a statement are found there: one that cannot be
   * prepared has a span with the error.
   * @param connectionOf what the statement runs on, where it is not the object itself
   */
  watchPreparing(
    prototype: object,
    method: string,
    onStatement?: (statement: object) => void,
    connectionOf: (self: object, args: readonly unknown[]) => unknown = (self) => self,
  ): void {
    this.env.wrap<object, Preparing>(prototype, method, {
      before(self, args) {
        const [text] = args;
        const connection = connectionOf(self, args);
        if (typeof text !== 'string' || typeof connection !== 'object' || connection === null)
          return undefined;
        return { connection, text, since: monotonic() };
      },
      after({ connection, text }, statement) {
        if (typeof statement !== 'object' || statement === null) return;
        new PreparedStatement(statement, connection, text);
        onStatement?.(statement);
      },
      threw: ({ connection, text, since }, error) =>
        this.lost(this.serverOf(connection as Connection), text, undefined, since, error),
    });
  }

  /** Watches a class of prepared statements whose methods have done their work when they return. */
  watchStatements(prototype: object): void {
    const begin = (statement: object, args: unknown[]): DatabaseCall | undefined => {
      const connection = PreparedStatement.databaseOf(statement) as Connection | undefined;
      return connection && this.begin(connection, PreparedStatement.textOf(statement), args);
    };
    for (const method of ['run', 'get', 'all']) this.watchCalls(prototype, method, 'return', begin);
    this.watchCalls(prototype, 'iterate', 'iteration', begin);
  }
}

/** Of placeholders: `run(1, 2)`, `run([1, 2])` or `run({ id: 1 })`, without callbacks. */
function valuesOf(args: readonly unknown[]): unknown {
  const values = args.filter((each) => typeof each !== 'function');
  const [first] = values;
  return values.length === 1 && typeof first === 'object' && !Buffer.isBuffer(first) ? first : values;
}
