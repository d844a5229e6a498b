/**
 * What the instrumentations of database drivers share: a driver is described once ({@link DatabaseDescription}), and each
 * of its operations is a {@link DatabaseCall} from the app's call until it is answered.
 */
import type { EventEmitter } from 'node:events';
import { types } from 'node:util';
import { maskSentValues } from '../../redaction/database/error-message';
import { activeContext, inContext, ROOT_CONTEXT } from '../../tracing/context';
import { followPromise } from '../../tracing/follow-promise';
import type { Around, EmitWatcher, InstrumentationEnv } from '../define';
import { Attached } from './attached';
import { bindCallback, replaceCallback } from './callbacks';
import { ConnectionWait } from './connection-wait';
import { type DatabaseServer, type DatabaseSpan, fail, succeed } from './database';
import type { DatabaseCall, Settling } from './database-call';
import { watchIteration } from './iteration';

/** @typeParam Connection what the driver keeps per connection */
export interface DatabaseDescription<Connection extends object> {
  /** Whom a connection talks to. Asked once per connection; {@link Database.setServer} says that it has changed. */
  serverOf(connection: Connection): DatabaseServer;
  /**
   * The SQLSTATE or the server's own code; undefined where the error is not the server's. Gets whatever was thrown, and the
   * call for drivers whose errors have no code.
   */
  errorCode(error: unknown, call: DatabaseCall): string | undefined;
  /** What was sent, for servers that repeat it in their errors without quotes. */
  sentValues?(error: unknown): readonly unknown[];
  /** Takes what is no name out of the server's message, for servers that quote in another way than most. */
  maskMessage?(message: string): string;
}

/**
 * How an operation ends. `promise`: what the method returns settles. `emitter`: a callback among the arguments is called, with
 * an error or null first, or else what the method returns emits `end` or `error` ({@link Database.watchEmitter}).
 * `return`: the method returns or throws. `iteration`: the iterator that it returns has been read, or is left. `otherwise`: whoever
 * makes the call sees to it.
 */
export type Ending = 'promise' | 'emitter' | 'return' | 'iteration' | 'otherwise';

/** A connection with its server. */
class ServedConnection extends Attached {
  #server: DatabaseServer;

  constructor(connection: object, server: DatabaseServer) {
    super(connection);
    this.#server = server;
  }

  static serverOf(connection: object): DatabaseServer | undefined {
    return #server in connection ? (connection as ServedConnection).#server : undefined;
  }

  static set(connection: object, server: DatabaseServer): void {
    if (#server in connection) (connection as ServedConnection).#server = server;
    else new ServedConnection(connection, server);
  }
}

/** What a method returned, with the call that it was made for. */
class CalledEmitter extends Attached {
  #call: DatabaseCall;

  constructor(emitter: object, call: DatabaseCall) {
    super(emitter);
    this.#call = call;
  }

  static callOf(emitter: object): DatabaseCall | undefined {
    return #call in emitter ? (emitter as CalledEmitter).#call : undefined;
  }

  /** What a pool returned is handed on to a connection, whose call takes the place of the pool's. */
  static set(emitter: object, call: DatabaseCall): void {
    if (!(#call in emitter)) {
      new CalledEmitter(emitter, call);
      return;
    }
    const known = emitter as CalledEmitter;
    known.#call.isDone = true;
    known.#call = call;
  }
}

/** A driver. @typeParam Connection what it keeps per connection */
export class Database<Connection extends object> implements Settling {
  readonly settle: (call: DatabaseCall, failed: boolean, value: unknown) => void;

  constructor(
    protected readonly env: InstrumentationEnv,
    private readonly description: DatabaseDescription<Connection>,
  ) {
    const { errorCode, sentValues, maskMessage } = description;
    this.settle = env.guard((call: DatabaseCall, failed: boolean, value: unknown) => {
      const { started } = call;
      if (started === undefined || started.span.ended) return;
      const error = call.errorOf(failed, value);
      call.ending(error);
      const { dbRepeatedStatements } = env.config;
      if (error === undefined || error === null) succeed(started, dbRepeatedStatements);
      else
        fail(started, error, errorCode(error, call), dbRepeatedStatements, (message) => {
          const masked = maskMessage === undefined ? message : maskMessage(message);
          return maskSentValues(masked, sentValues?.(error) ?? []);
        });
      this.answered(started, error !== undefined && error !== null);
    });
  }

