/**
 * ioredis 4 to 6: one span per command of the app, from its call until it is settled, and one per pipeline or
 * transaction (`PIPELINE SET`, `MULTI`, with `db.operation.batch.size`), as the conventions for Redis have it.
 *
 * - Not through the library's own channels (ioredis:command, ioredis:batch since 5.11): as soon as anyone subscribes,
 *   ioredis puts a `catch` on what it returns, and a rejection that nobody handles no longer ends the app
 *   (built/tracing.js). They also speak when a queued command is sent, in the context of the connection.
 * - Commands and pipelines are settled by functions of theirs, which are watched.
 * - A command that waits in the offline queue, is redirected in a cluster or sent again has one span, with the node that was
 *   asked last. Automatic pipelining is the library's doing: each command keeps a span of its own, below the one that called
 *   it.
 * - What ioredis says to the server of itself (AUTH, SELECT, INFO, CLIENT SETNAME, CLUSTER SLOTS, subscribing again, the
 *   scripts that a pipeline of ioredis 4 needs) has no span.
 * - Connections are opened outside of any context: the listeners of what comes in later belong to nobody's request.
 * - `db.response.status_code` is the error's prefix (`WRONGTYPE`); a batch fails with the first of its errors.
 */
import { safeGet } from '../tracing/attributes';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import {
  argumentsOf,
  CLUSTER_SERVER,
  type Client,
  type Command,
  closing,
  configuredServer,
  databaseOf,
  isCommand,
  Operation,
  type Sender,
} from './ioredis/operation';
import { isCalledByPackage } from './operations/caller';
import { CommandDatabase, type CommandOperation } from './operations/commands';
import type { DatabaseServer } from './operations/database';
import type { Settled } from './operations/database-call';
import { createHiddenState } from './operations/hidden-state';
import { BatchDescription, CommandDescription, redisErrorPrefix } from './operations/redis';

/** What ioredis sends between connecting and being ready. The app's own in that short time pass for it. */
const HANDSHAKE = new Set(['auth', 'client', 'hello', 'himport', 'info', 'readonly', 'select']);
interface Pipeline extends Settled {
  readonly redis: Sender;
  readonly isCluster: boolean;
  readonly _queue: readonly Command[];
  /** Open transactions: exec() then only adds the command EXEC. */
  readonly _transactions: number;
}

