/** What is known of one connection: whom it talks to, and which statements it has not answered. */
import { sanitizeName } from '../../redaction/sanitized';
import type { TraceContext } from '../../tracing/context';
import { DB_SYSTEM_NAME } from '../../tracing/semconv';
import type { DatabaseServer, DatabaseSpan } from '../operations/database';
import { type Peer, peerOf, putPeer } from '../operations/peer';

const DEFAULT_PORT = 3306;
const MARIADB = 'mariadb';
/** What a server is taken for until it has greeted. */
const MYSQL = 'mysql';

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

/** A statement from its call until it is answered. */
export interface Statement {
  readonly link: Link;
  /** Of the call. */
  readonly context: TraceContext;
  /** undefined: nothing records here, but the app is called back in its context all the same. */
  readonly started: DatabaseSpan | undefined;
  /** As it was at the start. */
  readonly server: DatabaseServer;
  readonly text: string;
}

export class Link {
  readonly open = new Set<Statement>();
  server: DatabaseServer;
  private greeted = false;
  private peer: Peer | undefined;

  constructor(private readonly connection: Connection) {
    this.server = serverOf(connection.config);
  }

  /** Takes over what the connection has learnt since. */
  refresh(): void {
    const { _handshakePacket: greeting, stream } = this.connection;
    if (this.greeted || !greeting) return;
    this.greeted = true;
    // MariaDB says so in the version it greets with: `5.5.5-10.11.6-MariaDB`.
    const isMariaDb = greeting.serverVersion?.toLowerCase().includes(MARIADB) === true;
    this.server = { ...this.server, system: isMariaDb ? MARIADB : MYSQL };
    this.peer = peerOf(stream);
  }

  /** Adds what was not known when the statement's span started. */
  complete({ span }: DatabaseSpan, server: DatabaseServer): void {
    this.refresh();
    if (this.server.system !== server.system) span.replace(DB_SYSTEM_NAME, this.server.system);
    if (this.peer !== undefined) putPeer(span, this.peer);
  }

  /** From now on statements go to another database. */
  changeDatabase(name: string | undefined): void {
    this.server = { ...this.server, namespace: sanitizeName(name) };
  }
}

export function serverOf(config: ConnectionConfig): DatabaseServer {
  const { database, host, socketPath } = config;
  const namespace = sanitizeName(database);
  if (socketPath) return { system: MYSQL, namespace, address: sanitizeName(socketPath), port: undefined };
  const port = Number(config.port ?? DEFAULT_PORT);
  // The conventions want a port only where it is not the usual one.
  return {
    system: MYSQL,
    namespace,
    address: sanitizeName(host),
    port: port === DEFAULT_PORT ? undefined : port,
  };
}

const MAX_USE = 80;

/** The database that `USE x` changes to. */
export function usedDatabase(text: string): string | undefined {
  if (text.length > MAX_USE || text.slice(0, 4).toLowerCase() !== 'use ') return undefined;
  const name = text.slice(4).split(';').join('').split('`').join('').trim();
  return name === '' ? undefined : name;
}
