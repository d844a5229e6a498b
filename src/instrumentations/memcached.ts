/**
 * memcached 2: one span per command that goes to a server, from its call until its callback. A command for keys on several
 * servers, or for all servers, has a span for each of them.
 *
 * - All commands pass `Client#command`, which is given a function that makes the query (lib/memcached.js). The query's
 *   callback ends the span. While the app is called, the query has the app's own callback again, because it is `this` there.
 * - The pool opens connections when a command needs one, and repeats that by a timer (jackpot/index.js). This happens
 *   outside of any context.
 * - Where a connection is lost, the driver forgets the commands that wait for an answer on it, and never calls back. Their
 *   spans end with an error when the pool gives up the connection. Copies for redundancy have no spans.
 * - `db.response.status_code` is the first word of the server's answer. The driver passes on its text without that word: an
 *   error that comes with an answer is `CLIENT_ERROR`, unless the text says `ERROR`. The app is not told of a
 *   `SERVER_ERROR`; the span has it from `Client#connectionIssue`. `NOT_STORED` is no error ("not because of an error",
 *   memcached's doc/protocol.txt).
 * - Arguments that the driver refuses before it looks for a server make a span with that error.
 */
import { types } from 'node:util';
import { safeGet, safeIsArray } from '../tracing/attributes';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import type { AnyFunction } from './operations/callbacks';
import { CommandDatabase } from './operations/commands';
import { type DatabaseSpan, locate } from './operations/database';
import { DatabaseCall } from './operations/database-call';
import { createHiddenState } from './operations/hidden-state';
import { MemcachedOperation, memcachedServer, UNKNOWN_SERVER } from './operations/memcached';

interface Client {
  readonly servers: readonly string[];
}

interface Query {
  /** Its line of the protocol, and then the value. */
  readonly command: string;
  readonly multi?: boolean;
  callback?: unknown;
  /** How long it took, where the server has answered. */
  readonly execution?: number;
}

class Call extends DatabaseCall {
  /** What the server has refused the command with, and the app is not told. */
  serverError: Error | undefined;

  constructor(
    database: CommandDatabase<Client>,
    started: DatabaseSpan | undefined,
    private readonly query: Query,
    private readonly original: AnyFunction,
  ) {
    super(database, started);
  }

  override settle(failed: boolean, value: unknown): void {
    this.query.callback = this.original;
    super.settle(failed, value);
  }

  override errorOf(failed: boolean, value: unknown): unknown {
    if (!failed) return this.serverError;
    const error = safeIsArray(value) ? value[0] : value;
    return safeGet(error, 'notStored') === true ? undefined : super.errorOf(true, error);
  }

  /** Nobody will be called back: the connection is closed. */
  lose(): void {
    this.finish(this.serverError ?? new Error('The connection was closed before the answer came'));
  }

  codeOf(error: unknown): string | undefined {
    if (error === this.serverError) return 'SERVER_ERROR';
    const message = safeGet(error, 'message');
    if (this.query.execution === undefined || String(message).startsWith('Unknown response'))
      return undefined;
    return message === 'Received an ERROR response' ? 'ERROR' : 'CLIENT_ERROR';
  }
}

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new CommandDatabase<Client>(env, {
    serverOf: ({ servers }) =>
      servers.length === 1 ? memcachedServer(addressOf(servers[0])) : UNKNOWN_SERVER,
    errorCode: (error, call) => (call instanceof Call ? call.codeOf(error) : undefined),
  });
  const calls = createHiddenState<Call>();
  /** The one whose server is being looked for. */
  let sending: Call | undefined;

  const begin = env.guard((client: Client, query: Query) => {
    const { callback, command } = query;
    if (typeof command !== 'string' || !isAccepted(callback)) return;
    const [line = ''] = command.split('\r', 1);
    const [name = '', ...args] = line.split(' ');
    // Behind a key there are flags and lengths, and one mark is enough for what is not shown.
    const operation = new MemcachedOperation(name, query.multi ? args : args.slice(0, 2));
    const call = new Call(database, database.start(database.serverOf(client), operation), query, callback);
    query.callback = call.callback(callback);
    calls.set(query, call);
    sending = call;
  });

  return {
    patch: {
      client({ prototype }: Class) {
        env.wrap<Client, true>(prototype, 'command', {
          before(client, args) {
            const compile = args[0] as AnyFunction;
            args[0] = function compileQuery(this: unknown, ...options: unknown[]): unknown {
              const query = Reflect.apply(compile, this, options);
              // The second one is made for copies of the command.
              if (options[0] === undefined) begin(client, query as Query);
              return query;
            };
            return true;
          },
          done() {
            sending = undefined;
          },
        });
        database.connectsOutsideOfContext(prototype, 'connect', (client, [server]) => {
          const started = sending?.started;
          sending = undefined;
          if (started === undefined || database.serverOf(client as Client) !== UNKNOWN_SERVER) return;
          locate(started, memcachedServer(addressOf(server)));
        });
        env.wrap<Client, never>(prototype, 'connectionIssue', {
          before(_client, [message, stream]) {
            const [query] = waitingOn(stream);
            const call = calls.get(query);
            if (call !== undefined) call.serverError = new Error(String(message));
            return undefined;
          },
        });
      },
      pool({ prototype }: Class) {
        for (const method of ['release', 'remove'])
          env.wrap<object, never>(prototype, method, {
            before(_pool, [stream]) {
              for (const query of waitingOn(stream)) calls.get(query)?.lose();
              return undefined;
            },
          });
      },
    },
  };
}

/** The driver refuses functions of another kind, and calls them with the refusal. */
function isAccepted(callback: unknown): callback is AnyFunction {
  return (
    typeof callback === 'function' && !types.isAsyncFunction(callback) && !types.isGeneratorFunction(callback)
  );
}

/** Queries in the order in which the server answers them. */
function waitingOn(stream: unknown): readonly object[] {
  const queries = safeGet(stream, 'metaData');
  return safeIsArray(queries) ? (queries as object[]) : [];
}

/** `host:port`, or `host` alone. */
function addressOf(server: unknown): { host: string; port: number } {
  const text = typeof server === 'string' ? server : '';
  const [, host = text, port = 11211] = /^(.+):(\d+)$/.exec(text) ?? [];
  return { host, port: Number(port) };
}