interface Exports {
  readonly default?: Class;
}

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new CommandDatabase<Client>(env, {
    serverOf: configuredServer,
    errorCode: (error) => (safeGet(error, 'name') === 'ReplyError' ? redisErrorPrefix(error) : undefined),
    sentValues: argumentsOf,
  });
  /** Also of commands that wait in a queue and come by again; null: seen, and without a span of its own. */
  const operations = createHiddenState<Operation | null>();
  const executed = createHiddenState<true>();
  /** Clients on which a package has defined scripts, as queues do (bull, BullMQ). */
  const libraryClients = createHiddenState<true>();
  /** Connections of ioredis' own, to sentinels. */
  const ownClients = createHiddenState<true>();
  /** Marks of automatic pipelines; each copy of ioredis has its own. */
  const automatic: symbol[] = [];
  /** Above 0 while ioredis talks to the server of itself. */
  let internal = 0;

  function serverOf(client: Client): DatabaseServer {
    const known = database.serverOf(client);
    if (known.namespace === databaseOf(client)) return known;
    const server = configuredServer(client);
    database.setServer(client, server);
    return server;
  }

  /** @param client undefined for a cluster */
  function begin(
    sender: Sender,
    client: Client | undefined,
    description: CommandOperation,
    command?: Command,
  ): Operation | undefined {
    const server = client === undefined ? CLUSTER_SERVER : serverOf(client);
    // The app may share a client with a package, so the caller of each command without a parent tells whose it is. Packages
    // without scripts of their own pass on what the app asks (a cache, a session store): those are the app's.
    const started = database.start(server, description, () =>
      libraryClients.get(sender) === true && isCalledByPackage('ioredis') ? 'library' : undefined,
    );
    const isFound = client === undefined || Boolean(client.options.sentinels);
    return started && new Operation(database, started, isFound, command);
  }

  function isInternal(sender: Sender, client: Client | undefined, { name, args }: Command): boolean {
    if (internal > 0 || name === 'asking') return true;
    // Before a pipeline, where the server does not have it (built/pipeline.js of ioredis 4).
    if (name === 'script' && args[0] === 'load')
      return Object.values(sender.scriptsSet ?? {}).some(({ lua }) => lua === args[1]);
    if (client === undefined) return false;
    return (client.status === 'connect' && HANDSHAKE.has(name)) || ownClients.get(client) === true;
  }

  /** undefined: no span for it. */
  function send(sender: Sender, client: Client | undefined, command: unknown): Operation | undefined {
    if (!isCommand(command)) return undefined;
    const known = operations.get(command);
    if (known !== undefined) return known ?? undefined;
    // The pipeline has the span.
    if (command.pipelineIndex !== undefined) return undefined;
    const operation = isInternal(sender, client, command)
      ? undefined
      : begin(sender, client, new CommandDescription(command), command);
    operations.set(command, operation ?? null);
    operation?.followSettled(command);
    return operation;
  }

  /** undefined: nothing is sent, or it has its span already. */
  function beginBatch(pipeline: Pipeline): Operation | undefined {
    const { _queue: queue, redis } = pipeline;
    const [first] = queue;
    if (pipeline._transactions > 0 || isAutomatic(pipeline) || executed.get(pipeline)) return undefined;
    if (first === undefined || !queue.every(isCommand)) return undefined;
    executed.set(pipeline, true);
    const operation = begin(redis, clientOf(pipeline), BatchDescription.of(queue.slice()));
    if (operation === undefined) return undefined;
    // The others come by with the pipeline's buffer in their hands.
    operations.set(first, operation);
    operation.followSettled(pipeline);
    return operation;
  }

  const clientOf = ({ redis, isCluster }: Pipeline): Client | undefined =>
    isCluster ? undefined : (redis as Client);
  const isAutomatic = (pipeline: Pipeline): boolean => automatic.some((mark) => mark in pipeline);

  const asInternal: Around<unknown, true> = {
    before() {
      internal++;
      return true;
    },
    done() {
      internal--;
    },
  };

  const aroundDefine: Around<object, never> = {
    before(client) {
      if (libraryClients.get(client) === undefined && isCalledByPackage('ioredis'))
        libraryClients.set(client, true);
      return undefined;
    },
  };

  return {
    patch: {
      client({ default: Redis }: Exports) {
        database.watchCalls<Client>(Redis?.prototype, 'sendCommand', 'otherwise', (client, [command]) => {
          const operation = send(client, client, command);
          operation?.sentTo(client, client.options.sentinels ? configuredServer(client) : serverOf(client));
          return operation;
        });
        database.connectsOutsideOfContext(Redis?.prototype, 'connect', (client) => {
          if (closing.get(client) === true) closing.set(client, false);
        });
        // An argument says that it is to connect again, and quit() passes none.
        for (const method of ['disconnect', 'quit'])
          env.wrap<object, never>(Redis?.prototype, method, {
            before(client, [reconnects]) {
              if (method === 'quit' || !reconnects) closing.set(client, true);
              return undefined;
            },
          });
        env.wrap(Redis?.prototype, 'defineCommand', aroundDefine);
      },
      pipeline({ default: Pipeline }: Exports) {
        env.wrap<Pipeline, never>(Pipeline?.prototype, 'sendCommand', {
          before(pipeline, [command]) {
            if (isAutomatic(pipeline)) send(pipeline.redis, clientOf(pipeline), command);
            return undefined;
          },
        });
        database.watchCalls<Pipeline>(Pipeline?.prototype, 'exec', 'otherwise', beginBatch);
        // That of ioredis 4 asks for scripts. Nothing of the app is called before it returns.
        env.wrap(Pipeline?.prototype, 'exec', asInternal);
      },
      cluster({ default: Cluster }: Exports) {
        database.watchCalls<Sender>(Cluster?.prototype, 'sendCommand', 'otherwise', (cluster, [command]) =>
          send(cluster, undefined, command),
        );
        env.wrap(Cluster?.prototype, 'defineCommand', aroundDefine);
        database.connectsOutsideOfContext(Cluster?.prototype, 'connect');
        database.bindCallbacks(Cluster?.prototype, 'delayUntilReady');
        env.wrap(Cluster?.prototype, 'getInfoFromNode', asInternal);
        env.wrap(Cluster?.prototype, 'readyCheck', asInternal);
      },
      clusterSubscriber: (exports: Exports) =>
        env.wrap(exports.default?.prototype, 'selectSubscriber', asInternal),
      sentinelConnector: (exports: Exports) =>
        env.wrap<unknown, true>(exports.default?.prototype, 'connectToSentinel', {
          before: () => true,
          after: (_state, client) => ownClients.set(client as object, true),
        }),
      eventHandler: (exports: object) =>
        // It makes the function that is called when a connection is ready.
        env.wrap<unknown, true>(exports, 'readyHandler', {
          before: () => true,
          after(_state, handler) {
            const made = { handler };
            env.wrap(made, 'handler', asInternal);
            return made.handler;
          },
        }),
      autoPipelining: ({ kCallbacks }: { kCallbacks: symbol }) => void automatic.push(kCallbacks),
    },
  };
}
