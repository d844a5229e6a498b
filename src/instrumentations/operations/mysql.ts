/**
 * What the drivers of MySQL and MariaDB have in common: the server says in its greeting which of the two it is, `USE` changes
 * the database, errors have a number, a connection that is lost or closed forgets its statements, and pools are alike.
 */
import { sanitizeName } from '../../redaction/sanitized';
import { safeGet } from '../../tracing/attributes';
import { DB_SYSTEM_NAME } from '../../tracing/semconv';
import type { InstrumentationEnv } from '../define';
import { Attached } from './attached';
import { type DatabaseServer, type DatabaseSpan, describeServer } from './database';
import { DatabaseCall } from './database-call';
import { type Peer, peerOf, putPeer } from './peer';
import { type Asked, type PoolDescription, watchPool } from './pool-wait';
import { SqlDatabase } from './sql';

const DEFAULT_PORT = 3306;
const MARIADB = sanitizeName('mariadb');
/** What a server is taken for until it has greeted. */
const MYSQL = sanitizeName('mysql');

/** What ends a statement whose connection the app closed before the answer came. */
export const CLOSED = Object.freeze({
  name: 'Error',
  message: 'The connection was closed before the statement was answered',
  code: 'PROTOCOL_CONNECTION_LOST',
});

export interface ConnectionConfig {
  readonly host?: string;
  /** A text where it comes from a URL. */
  readonly port?: number | string;
  readonly socketPath?: string | null;
  readonly database?: string;
}

/** @typeParam Connection what the driver keeps per connection */
export interface MysqlDescription<Connection extends object> {
  configOf(connection: Connection): ConnectionConfig;
  /** The version in the server's greeting; undefined or null before it. MariaDB: `5.5.5-10.11.6-MariaDB`. */
  versionOf(connection: Connection): string | undefined | null;
  socketOf(connection: Connection): unknown;
}

/** A connection with what is known of it. */
class State<Connection extends object> {
  readonly open = new Set<DatabaseCall>();
  private hasGreeted = false;
  private peer: Peer | undefined;

  constructor(
    private readonly database: SqlDatabase<Connection>,
    private readonly connection: Connection,
    private readonly description: MysqlDescription<Connection>,
  ) {}

  get server(): DatabaseServer {
    return this.database.serverOf(this.connection);
  }

  /** Takes over what the connection has learnt since. */
  refresh(): void {
    if (this.hasGreeted) return;
    const version = this.description.versionOf(this.connection);
    if (version === undefined || version === null) return;
    this.hasGreeted = true;
    this.change({ system: version.toLowerCase().includes(MARIADB) ? MARIADB : MYSQL });
    this.peer = peerOf(this.description.socketOf(this.connection));
  }

  /** Adds what was not known when the statement's span started. */
  complete({ span }: DatabaseSpan, { system: assumed }: DatabaseServer): void {
    this.refresh();
    const { system } = this.server;
    if (system !== assumed) span.replace(DB_SYSTEM_NAME, system);
    if (this.peer !== undefined) putPeer(span, this.peer);
  }

  /** From now on statements go to another database. */
  changeDatabase(name: string | undefined): void {
    this.change({ namespace: sanitizeName(name) });
  }

  private change(facts: Partial<DatabaseServer>): void {
    this.database.setServer(this.connection, { ...this.server, ...facts });
  }
}

/** A connection, tied to its state. */
class KnownConnection extends Attached {
  #state: unknown;

  constructor(connection: object, state: unknown) {
    super(connection);
    this.#state = state;
  }

