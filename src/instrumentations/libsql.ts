/**
 * @libsql/client 0.5 and later: one span per statement or batch, from the call until it is answered. It is watched at its
 * clients, of which there is one for files (`libsql` below it, which is not watched), for HTTP and for WebSockets.
 *
 * - The private fields of a client hide what it talks to, so the configuration is read when the client is made.
 * - A transaction is an object of its own. `transaction()`, `commit()` and `rollback()` are BEGIN, COMMIT and ROLLBACK, also
 *   where a remote client sends BEGIN with the first statement only. `close()` leaves what is open.
 * - The remote transaction's `execute()` calls its own `batch()` (lib-cjs/hrana.js): what is called within a call is not counted.
 * - A batch is one call and one answer, and BEGIN and COMMIT around it are the driver's: one span with the number of statements.
 * - What is sent to a server has the span of its HTTP request beside it.
 */
import { types } from 'node:util';
import { safeGet, safeIsArray } from '../tracing/attributes';
import { followPromise } from '../tracing/follow-promise';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { type DatabaseServer, describeServer } from './operations/database';
import { DatabaseCall } from './operations/database-call';
import { createHiddenState } from './operations/hidden-state';
import { describeFile, SqliteDatabase } from './operations/sqlite';

/** What a client, or one transaction of it, talks to. */
interface Connection {
  readonly server: DatabaseServer;
}

const UNKNOWN = describeFile(undefined);

type Begin = (self: object, args: unknown[]) => DatabaseCall | undefined;

/** `transactionModeToBegin()` in lib-cjs/util.js of @libsql/core. */
const BEGIN = { write: 'BEGIN IMMEDIATE', read: 'BEGIN TRANSACTION READONLY', deferred: 'BEGIN DEFERRED' };
const CLIENTS = ['Sqlite3Client', 'HttpClient', 'WsClient'];
const TRANSACTIONS = ['Sqlite3Transaction', 'HttpTransaction', 'WsTransaction'];
const PORTS: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443, libsql: 443 };

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new SqliteDatabase<Connection>(env, ({ server }) => server);
  const servers = createHiddenState<DatabaseServer>();
  /** Each call of a client may have a connection of its own. */
  const ofClient = (client: object): Connection => ({ server: servers.get(client) ?? UNKNOWN });
  const transactions = createHiddenState<Connection>();
  const ofTransaction = (transaction: object): Connection =>
    transactions.get(transaction) ?? { server: UNKNOWN };
  let isWithinCall = false;

  function watch(prototype: object, method: string, begin: Begin): void {
    env.wrap<object, DatabaseCall>(prototype, method, {
      before(self, args) {
        const call = isWithinCall ? undefined : begin(self, args);
        isWithinCall ||= call !== undefined;
        return call;
      },
      done() {
        isWithinCall = false;
      },
      after: (call, result) => call.follow(result),
      threw: (call, error) => call.finish(error),
    });
  }

  function beginStatement(connection: Connection, [statement, values]: unknown[]): DatabaseCall | undefined {
    const { text, args } = readStatement(statement, values);
    return database.begin(connection, text, args === undefined ? [] : [args]);
  }

  function beginBatch(connection: Connection, [statements]: unknown[]): DatabaseCall | undefined {
    if (!safeIsArray(statements) || types.isProxy(statements)) return undefined;
    const texts = statements.map((statement) => readStatement(statement, undefined).text);
    if (!texts.every((text): text is string => typeof text === 'string')) return undefined;
    return new DatabaseCall(database, database.startBatch(connection, texts));
  }

  /** What is done with the transaction belongs to what began it. */
  class BeginCall extends DatabaseCall {
    constructor(
      private readonly connection: Connection,
      mode: unknown,
    ) {
      const text = Object.entries(BEGIN).find(([name]) => name === (mode ?? 'write'))?.[1];
      super(database, database.start(connection, text ?? 'BEGIN', undefined));
    }

    override follow(result: unknown): unknown {
      if (!types.isPromise(result)) return super.follow(result);
      return followPromise(result, (failed, value) => {
        if (!failed && isObject(value)) transactions.set(value, this.connection);
        this.settle(failed, value);
      });
    }
  }

  function watchStatements(prototype: object, connectionOf: (self: object) => Connection): void {
    for (const method of ['execute', 'executeMultiple'])
      watch(prototype, method, (self, args) => beginStatement(connectionOf(self), args));
    for (const method of ['batch', 'migrate'])
      watch(prototype, method, (self, args) => beginBatch(connectionOf(self), args));
  }

  return {
    patch: {
      client(exports: Record<string, Class | undefined>) {
        for (const method of ['createClient', '_createClient']) {
          // Of an ES module, it is a variable: what is assigned takes effect, what is defined does not.
          const made = { [method]: exports[method] };
          env.wrap<unknown, object>(made, method, {
            before: (_made, [config]) => (isObject(config) ? config : undefined),
            after: (config, client) => servers.set(client as object, describeConfig(config)),
          });
          exports[method] = made[method];
        }
        for (const prototype of prototypesOf(exports, CLIENTS)) {
          watchStatements(prototype, ofClient);
          watch(prototype, 'transaction', (client, [mode]) => new BeginCall(ofClient(client), mode));
        }
        for (const prototype of prototypesOf(exports, TRANSACTIONS)) {
          watchStatements(prototype, ofTransaction);
          for (const [method, text] of [
            ['commit', 'COMMIT'],
            ['rollback', 'ROLLBACK'],
          ] as const)
            watch(prototype, method, (transaction) => database.begin(ofTransaction(transaction), text));
          database.abandonsTransactions(prototype, 'close', (transaction) => transactions.get(transaction));
        }
      },
    },
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function prototypesOf(
  exports: Readonly<Record<string, Class | undefined>>,
  names: readonly string[],
): object[] {
  return names.flatMap((name) => exports[name]?.prototype ?? []);
}

/** A text with values beside it, `{ sql, args }`, or, in a batch, `[sql, args]`. */
function readStatement(
  statement: unknown,
  values: unknown,
): { readonly text: unknown; readonly args: unknown } {
  if (typeof statement === 'string') return { text: statement, args: values };
  if (safeIsArray(statement)) return { text: safeGet(statement, '0'), args: safeGet(statement, '1') };
  return { text: safeGet(statement, 'sql'), args: safeGet(statement, 'args') };
}

/** As the app gave it, or as the driver has read it: then it has a scheme. */
function describeConfig(config: unknown): DatabaseServer {
  const scheme = safeGet(config, 'scheme');
  if (scheme === 'file') return describeFile(safeGet(config, 'path'));
  if (typeof scheme === 'string') {
    const authority = safeGet(config, 'authority');
    return describeRemote(scheme, safeGet(authority, 'host'), safeGet(authority, 'port'));
  }
  const url = safeGet(config, 'url');
  if (typeof url !== 'string' || url.startsWith('file:') || !URL.canParse(url)) return describeFile(url);
  const { protocol, hostname, port } = new URL(url);
  return describeRemote(protocol.slice(0, -1), hostname, port);
}

function describeRemote(scheme: string, host: unknown, port: unknown): DatabaseServer {
  return describeServer({ system: 'sqlite', host, port, defaultPort: PORTS[scheme] ?? 0 });
}
