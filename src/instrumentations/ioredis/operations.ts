/** Begins and ends the spans of commands and batches. */
import { sanitizeName } from '../../redaction/sanitized';
import { safeGet, safeIsArray } from '../../tracing/attributes';
import {
  DB_OPERATION_NAME,
  DB_QUERY_TEXT,
  NETWORK_PEER_ADDRESS,
  NETWORK_PEER_PORT,
  SERVER_ADDRESS,
  SERVER_PORT,
} from '../../tracing/semconv';
import type { InstrumentationEnv } from '../define';
import { isCalledByPackage } from '../operations/caller';
import { CommandDatabase } from '../operations/commands';
import type { DatabaseServer, DatabaseSpan } from '../operations/database';
import { DatabaseCall } from '../operations/database-call';
import { createHiddenState } from '../operations/hidden-state';
import { peerOf } from '../operations/peer';
import {
  BatchDescription,
  CommandDescription,
  errorInAnswers,
  purposeOfCommand,
  redisErrorPrefix,
} from '../operations/redis';
import type { Purpose } from '../operations/require-parent';
import {
  addressOf,
  CLUSTER_SERVER,
  type Client,
  type Command,
  configuredServer,
  databaseOf,
  isCommand,
  type Pipeline,
} from './client';

/** What ioredis says to all that a closed connection has not answered (built/utils/index.js). */
const CONNECTION_IS_CLOSED = 'Connection is closed.';

/** A command or pipeline from its call until ioredis settles it. */
export class Operation extends DatabaseCall {
  /** The one it was sent to last; undefined for one that was closed before. */
  client: Client | undefined;
  private readonly name: string;

  constructor(
    database: CommandDatabase<Client>,
    override readonly started: DatabaseSpan,
    private readonly operations: Operations,
    /** Its server is found for it, by a cluster or by sentinels, and may change. */
    readonly isFound: boolean,
    /** undefined for a batch. */
    readonly command: Command | undefined,
  ) {
    super(database, started);
    this.name = command?.name ?? '';
  }

  override errorOf(failed: boolean, value: unknown): unknown {
    if (failed)
      return this.operations.isEndOfConnection(this, value) ? undefined : super.errorOf(failed, value);
    return this.command === undefined ? firstError(value) : undefined;
  }

  /** A script is sent as EVAL where the server may not have it yet, and as EVALSHA otherwise. */
  override ending(): void {
    const { command, name } = this;
    if (command === undefined || command.name === name) return;
    const { span } = this.started;
    const { operation, text } = new CommandDescription(command);
    if (operation === '') return;
    span.name = operation;
    span.replace(DB_OPERATION_NAME, operation);
    span.replace(DB_QUERY_TEXT, text);
  }
}

/** What ioredis settles. */
interface Settled {
  resolve: (value: unknown) => unknown;
  reject: (error: unknown) => unknown;
}

export class Operations {
  readonly database: CommandDatabase<Client>;
  /** Also of commands that wait in a queue and come by again; null: seen, and without a span of its own. */
  private readonly byCommand = createHiddenState<Operation | null>();
  private readonly executed = createHiddenState<true>();
  /** Clients that the app has told to close (true), until they connect again. */
  private readonly closing = createHiddenState<boolean>();
  /** Clients on which a package has defined scripts, as queues do (bull, BullMQ). */
  private readonly libraryClients = createHiddenState<true>();

  constructor(env: InstrumentationEnv) {
    this.database = new CommandDatabase<Client>(env, {
      serverOf: configuredServer,
      errorCode: (error) => (safeGet(error, 'name') === 'ReplyError' ? redisErrorPrefix(error) : undefined),
      sentValues: argumentsOf,
    });
  }

  /** null: no span for it; undefined: not seen yet. */
  of(command: Command): Operation | null | undefined {
    return this.byCommand.get(command);
  }

  skip(command: Command): void {
    this.byCommand.set(command, null);
  }

  /**
   * @param sender what the app calls: a client or a cluster
   * @param client undefined for a cluster
   */
  beginCommand(sender: object, client: Client | undefined, command: Command): Operation | null {
    const operation = this.begin(sender, client, command, new CommandDescription(command));
    this.byCommand.set(command, operation);
    if (operation !== null) this.watch(command, operation);
    return operation;
  }