  static stateOf<Connection extends object>(connection: Connection): State<Connection> | undefined {
    if (!(#state in connection)) return undefined;
    return (connection as unknown as KnownConnection).#state as State<Connection>;
  }
}

/** A statement from its call until it is answered. */
class Statement<Connection extends object> extends DatabaseCall {
  private readonly server: DatabaseServer;

  constructor(
    database: SqlDatabase<Connection>,
    connection: Connection,
    private readonly state: State<Connection>,
    private readonly text: string,
    values: unknown,
    batchSize: number | undefined,
  ) {
    const { server } = state;
    super(database, database.start(connection, text, values, batchSize));
    this.server = server;
    if (this.started !== undefined) state.open.add(this);
  }

  override settle(failed: boolean, value: unknown): void {
    this.state.open.delete(this);
    super.settle(failed, value);
  }

  override ending(error: unknown): void {
    const { state, started, server, text } = this;
    if (started !== undefined) state.complete(started, server);
    const used = error === undefined || error === null ? usedDatabase(text) : undefined;
    if (used !== undefined) state.changeDatabase(used);
  }
}

export class MysqlDatabase<Connection extends object> extends SqlDatabase<Connection> {
  constructor(
    env: InstrumentationEnv,
    private readonly driver: MysqlDescription<Connection>,
  ) {
    super(env, {
      dialect: 'mysql',
      serverOf: (connection) => configuredServer(driver.configOf(connection)),
      errorCode: errorNumber,
      // mariadb puts the statement and its values into its messages.
      sentValues: (error) => [safeGet(error, 'sql')],
    });
  }

  /** A statement is handed to a connection. */
  begin(connection: Connection, text: string, values: unknown, batchSize?: number): DatabaseCall {
    return new Statement(this, connection, this.stateOf(connection), text, values, batchSize);
  }

  /** A connection has refused a statement without running it. */
  refused(connection: Connection, text: string, values: unknown, since: number, error: unknown): void {
    this.lost(this.stateOf(connection).server, text, values, since, error);
  }

  private stateOf(connection: Connection): State<Connection> {
    let state = KnownConnection.stateOf(connection);
    if (state === undefined) {
      state = new State(this, connection, this.driver);
      new KnownConnection(connection, state);
    }
    state.refresh();
    return state;
  }

  hasOpen(connection: Connection): boolean {
    return (KnownConnection.stateOf(connection)?.open.size ?? 0) > 0;
  }

  /** @param error what the driver says; undefined where the app itself closed the connection */
  connectionLost(connection: Connection, error: unknown): void {
    for (const statement of KnownConnection.stateOf(connection)?.open ?? [])
      statement.finish(error ?? CLOSED);
  }

  changeDatabase(connection: Connection, name: string | undefined): void {
    KnownConnection.stateOf(connection)?.changeDatabase(name);
  }

  /**
   * Watches the pools of mysql and mysql2, or what a cluster has in the place of a pool.
   * @param queries methods that run a statement
   * @param read reads their arguments, for a statement that never gets a connection
   */
  watchPools(
    prototype: object,
    queries: readonly string[],
    read: PoolDescription<MysqlPool>['read'] = readAsked,
  ): void {
    watchPool<MysqlPool>(this.env, this, prototype, {
      queries,
      acquire: 'getConnection',
      read,
      serverOf: pooledServer,
      counts(pool) {
        const pools = poolsOf(pool);
        const sum = (list: '_allConnections' | '_freeConnections' | '_connectionQueue'): number =>
          pools.reduce((total, each) => total + each[list].length, 0);
        return {
          size: sum('_allConnections'),
          idle: sum('_freeConnections'),
          waiting: sum('_connectionQueue'),
        };
      },
    });
  }
}

/** A pool of mysql or mysql2, which are the same here. */
interface SinglePool {
  readonly _allConnections: { readonly length: number };
  readonly _freeConnections: { readonly length: number };
  readonly _connectionQueue: { readonly length: number };
  readonly config: { readonly connectionConfig: ConnectionConfig };
}

/** The pools of a cluster whose names fit a pattern. */
interface Namespace {
  readonly _pattern: unknown;
  readonly _cluster: {
    _findNodeIds(pattern: unknown, includeOffline: boolean): readonly string[];
    _getNode(id: string): { readonly pool: SinglePool } | null;
  };
}

export type MysqlPool = SinglePool | Namespace;

function poolsOf(pool: MysqlPool): SinglePool[] {
  if (!('_cluster' in pool)) return [pool];
  const { _cluster: cluster, _pattern: pattern } = pool;
  const nodes = cluster._findNodeIds(pattern, true).map((id) => cluster._getNode(id));
  return nodes.flatMap((node) => node?.pool ?? []);
}

/** Of a pool; of the first one of several. */
export function pooledServer(pool: MysqlPool): DatabaseServer {
  return configuredServer(poolsOf(pool)[0]?.config.connectionConfig ?? {});
}

export function configuredServer({ database, host, port, socketPath }: ConnectionConfig): DatabaseServer {
  return describeServer({ system: MYSQL, database, host, port, socketPath, defaultPort: DEFAULT_PORT });
}

/** The statement's text with its placeholders, in which the driver has not put the values yet. It may refuse to be read. */
export function textOf([first]: readonly unknown[]): string | undefined {
  const text = typeof first === 'object' ? safeGet(first, 'sql') : first;
  return typeof text === 'string' ? text : undefined;
}

export function valuesOf([first, second]: readonly unknown[]): unknown {
  if (second !== undefined && typeof second !== 'function') return second;
  return typeof first === 'object' ? safeGet(first, 'values') : undefined;
}

function readAsked(args: readonly unknown[]): Asked | undefined {
  const text = textOf(args);
  return text === undefined ? undefined : { text, values: valuesOf(args) };
}

/** From here on the numbers are those of errors that mariadb makes itself (lib/misc/errors.js). */
const FIRST_OF_DRIVER = 45_000;

/** Only the server's errors have an SQLSTATE; `errno` of the others is the operating system's. */
function errorNumber(error: unknown): string | undefined {
  const errno = safeGet(error, 'errno');
  return typeof safeGet(error, 'sqlState') === 'string' &&
    typeof errno === 'number' &&
    errno < FIRST_OF_DRIVER
    ? String(errno)
    : undefined;
}

const MAX_USE = 80;

/** The database that `USE x` changes to. */
function usedDatabase(text: string): string | undefined {
  if (text.length > MAX_USE || text.slice(0, 4).toLowerCase() !== 'use ') return undefined;
  const name = text.slice(4).split(';').join('').split('`').join('').trim();
  return name === '' ? undefined : name;
}
