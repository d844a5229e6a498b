/**
 * cassandra-driver 4.4 and later (Cassandra, CQL): one span per request of the app, from its call until it is answered. Each page
 * of a result is one.
 *
 * - `execute`, `eachRow`, `stream`, `executeConcurrent` and the mapper come by `_execute`, batches by `_batch`
 *   (lib/client.js). Opening the client and preparing are parts of it: what the driver asks for itself (the control
 *   connection, metadata, PREPARE) never passes there.
 * - All of these are sent by a request handler (lib/request-handler.js, `send`). The next page of a result is sent by another
 *   one, with the options of the first, and passes `_execute` only where the driver reads on by itself.
 * - The host is chosen when a request is sent, and may change. The result tells which one answered, and so do the errors of
 *   requests that were sent.
 * - Rows of `eachRow` come from the socket, so its callbacks are bound. Other answers are promises, or come from them.
 * - Connections are opened outside of any context.
 */
import { sanitizeName } from '../redaction/sanitized';
import { safeGet, safeIsArray } from '../tracing/attributes';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { bindAt } from './operations/callbacks';
import { describeServer, locate } from './operations/database';
import { DatabaseCall } from './operations/database-call';
import { createHiddenState } from './operations/hidden-state';
import { SqlDatabase } from './operations/sql';

interface Client {
  readonly keyspace?: unknown;
}

interface RequestHandler {
  readonly client: Client;
  readonly request: { readonly query?: unknown; readonly params?: unknown };
  readonly executionOptions: ExecutionOptions;
}

interface ExecutionOptions {
  getKeyspace?(): unknown;
}

class Call extends DatabaseCall {
  override settle(failed: boolean, value: unknown): void {
    const { started, isDone } = this;
    const host = failed ? safeGet(value, 'coordinator') : safeGet(safeGet(value, 'info'), 'queriedHost');
    if (started !== undefined && !isDone && typeof host === 'string') {
      const colon = host.lastIndexOf(':');
      const [address, port] = [host.slice(0, colon), host.slice(colon + 1)];
      locate(started, describeServer({ system: 'cassandra', host: address, port }));
    }
    super.settle(failed, value);
  }
}

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new SqlDatabase<Client>(env, {
    dialect: 'cassandra',
    serverOf: ({ keyspace }) => describeServer({ system: 'cassandra', database: keyspace }),
    errorCode: responseCode,
  });
  /** Options of requests that have a span and have not been sent yet. */
  const unsent = createHiddenState<boolean>();

  /** `USE` changes the keyspace of a client, and a request may have one of its own. */
  function useKeyspace(client: Client, own?: unknown): void {
    const keyspace = sanitizeName(typeof own === 'string' ? own : client.keyspace);
    const server = database.serverOf(client);
    if (server.namespace !== keyspace) database.setServer(client, { ...server, namespace: keyspace });
  }

  function begin(
    client: Client,
    text: unknown,
    values: unknown,
    options: ExecutionOptions,
  ): Call | undefined {
    if (typeof text !== 'string') return undefined;
    useKeyspace(client, options.getKeyspace?.());
    return new Call(database, database.start(client, text, values ?? undefined));
  }

  return {
    patch: {
      client({ prototype }: Class) {
        database.watchCalls<Client>(prototype, '_execute', 'promise', (client, [text, values, options]) => {
          if (typeof options !== 'object' || options === null) return undefined;
          unsent.set(options, true);
          return begin(client, text, values, options);
        });
        database.watchCalls<Client>(prototype, '_batch', 'promise', (client, [queries, options]) => {
          const texts = textsOf(queries);
          if (texts.length === 0) return undefined;
          useKeyspace(client, safeGet(options, 'keyspace'));
          return new Call(database, database.startBatch(client, texts));
        });
        database.watchConnecting(prototype, '_connect');
        env.wrap<Client, never>(prototype, 'eachRow', {
          before(_client, args) {
            for (const index of args.keys()) bindAt(args, index);
            return undefined;
          },
        });
      },
      request({ prototype }: Class) {
        database.watchCalls<RequestHandler>(prototype, 'send', 'promise', (handler) => {
          const { client, request, executionOptions: options } = handler;
          // Batches have no pages.
          if (typeof request.query !== 'string') return undefined;
          const isPage = unsent.get(options) === false;
          unsent.set(options, false);
          return isPage ? begin(client, request.query, request.params, options) : undefined;
        });
      },
      connection: ({ prototype }: Class) => database.connectsOutsideOfContext(prototype, 'open'),
    },
  };
}

/** Of a batch, which may have texts and objects with a text in it. */
function textsOf(queries: unknown): string[] {
  if (!safeIsArray(queries)) return [];
  const texts = queries.map((each) => (typeof each === 'string' ? each : safeGet(each, 'query')));
  return texts.filter((text) => typeof text === 'string');
}

/** Only errors that the server answered with have a code that is a number (lib/errors.js, `ResponseError`). */
function responseCode(error: unknown): string | undefined {
  const code = safeGet(error, 'code');
  return safeGet(error, 'name') === 'ResponseError' && typeof code === 'number' ? String(code) : undefined;
}
