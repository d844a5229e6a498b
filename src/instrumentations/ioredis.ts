/**
 * ioredis 5 and 6: one span per command of the app, from its call until it is settled, and one per pipeline or
 * transaction (`PIPELINE SET`, `MULTI`, with `db.operation.batch.size`), as the conventions for Redis have it.
 *
 * - Not through the library's own channels (ioredis:command, ioredis:batch since 5.11): as soon as anyone subscribes,
 *   ioredis puts a `catch` on what it returns, and a rejection that nobody handles no longer ends the app
 *   (built/tracing.js). They also speak when a queued command is sent, in the context of the connection.
 * - A command that waits in the offline queue, is redirected in a cluster or sent again has one span. Automatic
 *   pipelining is the library's doing: each command keeps a span of its own, below the one that called it.
 * - What ioredis says to the server of itself (AUTH, SELECT, INFO, CLIENT SETNAME, CLUSTER SLOTS, subscribing again)
 *   has no span.
 * - Connections are opened outside of any context: the listeners of what comes in later belong to nobody's request.
 * - `db.response.status_code` is the error's prefix (`WRONGTYPE`); a batch fails with the first of its errors.
 */
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { type Client, type Command, isCommand, type Pipeline } from './ioredis/client';
import { type Operation, Operations } from './ioredis/operations';
import type { AnyFunction } from './operations/callbacks';
import { createHiddenState } from './operations/hidden-state';

/** What ioredis sends between connecting and being ready. The app's own in that short time pass for it. */
const HANDSHAKE = new Set(['auth', 'client', 'hello', 'himport', 'info', 'readonly', 'select']);

interface Exports {
  readonly default?: Class;
}

export function create(env: InstrumentationEnv): Instrumentation {
  const operations = new Operations(env);
  const { database } = operations;
  /** Connections of ioredis' own, to sentinels. */
  const ownClients = createHiddenState<true>();
  /** Marks of automatic pipelines; each copy of ioredis has its own. */
  const automatic: symbol[] = [];
  /** Above 0 while ioredis talks to the server of itself. */
  let internal = 0;

  function isAutomatic(pipeline: Pipeline): boolean {
    return automatic.some((mark) => mark in pipeline);
  }

  function isInternal(client: Client, command: Command): boolean {
    return (
      internal > 0 ||
      command.name === 'asking' ||
      (client.status === 'connect' && HANDSHAKE.has(command.name)) ||
      ownClients.get(client) === true
    );
  }

  const aroundSend: Around<Client, Operation> = {
    before(client, args) {
      const command = args[0];
      if (!isCommand(command)) return undefined;
      let operation = operations.of(command);
      if (operation === undefined) {
        // Of a pipeline, which has the span.
        if (isPipelined(args[1])) return undefined;
        if (isInternal(client, command)) operations.skip(command);
        else operation = operations.beginCommand(client, client, command);
      }
      if (!operation) return undefined;
      operations.locate(operation, client);
      return operation;
    },
    threw: (operation, error) => operation.finish(error),
  };

  const aroundClusterSend: Around<object, Operation> = {
    before(cluster, args) {
      const command = args[0];
      if (!isCommand(command) || operations.of(command) !== undefined || isPipelined(args[1]))
        return undefined;
      if (internal === 0) return operations.beginCommand(cluster, undefined, command) ?? undefined;
      operations.skip(command);
      return undefined;
    },
    threw: (operation, error) => operation.finish(error),
  };

  const aroundQueue: Around<Pipeline, Operation> = {
    before(pipeline, args) {
      const command = args[0];
      if (isAutomatic(pipeline) && isCommand(command) && operations.of(command) === undefined) {
        const { redis, isCluster } = pipeline;
        operations.beginCommand(redis, isCluster ? undefined : (redis as Client), command);
      }
      return undefined;
    },
  };

  const aroundExec: Around<Pipeline, Operation> = {
    before(pipeline) {
      if (pipeline._transactions > 0 || isAutomatic(pipeline)) return undefined;
      return operations.beginBatch(pipeline) ?? undefined;
    },
    threw: (operation, error) => operation.finish(error),
  };

  const asInternal: Around<unknown, true> = {
    before() {
      internal++;
      return true;
    },
    done() {
      internal--;
    },
  };

  /** Makes the function that is called when a connection is ready. */
  const aroundReadyHandler: Around<unknown, true> = {
    before: () => true,
    after(_state, handler) {
      return function (this: unknown, ...args: unknown[]): unknown {
        internal++;
        try {
          return Reflect.apply(handler as AnyFunction, this, args);
        } finally {
          internal--;
        }
      };
    },
  };

  const aroundSentinel: Around<unknown, true> = {
    before: () => true,
    after: (_state, client) => ownClients.set(client as object, true),
  };

  const aroundDefine: Around<object, never> = {
    before(client) {
      operations.defines(client);
      return undefined;
    },
  };

  const aroundClose: Around<object, never> = {
    before(client, [reconnect]) {
      if (!reconnect) operations.setClosing(client, true);
      return undefined;
    },
  };

  const opened = (client: object): void => operations.setClosing(client, false);

  return {
    patch: {
      client({ default: Redis }: Exports) {
        env.wrap(Redis?.prototype, 'sendCommand', aroundSend);
        database.connectsOutsideOfContext(Redis?.prototype, 'connect', opened);
        env.wrap(Redis?.prototype, 'disconnect', aroundClose);
        env.wrap(Redis?.prototype, 'quit', {
          ...aroundClose,
          before: (client) => aroundClose.before(client, []),
        });
        env.wrap(Redis?.prototype, 'defineCommand', aroundDefine);
      },
      pipeline({ default: Pipeline }: Exports) {
        env.wrap(Pipeline?.prototype, 'sendCommand', aroundQueue);
        env.wrap(Pipeline?.prototype, 'exec', aroundExec);
      },
      cluster({ default: Cluster }: Exports) {
        env.wrap(Cluster?.prototype, 'sendCommand', aroundClusterSend);
        env.wrap(Cluster?.prototype, 'defineCommand', aroundDefine);
        database.connectsOutsideOfContext(Cluster?.prototype, 'connect');
        database.bindCallbacks(Cluster?.prototype, 'delayUntilReady');
        env.wrap(Cluster?.prototype, 'getInfoFromNode', asInternal);
        env.wrap(Cluster?.prototype, 'readyCheck', asInternal);
      },
      clusterSubscriber: (exports: Exports) =>
        env.wrap(exports.default?.prototype, 'selectSubscriber', asInternal),
      sentinelConnector: (exports: Exports) =>
        env.wrap(exports.default?.prototype, 'connectToSentinel', aroundSentinel),
      eventHandler: (exports: object) => env.wrap(exports, 'readyHandler', aroundReadyHandler),
      autoPipelining: ({ kCallbacks }: { kCallbacks: symbol }) => void automatic.push(kCallbacks),
    },
  };
}

function isPipelined(stream: unknown): boolean {
  return (
    typeof stream === 'object' && stream !== null && (stream as { isPipeline?: unknown }).isPipeline === true
  );
}
