/** What is known of the connections of mysql2: whom each talks to, and which statements it has not answered. */
import { sanitizeName } from '../../redaction/sanitized';
import { safeGet } from '../../tracing/attributes';
import { DB_SYSTEM_NAME } from '../../tracing/semconv';
import type { InstrumentationEnv } from '../define';
import { Attached } from '../operations/attached';
import { type DatabaseServer, type DatabaseSpan, describeServer } from '../operations/database';
import { DatabaseCall } from '../operations/database-call';
import { type Peer, peerOf, putPeer } from '../operations/peer';
import { SqlDatabase } from '../operations/sql';

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
  /** A text where it comes from a URL, before 3.1. */
  readonly port?: number | string;
  readonly socketPath?: string;
  readonly database?: string;
}

export interface Connection {
  readonly config: ConnectionConfig;
  readonly stream: { once(event: 'close', listener: () => void): unknown };
  /** Set once the server has greeted. */
  readonly _handshakePacket?: { readonly serverVersion?: string } | null;
  readonly addCommand: unknown;
  /** Takes the place of `addCommand` when the connection takes no more. */
  readonly _addCommandClosedState: unknown;
}

/** A connection with what is known of it. */
class State {
  readonly open = new Set<Statement>();
  private hasGreeted = false;
  private peer: Peer | undefined;

  constructor(
    private readonly database: SqlDatabase<Connection>,
    private readonly connection: Connection,
  ) {}

  get server(): DatabaseServer {
    return this.database.serverOf(this.connection);
  }

  /** Takes over what the connection has learnt since. */
  refresh(): void {
    const { _handshakePacket: greeting, stream } = this.connection;
    if (this.hasGreeted || !greeting) return;
    this.hasGreeted = true;
    // MariaDB says so in the version it greets with: `5.5.5-10.11.6-MariaDB`.
    const isMariaDb = greeting.serverVersion?.toLowerCase().includes(MARIADB) === true;
    this.change({ system: isMariaDb ? MARIADB : MYSQL });
    this.peer = peerOf(stream);
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
  #state: State;

  constructor(connection: Connection, state: State) {
    super(connection);
    this.#state = state;
  }

  static stateOf(connection: Connection): State | undefined {
    return #state in connection ? (connection as unknown as KnownConnection).#state : undefined;
  }
}

/** A statement from its call until it is answered. */
class Statement extends DatabaseCall {
  private readonly server: DatabaseServer;

  constructor(
    database: SqlDatabase<Connection>,
    connection: Connection,
    private readonly state: State,
    private readonly text: string,
    values: unknown,
  ) {
    const { server } = state;
    super(database, database.start(connection, text, values));
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

export class Connections {
  readonly database: SqlDatabase<Connection>;

  constructor(env: InstrumentationEnv) {
    this.database = new SqlDatabase<Connection>(env, {
      dialect: 'mysql',
      serverOf: ({ config }) => configuredServer(config),
      errorCode: errorNumber,
    });
  }

  begin(connection: Connection, text: string, values: unknown): DatabaseCall {
    let state = KnownConnection.stateOf(connection);
    if (state === undefined) {
      state = new State(this.database, connection);
      new KnownConnection(connection, state);
    }
    state.refresh();
    return new Statement(this.database, connection, state, text, values);
  }

  hasOpen(connection: Connection): boolean {
    return (KnownConnection.stateOf(connection)?.open.size ?? 0) > 0;
  }

  /** @param error what mysql2 says; undefined where the app itself closed the connection */
  lost(connection: Connection, error: unknown = CLOSED): void {
    for (const statement of KnownConnection.stateOf(connection)?.open ?? [])
      statement.finish(error ?? CLOSED);
  }

  changeDatabase(connection: Connection, name: string | undefined): void {
    KnownConnection.stateOf(connection)?.changeDatabase(name);
  }
}

export function configuredServer({ database, host, port, socketPath }: ConnectionConfig): DatabaseServer {
  return describeServer({ system: MYSQL, database, host, port, socketPath, defaultPort: DEFAULT_PORT });
}

/** Only the server's errors have an SQLSTATE; `errno` of the others is the operating system's. */
export function errorNumber(error: unknown): string | undefined {
  const errno = safeGet(error, 'errno');
  return typeof safeGet(error, 'sqlState') === 'string' && typeof errno === 'number'
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
