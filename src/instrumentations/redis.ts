/**
 * redis 4 to 6 (@redis/client 1, 5 and 6): one span per command of the app, from its call until its promise settles, and
 * one per pipeline or transaction (`PIPELINE SET`, `MULTI`, with `db.operation.batch.size`).
 *
 * - Not through the library's own channels (node-redis:command since 5.12): with a subscriber the client returns the promise
 *   of `tracePromise`, and for each command of a pipeline one that nobody handles, which it has to silence itself
 *   (dist/lib/client/index.js, `_executePipeline`). They also carry what the client says of itself.
 * - Commands of redis 5 and 6 pass `sendCommand`. Those of redis 4 pass a private method, so there the queue is watched, and
 *   the methods that put something into it say for which client. What else is put there is the client's own.
 * - What the client says to the server of itself (HELLO, AUTH, CLIENT SETINFO, subscribing again), QUIT and subscriptions
 *   have no span. A cluster asks for its slots by a command like any other (dist/lib/cluster/cluster-slots.js). It does so
 *   in a context of its own, by which these are told.
 * - A command that a cluster sends on to another node has a span for each node, and the redirection is no error.
 * - Connections are opened outside of any context, and tasks that wait for a pool run in the context of their caller.
 * - `db.response.status_code` is the error's prefix (`WRONGTYPE`); a batch fails with the first of its errors.
 */
import { sanitizeName } from '../redaction/sanitized';
import { activeContext, ROOT_CONTEXT } from '../tracing/context';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { runsInside } from './operations/callbacks';
import { CommandDatabase } from './operations/commands';
import { DatabaseCall } from './operations/database-call';
import { createHiddenState } from './operations/hidden-state';
import {
  BatchDescription,
  type BatchKind,
  CommandDescription,
  errorInAnswers,
  type RedisCommand,
  redisErrorPrefix,
  redisServer,
} from './operations/redis';

interface Client {
  readonly options?: {
    readonly socket?: { readonly host?: string; readonly port?: number; readonly path?: string };
    readonly database?: number;
  };
  readonly isOpen?: boolean;
  /** Of redis 5 and 6, whose clients with other options inherit from the one that has the connection. */
  readonly _self?: Client;
}

type Arguments = readonly unknown[];

interface Exports {
  readonly default: Class;
}

/** A call of redis 4 that puts commands into the queue. */
interface Sending {
  readonly client: Client;
  hasSent: boolean;
}

/** Methods of redis 4 that put commands into the queue. */
const SENDING = ['commandsExecutor', 'sendCommand', 'executeFunction', 'executeScript', 'SELECT'];

/** In which a cluster finds its nodes: no span is in it, as in the root context. */
const DISCOVERING = ROOT_CONTEXT.withSpan(undefined);

class Call extends DatabaseCall {
  override errorOf(failed: boolean, value: unknown): unknown {
    if (!failed) return errorInAnswers(value);
    return isRedirection(value) ? undefined : super.errorOf(failed, value);
  }
}