  /** The span of an operation has ended. */
  protected answered(_started: DatabaseSpan, _failed: boolean): void {}

  serverOf(connection: Connection): DatabaseServer {
    const known = ServedConnection.serverOf(connection);
    if (known !== undefined) return known;
    const server = this.description.serverOf(connection);
    ServedConnection.set(connection, server);
    return server;
  }

  /** What the connection sends from now on goes elsewhere: another database, or a server that has said what it is. */
  setServer(connection: Connection, server: DatabaseServer): void {
    ServedConnection.set(connection, server);
  }

  /**
   * Watches a method that starts operations.
   * @param begin makes the call; undefined: this one is none, and the original runs untouched
   */
  watchCalls<This extends object>(
    prototype: object | undefined,
    method: string,
    ends: Ending,
    begin: (self: This, args: unknown[]) => DatabaseCall | undefined,
  ): void {
    const around: Around<This, DatabaseCall> = {
      before(self, args) {
        const call = begin(self, args);
        if (call !== undefined && ends === 'emitter')
          replaceCallback(args, (callback) => call.callback(callback));
        return call;
      },
      after: (call, result) => {
        if (ends === 'return') call.settle(false, result);
        if (ends === 'promise') return call.follow(result);
        if (ends === 'iteration') watchIteration(this.env, call, result);
        if (ends === 'emitter' && typeof result === 'object' && result !== null)
          CalledEmitter.set(result, call);
        return undefined;
      },
      threw: (call, error) => call.finish(error),
    };
    this.env.wrap(prototype, method, around);
  }

  /** Watches the class of what methods return that end by an event. Its listeners run in the context of the call. */
  watchEmitter(prototype: object): void {
    const watcher: EmitWatcher<EventEmitter> = {
      contextOf(emitter, event, first) {
        const call = CalledEmitter.callOf(emitter);
        if (call === undefined) return undefined;
        if (event === 'end') call.finish();
        // Heard by nobody, it is thrown, and who looks at it then looks for its context.
        else if (event === 'error') {
          call.finish(first);
          return call.context;
        }
        return emitter.listenerCount(event as string) > 0 ? call.context : undefined;
      },
    };
    this.env.watchEmit(prototype as EventEmitter, watcher);
  }

  /** The callback of these methods is called from elsewhere; it is to run in the context of the call. */
  bindCallbacks(prototype: object | undefined, ...methods: string[]): void {
    for (const method of methods)
      this.env.wrap<object, never>(prototype, method, { before: (_self, args) => bindCallback(args) });
  }

  /**
   * The same for a method whose caller waits for the connection, and hears of it by a promise or a callback: a request that
   * waits for long has a span for it.
   * @param inside the context that the connection is opened in
   */
  watchConnecting(prototype: object | undefined, method: string, inside = ROOT_CONTEXT): void {
    const over = this.env.guard((connection: Connection, wait: ConnectionWait, error: unknown) =>
      wait.over(this.serverOf(connection), error),
    );
    interface Connecting {
      readonly wait: ConnectionWait | undefined;
      hasCallback: boolean;
    }
    this.env.wrap<Connection, Connecting>(prototype, method, {
      before: (connection, args) => {
        const context = activeContext();
        const wait = ConnectionWait.begin(this.env, context, 'connect');
        const connecting: Connecting = { wait, hasCallback: false };
        replaceCallback(args, (callback) => {
          connecting.hasCallback = true;
          return inContext(context, function connectCallback(this: unknown, ...results: unknown[]): unknown {
            if (wait !== undefined) over(connection, wait, results[0]);
            return Reflect.apply(callback, this, results);
          });
        });
        return connecting;
      },
      contextOf: () => inside,
      after({ wait, hasCallback }, result, connection) {
        if (wait === undefined || hasCallback || !types.isPromise(result)) return undefined;
        return followPromise(result, (failed, value) => over(connection, wait, failed ? value : undefined));
      },
    });
  }

  /**
   * Connections that this method opens belong to no request: a socket keeps the context in which it was made, and what
   * comes in on it later is everybody's.
   * @param before sees the call
   */
  connectsOutsideOfContext(
    prototype: object | undefined,
    method: string,
    before?: (self: object, args: unknown[]) => void,
  ): void {
    this.env.wrap<object, true>(prototype, method, {
      before(self, args) {
        before?.(self, args);
        bindCallback(args);
        return true;
      },
      contextOf: () => ROOT_CONTEXT,
    });
  }
}
