/** A command or a batch of ioredis, from its call until it is settled, and the servers that it may go to. */
import { type Sanitized, sanitizeName } from '../../redaction/sanitized';
import { safeGet, safeIsArray } from '../../tracing/attributes';
import { type CommandDatabase, redescribe, tellPeer } from '../operations/commands';
import { type DatabaseServer, type DatabaseSpan, locate } from '../operations/database';
import { DatabaseCall, type Settled } from '../operations/database-call';
import { createHiddenState } from '../operations/hidden-state';
import { peerOf } from '../operations/peer';
import {
  CommandDescription,
  errorInResults,
  purposeOfCommand,
  type RedisCommand,
  redisServer,
} from '../operations/redis';

/** What ioredis says to all that a closed connection has not answered (built/utils/index.js). */
const CONNECTION_IS_CLOSED = 'Connection is closed.';
/** Which node a command goes to is only known when it is sent; a cluster has one database. */
export const CLUSTER_SERVER = redisServer({ database: '0' });

/** A script's name is `evalsha`, and becomes `eval` where it goes over a connection for the first time. */
export interface Command extends RedisCommand, Settled {
  /** Of one in a pipeline. */
  readonly pipelineIndex?: number;
}

/** What the app calls: a client or a cluster. */
export interface Sender {
  /** Those of defineCommand(). */
  readonly scriptsSet?: Readonly<Record<string, { readonly lua: unknown }>>;
}

/** A connection to one server. */
export interface Client extends Sender {
  readonly status: string;
  readonly options: {
    readonly host?: string | null;
    readonly port?: number | null;
    readonly path?: string | null;
    readonly db?: number | null;
    readonly sentinels?: unknown;
  };
  readonly condition?: { readonly select?: number | null } | null;
  readonly stream?: object | null;
}

/** Clients that the app has told to close (true), until they connect again. */
export const closing = createHiddenState<boolean>();

/** A command or pipeline from its call until ioredis settles it. */
export class Operation extends DatabaseCall {
  /** The one it was sent to last; undefined for one that was closed before. */
  client: Client | undefined;
  private readonly name: string;

  constructor(
    database: CommandDatabase<Client>,
    override readonly started: DatabaseSpan,
    /** Its server is found for it, by a cluster or by sentinels, and may change. */
    private readonly isFound: boolean,
    /** undefined for a batch. */
    private readonly command: Command | undefined,
  ) {
    super(database, started);
    this.name = command?.name ?? '';
  }

  sentTo(client: Client, server: DatabaseServer): void {
    this.client = client.status === 'end' ? undefined : client;
    if (this.isFound) locate(this.started, server);
    tellPeer(this.started, client.stream);
  }

  override errorOf(failed: boolean, value: unknown): unknown {
    if (!failed) return this.command === undefined ? errorInResults(value) : undefined;
    return this.isEndOfConnection(value) ? undefined : super.errorOf(failed, value);
  }

  /** A script is sent as EVAL where the server may not have it yet, and as EVALSHA otherwise. */
  override ending(): void {
    const { command, name, started } = this;
    if (command !== undefined && command.name !== name) redescribe(started, new CommandDescription(command));
  }

  /**
   * Whether a command ended because the app closed its connection, which is no failure: it was to close it, or only waited
   * for something to happen. Any other command is lost with its connection, also where the app closes it.
   */
  private isEndOfConnection(error: unknown): boolean {
    const { command, client } = this;
    if (command === undefined || safeGet(error, 'message') !== CONNECTION_IS_CLOSED) return false;
    return (
      command.name === 'quit' || (closing.get(client) === true && purposeOfCommand(command) === 'blocking')
    );
  }
}

/** What the app calls a command is made one whatever it is, and fails later. */
export function isCommand(value: unknown): value is Command {
  return typeof (value as Partial<Command> | null | undefined)?.name === 'string';
}

export function configuredServer(client: Client): DatabaseServer {
  const { options, stream } = client;
  const database = databaseOf(client);
  const { host, port, path } = options;
  // Behind sentinels the host is not configured but found.
  const found = options.sentinels ? peerOf(stream) : { address: host || 'localhost', port: port || 6379 };
  return redisServer({ database, host: found.address, port: found.port, socketPath: path });
}

/** The index that SELECT has chosen, or else the configured one. */
export function databaseOf({ condition, options }: Client): Sanitized {
  return sanitizeName(String(condition?.select ?? options.db ?? 0));
}

/** ioredis ties the command to the server's error; what was sent may be repeated in it. */
export function argumentsOf(error: unknown): readonly unknown[] {
  const args = safeGet(safeGet(error, 'command'), 'args');
  return safeIsArray(args) ? args : [];
}
