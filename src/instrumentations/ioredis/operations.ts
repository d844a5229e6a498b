/** Begins and ends the spans of commands and batches. */
import { sanitizeName } from '../../redaction/sanitized';
import { activeContext } from '../../tracing/context';
import {
  DB_OPERATION_NAME,
  DB_QUERY_TEXT,
  NETWORK_PEER_ADDRESS,
  NETWORK_PEER_PORT,
  SERVER_ADDRESS,
  SERVER_PORT,
} from '../../tracing/semconv';
import type { RecordingSpan } from '../../tracing/span';
import type { InstrumentationEnv } from '../define';
import {
  type DatabaseServer,
  type DatabaseSpan,
  fail,
  startOperation,
  succeed,
} from '../operations/database';
import { peerOf } from '../operations/peer';
import { isParentRequired, mayLackParent } from '../operations/require-parent';
import { createStamp } from '../operations/stamp';
import {
  addressOf,
  argumentsOf,
  CLUSTER_SERVER,
  type Client,
  type Command,
  databaseOf,
  errorPrefix,
  isCommand,
  type Pipeline,
  serverOf,
} from './client';
import { Closing } from './closing';
import {
  BatchDescription,
  CommandDescription,
  type Description,
  firstError,
  isTransaction,
} from './describe';
import { LibraryClients } from './purpose';

/** A command or pipeline from its call until ioredis settles it. */
export class Operation {
  done = false;
  /** The one it was sent to last; undefined for one that was closed before. */
  client: Client | undefined;

  constructor(
    readonly started: DatabaseSpan,
    /** Its server is found for it, by a cluster or by sentinels, and may change. */
    readonly isFound: boolean,
    /** undefined for a batch. */
    private readonly command: Command | undefined,
    private readonly name: string,
    private readonly closing: Closing,
  ) {}

  answered(result: unknown): void {
    const error = this.command === undefined ? firstError(result) : undefined;
    if (error !== undefined) this.failed(error);
    else if (this.finish()) succeed(this.started);
  }

  failed(error: unknown): void {
    if (!this.finish()) return;
    if (this.command !== undefined && this.closing.hasEnded(this.command, this.client, error))
      succeed(this.started);
    else fail(this.started, error, errorPrefix(error), argumentsOf(error));
  }

  /** The first end counts: a command that timed out may still be answered. */
  private finish(): boolean {
    if (this.done) return false;
    this.done = true;
    // A script is sent as EVAL where the server may not have it yet, and as EVALSHA otherwise.
    if (this.command !== undefined && this.command.name !== this.name)
      rename(this.started.span, this.command);
    return true;
  }
}

function rename(span: RecordingSpan, command: Command): void {
  const { operation, text } = new CommandDescription(command);
  if (operation === '') return;
  span.name = operation;
  span.replace(DB_OPERATION_NAME, operation);
  span.replace(DB_QUERY_TEXT, text);
}

/** What ioredis settles. */
interface Settled {
  resolve: (value: unknown) => unknown;
  reject: (error: unknown) => unknown;
}

export class Operations {
  /** Also of commands that wait in a queue and come by again; null: seen, and without a span of its own. */
  private readonly byCommand = createStamp<Operation | null>();
  private readonly executed = createStamp<true>();
  private readonly servers = createStamp<DatabaseServer>();
  readonly libraries = new LibraryClients();
  readonly closing = new Closing();
  /** For where no wrapped method keeps our failures away from the app; `wrap` does it here too. */
  private readonly guarded = {
    answered: (_operation: Operation, _result: unknown): void => {},
    failed: (_operation: Operation, _error: unknown): void => {},
  };

  constructor(private readonly env: InstrumentationEnv) {
    env.wrap(this.guarded, 'answered', {
      before: (_, [operation, result]) => void (operation as Operation).answered(result),
    });
    env.wrap(this.guarded, 'failed', {
      before: (_, [operation, error]) => void (operation as Operation).failed(error),
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
    const transaction = isTransaction(queue);
    const commands = transaction ? queue.slice(1, -1) : queue.slice();
    const description = new BatchDescription(transaction ? 'MULTI' : 'PIPELINE', commands);
    const operation = this.begin(redis, client, undefined, description, commands.length);
    if (operation === null) return null;
    // The others come by with the pipeline's buffer in their hands.
    this.byCommand.set(first, operation);
    this.watch(pipeline, operation);
    return operation;
  }

  private begin(
    sender: object,
    client: Client | undefined,
    command: Command | undefined,
    description: Description,
    batchSize?: number,
  ): Operation | null {
    const context = activeContext();
    const { requireParent } = this.env.config;
    if (mayLackParent(requireParent, context)) {
      const purpose = description.purpose ?? (this.libraries.isCalling(sender) ? 'library' : undefined);
      if (isParentRequired(requireParent, 'database', purpose)) return null;
    }
    const server = client === undefined ? CLUSTER_SERVER : this.serverOf(client);
    const started = startOperation(this.env, server, description, context, batchSize);
    if (started === undefined) return null;
    // Without the database's index, "since it is a numeric value that ends up looking confusing" (conventions).
    started.span.name = description.operation || sanitizeName(server.system);
    const isFound = client === undefined || Boolean(client.options.sentinels);
    return new Operation(started, isFound, command, command?.name ?? '', this.closing);
  }

  private serverOf(client: Client): DatabaseServer {
    const known = this.servers.get(client);
    if (known !== undefined && known.namespace === databaseOf(client)) return known;
    const server = serverOf(client);
    this.servers.set(client, server);
    return server;
  }

  /**
   * ioredis settles commands and pipelines through these two functions of theirs. Handlers on the promise itself
   * would make its rejection a handled one.
   */
  private watch(target: Settled, operation: Operation): void {
    const { guarded } = this;
    const { resolve, reject } = target;
    target.resolve = function (this: unknown, result: unknown): unknown {
      const answer = Reflect.apply(resolve, this, [result]);
      guarded.answered(operation, result);
      return answer;
    };
    target.reject = function (this: unknown, error: unknown): unknown {
      guarded.failed(operation, error);
      return Reflect.apply(reject, this, [error]);
    };
  }

  /** The server that it goes to now; "the last contacted node" of several (conventions, `network.peer.address`). */
  locate(operation: Operation, client: Client): void {
    operation.client = client.status === 'end' ? undefined : client;
    const {
      started: { span },
      isFound,
    } = operation;
    if (isFound) {
      const { address, port } = addressOf(client);
      if (address !== undefined) span.replace(SERVER_ADDRESS, sanitizeName(address));
      if (port !== undefined) span.replace(SERVER_PORT, port);
    }
    const peer = peerOf(client.stream);
    if (peer.address === undefined || peer.port === undefined) return;
    span.replace(NETWORK_PEER_ADDRESS, sanitizeName(peer.address));
    span.replace(NETWORK_PEER_PORT, peer.port);
  }
}