  /** null: nothing is sent, or only part of a batch that has its span already. */
  beginBatch(pipeline: Pipeline): Operation | null {
    const { _queue: queue, redis } = pipeline;
    const [first] = queue;
    if (first === undefined || this.executed.get(pipeline) || !queue.every(isCommand)) return null;
    this.executed.set(pipeline, true);
    const client = pipeline.isCluster ? undefined : (redis as Client);
    // MULTI and EXEC are around what the app has asked for.
    const isTransaction = first.name === 'multi' && queue[queue.length - 1]?.name === 'exec';
    const commands = isTransaction ? queue.slice(1, -1) : queue.slice();
    const description = new BatchDescription(isTransaction ? 'MULTI' : 'PIPELINE', commands);
    const operation = this.begin(redis, client, undefined, description, commands.length);
    if (operation === null) return null;
    // The others come by with the pipeline's buffer in their hands.
    this.byCommand.set(first, operation);
    this.watch(pipeline, operation);
    return operation;
  }

  /** The server that it goes to now; "the last contacted node" of several (conventions, `network.peer.address`). */
  locate(operation: Operation, client: Client): void {
    operation.client = client.status === 'end' ? undefined : client;
    const { span } = operation.started;
    if (operation.isFound) {
      const { address, port } = addressOf(client);
      if (address !== undefined) span.replace(SERVER_ADDRESS, sanitizeName(address));
      if (port !== undefined) span.replace(SERVER_PORT, port);
    }
    const peer = peerOf(client.stream);
    if (peer.address === undefined || peer.port === undefined) return;
    span.replace(NETWORK_PEER_ADDRESS, sanitizeName(peer.address));
    span.replace(NETWORK_PEER_PORT, peer.port);
  }

  /** @param isClosing whether the app has told the client to close, or to connect */
  setClosing(client: object, isClosing: boolean): void {
    if (isClosing || this.closing.get(client) === true) this.closing.set(client, isClosing);
  }

  /** A script is being defined on the client. */
  defines(client: object): void {
    if (this.libraryClients.get(client) === undefined && isCalledByPackage('ioredis'))
      this.libraryClients.set(client, true);
  }

  private begin(
    sender: object,
    client: Client | undefined,
    command: Command | undefined,
    description: CommandDescription | BatchDescription,
    batchSize?: number,
  ): Operation | null {
    const server = client === undefined ? CLUSTER_SERVER : this.serverOf(client);
    const started = this.database.start(server, description, () => this.purposeOf(sender), batchSize);
    if (started === undefined) return null;
    const isFound = client === undefined || Boolean(client.options.sentinels);
    return new Operation(this.database, started, this, isFound, command);
  }

  /**
   * The app may share a client with a package, so the caller of each command without a parent tells whose it is.
   * Packages without scripts of their own pass on what the app asks (a cache, a session store): those are the app's.
   */
  private purposeOf(sender: object): Purpose | undefined {
    return this.libraryClients.get(sender) === true && isCalledByPackage('ioredis') ? 'library' : undefined;
  }

  private serverOf(client: Client): DatabaseServer {
    const known = this.database.serverOf(client);
    if (known.namespace === databaseOf(client)) return known;
    const server = configuredServer(client);
    this.database.setServer(client, server);
    return server;
  }

  /**
   * ioredis settles commands and pipelines through these two functions of theirs. Handlers on the promise itself
   * would make its rejection a handled one.
   */
  private watch(target: Settled, operation: Operation): void {
    const { resolve, reject } = target;
    target.resolve = function (this: unknown, result: unknown): unknown {
      const answer = Reflect.apply(resolve, this, [result]);
      operation.settle(false, result);
      return answer;
    };
    target.reject = function (this: unknown, error: unknown): unknown {
      operation.settle(true, error);
      return Reflect.apply(reject, this, [error]);
    };
  }

  /**
   * Whether a command ended because the app closed its connection, which is no failure: it was to close it, or only waited
   * for something to happen. Any other command is lost with its connection, also where the app closes it.
   */
  isEndOfConnection({ command, client }: Operation, error: unknown): boolean {
    if (command === undefined || safeGet(error, 'message') !== CONNECTION_IS_CLOSED) return false;
    return (
      command.name === 'quit' ||
      (this.closing.get(client) === true && purposeOfCommand(command) === 'blocking')
    );
  }
}

/** ioredis ties the command to the server's error; what was sent may be repeated in it. */
function argumentsOf(error: unknown): readonly unknown[] {
  const args = safeGet(safeGet(error, 'command'), 'args');
  return safeIsArray(args) ? args : [];
}

/** The first error among a pipeline's results; those of a transaction are in the answer to its EXEC. */
function firstError(results: unknown): unknown {
  if (!Array.isArray(results)) return undefined;
  for (const [error] of results as [unknown][]) if (error) return error;
  return errorInAnswers((results[results.length - 1] as unknown[] | undefined)?.[1]);
}
