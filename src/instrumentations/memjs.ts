/**
 * memjs 1: one span per command of the app, from its call until it is answered. A command that is sent again has one span;
 * one that goes to all servers (`flush`, `stats`, `quit`) has a span for each of them.
 *
 * - Commands with a key pass `Client#perform`, which calls itself to send again (lib/memjs/memjs.js). The others only pass
 *   `Server#write`, after their handlers were left with the server under the number of the request (lib/memjs/server.js).
 * - Promises need nothing: the library settles them in callbacks that it passes itself.
 * - The command is read from the request, which is in the binary protocol. Spans have its name of the text protocol. memjs
 *   sends an append for `prepend()`.
 * - A connection is opened by the first command, and timers of it are set by others. All of this happens outside of any
 *   context. The handlers of errors run in that of their command: they call the app's logger, and send again.
 * - `db.response.status_code` is the number that the server answered with. A key that is not there, or is there already, is
 *   no error.
 */
import { inContext, ROOT_CONTEXT } from '../tracing/context';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { type AnyFunction, replaceCallback } from './operations/callbacks';
import { CommandDatabase } from './operations/commands';
import { locate } from './operations/database';
import { DatabaseCall } from './operations/database-call';
import { createHiddenState } from './operations/hidden-state';
import { MemcachedOperation, memcachedServer, UNKNOWN_SERVER } from './operations/memcached';

/** `quiet`: more answers follow, and the last one is empty. */
type Handler = AnyFunction & { quiet?: boolean };

interface Server {
  readonly host: string;
  readonly port: number;
  readonly responseCallbacks: Record<number, Handler | undefined>;
  readonly errorCallbacks: Record<number, AnyFunction | undefined>;
}

interface Client {
  readonly servers: readonly Server[];
}

interface Response {
  readonly header: { readonly status: number; readonly totalBodyLength: number };
}

/** The commands that memjs sends, by the second byte of a request. */
const COMMANDS: Readonly<Record<number, string>> = {
  0: 'get',
  1: 'set',
  2: 'add',
  3: 'replace',
  4: 'delete',
  5: 'incr',
  6: 'decr',
  7: 'quit',
  8: 'flush_all',
  14: 'append',
  16: 'stats',
  28: 'touch',
};
/** Those that send no value, and no number, with their key. */
const KEY_ONLY: ReadonlySet<string> = new Set(['get', 'delete', 'quit', 'flush_all', 'stats']);
/** "No error", "Key not found", "Key exists", "Item not stored" (lib/memjs/protocol.js). */
const SUCCESSES: ReadonlySet<number> = new Set([0, 1, 2, 5]);

class Call extends DatabaseCall {
  status = 0;
  texts: Readonly<Record<number, string>> = {};

  override errorOf(failed: boolean, value: unknown): unknown {
    if (failed) return super.errorOf(failed, value);
    return SUCCESSES.has(this.status) ? undefined : new Error(this.texts[this.status] ?? 'Unknown status');
  }
}

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new CommandDatabase<Server>(env, {
    serverOf: memcachedServer,
    errorCode: (_error, call) =>
      call instanceof Call && call.status !== 0 ? String(call.status) : undefined,
  });
  /** Commands with a key, by the callbacks that `perform` calls itself with. */
  const calls = createHiddenState<Call>();
  /** The one that `perform` sends. */
  let sending: Call | undefined;
  let texts: Readonly<Record<number, string>> = {};

  function begin(server: Server | undefined, request: Buffer, key: unknown): Call {
    const name = COMMANDS[request[1] ?? -1] ?? '';
    const args = key === '' ? [] : KEY_ONLY.has(name) ? [key] : [key, undefined];
    const address = server === undefined ? UNKNOWN_SERVER : database.serverOf(server);
    const call = new Call(database, database.start(address, new MemcachedOperation(name, args)));
    call.texts = texts;
    return call;
  }

  /** The handlers of a request that has no callback: what the app is called by is in them. */
  function watchHandlers(server: Server, number: number, call: Call): void {
    const { responseCallbacks, errorCallbacks } = server;
    const [onResponse, onError] = [responseCallbacks[number], errorCallbacks[number]];
    if (onResponse === undefined || onError === undefined) return;
    const answered = env.guard((response: Response) => {
      const { status, totalBodyLength } = response.header;
      call.status = status;
      if (!onResponse.quiet || totalBodyLength === 0 || status !== 0) call.finish();
    });
    responseCallbacks[number] = Object.assign(
      inContext(call.context, function onAnswer(this: unknown, ...args: unknown[]): unknown {
        answered(args[0] as Response);
        return Reflect.apply(onResponse, this, args);
      }),
      { quiet: onResponse.quiet },
    );
    errorCallbacks[number] = call.callback(onError);
  }

  return {
    patch: {
      client({ Client: { prototype } }: { Client: Class }) {
        env.wrap<Client, true>(prototype, 'perform', {
          before({ servers }, args) {
            replaceCallback(args, (callback) => {
              sending = calls.get(callback);
              if (sending !== undefined) return callback;
              const call = begin(servers.length === 1 ? servers[0] : undefined, args[1] as Buffer, args[0]);
              sending = call;
              const answer = call.callback(callback);
              const answered = env.guard((response: Response | null) => {
                call.status = response?.header.status ?? 0;
              });
              const performed: AnyFunction = function (this: unknown, ...results: unknown[]): unknown {
                answered(results[1] as Response | null);
                return Reflect.apply(answer, this, results);
              };
              calls.set(performed, call);
              return performed;
            });
            return true;
          },
          done() {
            sending = undefined;
          },
        });
      },
      server({ Server: { prototype } }: { Server: Class }) {
        env.wrap<Server, true>(prototype, 'write', {
          before(server, [request]) {
            const bytes = request as Buffer;
            const number = bytes.readUInt32BE(12);
            if (sending === undefined) {
              const keyAt = 24 + bytes.readUInt8(4);
              const key = bytes.toString('utf8', keyAt, keyAt + bytes.readUInt16BE(2));
              watchHandlers(server, number, begin(server, bytes, key));
              return true;
            }
            const { started, context } = sending;
            if (started !== undefined) locate(started, database.serverOf(server));
            const onError = server.errorCallbacks[number];
            if (onError !== undefined) server.errorCallbacks[number] = inContext(context, onError);
            return true;
          },
          contextOf: () => ROOT_CONTEXT,
        });
      },
      protocol({ errors }: { errors: Readonly<Record<number, string>> }) {
        texts = errors;
      },
    },
  };
}