export function create(env: InstrumentationEnv): Instrumentation {
  const redis = new CommandDatabase<Client>(env, {
    serverOf({ options: { socket, database = 0 } = {} }) {
      const { host = 'localhost', port = 6379, path } = socket ?? {};
      return redisServer({ database: String(database), host, port, socketPath: path });
    },
    errorCode: redisErrorPrefix,
  });

  function begin(client: Client, args: Arguments): DatabaseCall | undefined {
    const description = new CommandDescription(commandOf(args));
    if (description.operation === 'CLUSTER' && activeContext() === DISCOVERING) return undefined;
    const connection = client._self ?? client;
    const server = redis.serverOf(connection);
    const started = redis.start(server, description);
    // Whoever sends after it sends to that database.
    if (description.operation === 'SELECT')
      redis.setServer(connection, { ...server, namespace: sanitizeName(description.command.args[0]) });
    return started && new Call(redis, started);
  }

  function beginBatch(kind: BatchKind, client: Client, queue: unknown): DatabaseCall | undefined {
    const batch = BatchDescription.of(
      (queue as { args: unknown }[]).map(({ args }) => commandOf(args)),
      kind,
    );
    if (batch.batchSize === 0) return undefined;
    const started = redis.start(redis.serverOf(client._self ?? client), batch);
    return started && new Call(redis, started);
  }

  /** Of redis 4. A queue is that of the client that first put something into it. */
  const clients = createHiddenState<Client>();
  let sending: Sending | undefined;
  let isBatching = false;

  const aroundSending: Around<Client, Sending> = {
    before(client) {
      sending = { client, hasSent: false };
      return sending;
    },
    done() {
      sending = undefined;
    },
    after({ client, hasSent }, result, _self, [first, , name]) {
      if (hasSent || client.isOpen !== false) return undefined;
      // A client that is closed refuses: this span is the only trace of it.
      return begin(client, Array.isArray(first) ? first : [name])?.follow(result);
    },
  };

  function beginQueued(queue: object, args: Arguments): DatabaseCall | undefined {
    if (sending !== undefined) {
      sending.hasSent = true;
      clients.set(queue, sending.client);
      return begin(sending.client, args);
    }
    // A script that the server did not know by its hash is sent again, whole.
    const client = isBatching || args[0] !== 'EVAL' ? undefined : clients.get(queue);
    return client && begin(client, args);
  }

  const aroundMulti: Around<Client, { readonly call: DatabaseCall | undefined }> = {
    before(client, [queue, ...others]) {
      isBatching = true;
      // A transaction has a mark, by which its commands stay together.
      const kind = others.some((other) => typeof other === 'symbol') ? 'MULTI' : 'PIPELINE';
      return { call: beginBatch(kind, client, queue) };
    },
    done() {
      isBatching = false;
    },
    after: ({ call }, result) => call?.follow(result),
    threw: ({ call }, error) => call?.finish(error),
  };

  const aroundAttach: Around<unknown, never> = {
    before(_self, args) {
      const attached = { ...(args[0] as { executor: unknown }) };
      env.wrap(attached, 'executor', aroundSending);
      args[0] = attached;
      return undefined;
    },
  };

  return {
    patch: {
      // It takes the function that sends commands out of the client's class before anyone else sees the class.
      commander4(exports: object) {
        for (const method of ['attachCommands', 'extendWithCommands'])
          env.wrap(exports, method, aroundAttach);
      },
      queue4: ({ default: Queue }: Exports) =>
        redis.watchCalls<object>(Queue.prototype, 'addCommand', 'promise', (queue, [args]) =>
          beginQueued(queue, args as Arguments),
        ),
      client4({ default: Client }: Exports) {
        for (const method of SENDING) env.wrap(Client.prototype, method, aroundSending);
        env.wrap(Client.prototype, 'multiExecutor', aroundMulti);
        redis.connectsOutsideOfContext(Client.prototype, 'connect');
      },
      client({ default: Client }: Exports) {
        redis.watchCalls<Client>(Client.prototype, 'sendCommand', 'promise', (client, [args]) =>
          begin(client, args as Arguments),
        );
        redis.watchCalls<Client>(Client.prototype, '_executePipeline', 'promise', (client, [queue]) =>
          beginBatch('PIPELINE', client, queue),
        );
        redis.watchCalls<Client>(Client.prototype, '_executeMulti', 'promise', (client, [queue]) =>
          beginBatch('MULTI', client, queue),
        );
        redis.connectsOutsideOfContext(Client.prototype, 'connect');
      },
      clusterSlots: ({ default: Slots }: Exports) =>
        runsInside(env, Slots.prototype, DISCOVERING, 'connect', 'rediscover'),
      pool: (exports: { RedisClientPool: Class }) =>
        redis.bindCallbacks(exports.RedisClientPool.prototype, 'execute'),
    },
  };
}

/** What the app asks may refuse to be read. */
function commandOf(sent: unknown): RedisCommand {
  try {
    const [name, ...args] = sent as unknown[];
    return { name: typeof name === 'string' ? name : '', args };
  } catch {
    return { name: '', args: [] };
  }
}

/** A cluster's node says where the key is, and the client asks there. */
function isRedirection(error: unknown): boolean {
  const prefix = redisErrorPrefix(error);
  return prefix === 'MOVED' || prefix === 'ASK';
}
