/**
 * mongodb 5 to 7: one span per command that is sent for the app, with each getMore of a cursor and each part of a bulk; and one
 * for an operation that fails before anything is sent.
 *
 * - The driver's events (`monitorCommands`) are not used: they need an option that the app can see, the driver parses every
 *   answer for them, and they come where the app's context is lost.
 * - All operations of the app begin in `executeOperation` (lib/operations/execute_operation.js). What it runs has a context
 *   of its own, which says so, and `command` of a connection (lib/cmap/connection.js) makes spans only there. What the
 *   driver says of itself (handshake, authentication, monitors, the ping of `connect()`) comes from elsewhere. Of what it
 *   sends by operations, endSessions and the killCursors of cursors that were left have no span.
 * - Up to 6.2 the parts of the driver call each other back, and a pool calls whoever waits for a connection from the context
 *   of whoever gave it back (lib/cmap/connection_pool.js). Later ones use promises, which keep their contexts.
 * - Connections and monitors are opened, and opened again, outside of any context.
 * - A session's transaction begins where the app says so. It has a span if anything is sent in it.
 * - An answer that is a success may have errors of single documents in it: the first of them is the span's.
 */
import { types } from 'node:util';
import { sanitizeName } from '../redaction/sanitized';
import { activeContext, inContext } from '../tracing/context';
import { followPromise } from '../tracing/follow-promise';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { CommandDescription, MongoDatabase, type Session } from './mongodb/commands';
import { errorInReply, serverErrorCode } from './mongodb/errors';
import {
  type Client,
  Execution,
  type HostAddress,
  type Namespace,
  type Operation,
} from './mongodb/operations';
import { replaceCallback } from './operations/callbacks';
import { type DatabaseServer, describeServer } from './operations/database';
import { DatabaseCall } from './operations/database-call';
import { createHiddenState } from './operations/hidden-state';
import { watchPool } from './operations/pool-wait';

interface Pool {
  readonly options: { readonly hostAddress: HostAddress };
  readonly totalConnectionCount: number;
  readonly availableConnectionCount: number;
  readonly waitQueueSize: number;
}

interface Topology {
  readonly s?: { readonly seedlist?: readonly HostAddress[] };
}

class Call extends DatabaseCall {
  override errorOf(failed: boolean, value: unknown): unknown {
    return failed ? super.errorOf(failed, value) : errorInReply(value);
  }
}

export function create(env: InstrumentationEnv): Instrumentation {
  /** Of connections. */
  const addresses = createHiddenState<HostAddress>();
  const mongo = new MongoDatabase(env, {
    serverOf: (owner: object) => serverAt(addresses.get(owner) ?? (owner as Topology).s?.seedlist?.[0]),
    errorCode: serverErrorCode,
  });

  function begin(connection: object, [ns, command, options]: unknown[]): DatabaseCall | undefined {
    const context = activeContext();
    const execution = Execution.in(context);
    if (execution === undefined) return undefined;
    execution.hasSent = true;
    const description = new CommandDescription(command);
    if (execution.isHousekeeping(description.operation)) return undefined;
    const { db } = ns as Namespace;
    const known = mongo.serverOf(connection);
    const server = known.namespace === db ? known : { ...known, namespace: sanitizeName(db) };
    // The next one is most likely to the same database.
    if (server !== known) mongo.setServer(connection, server);
    const { session } = (options ?? {}) as { session?: Session };
    return new Call(mongo, mongo.start(server, description, session, context));
  }

  /** The operation failed, and nothing was sent: no server, no connection, a client that is closed. */
  const ended = env.guard((execution: Execution, failed: boolean, error: unknown) => {
    const { client, operation, context, since, namespace } = execution;
    if (!failed || execution.hasSent) return;
    const description = execution.unsentCommand;
    if (execution.isHousekeeping(description.operation)) return;
    const server = serverAt(client.options?.hosts?.[0], namespace?.db ?? client.options?.dbName);
    new Call(mongo, mongo.start(server, description, operation.session, context, since)).finish(error);
  });

  const aroundOperation: Around<unknown, Execution> = {
    before(_self, args) {
      const [client, operation] = args;
      const execution = new Execution(client as Client, operation as Operation);
      replaceCallback(args, (callback) =>
        inContext(
          execution.context,
          function operationCallback(this: unknown, ...results: unknown[]): unknown {
            const [error] = results;
            ended(execution, error !== undefined && error !== null, error);
            return Reflect.apply(callback, this, results);
          },
        ),
      );
      return execution;
    },
    contextOf: ({ inside }) => inside,
    after: (execution, result) =>
      types.isPromise(result)
        ? followPromise(result, (failed, value) => ended(execution, failed, value))
        : undefined,
    threw: (execution, error) => ended(execution, true, error),
  };

  const connected = env.guard((pool: Pool, connection: unknown) => {
    if (typeof connection === 'object' && connection !== null)
      addresses.set(connection, pool.options.hostAddress);
  });

  return {
    patch: {
      operation: (exports: object) => env.wrap(exports, 'executeOperation', aroundOperation),
      connection({ Connection: { prototype } }: { Connection: Class }) {
        // The last argument was a callback before `sendCommand` came, and is a class since then.
        mongo.watchCalls(prototype, 'command', 'sendCommand' in prototype ? 'promise' : 'emitter', begin);
      },
      pool({ ConnectionPool: { prototype } }: { ConnectionPool: Class }) {
        mongo.connectsOutsideOfContext(prototype, 'createConnection', (pool, args) =>
          replaceCallback(args, (callback) => {
            return function connectionCallback(this: unknown, ...results: unknown[]): unknown {
              connected(pool as Pool, results[1]);
              return Reflect.apply(callback, this, results);
            };
          }),
        );
        watchPool<Pool>(env, { lost: () => undefined }, prototype, {
          queries: [],
          acquire: 'checkOut',
          read: () => undefined,
          serverOf: ({ options }) => serverAt(options.hostAddress),
          counts: ({ totalConnectionCount, availableConnectionCount, waitQueueSize }) => ({
            size: totalConnectionCount,
            idle: availableConnectionCount,
            waiting: waitQueueSize,
          }),
        });
      },
      topology: ({ Topology: { prototype } }: { Topology: Class }) =>
        mongo.watchConnecting(prototype, 'connect'),
      monitor({ Monitor: { prototype } }: { Monitor: Class }) {
        for (const method of ['connect', 'requestCheck', 'reset'])
          mongo.connectsOutsideOfContext(prototype, method);
      },
      session({ ClientSession: { prototype } }: { ClientSession: Class }) {
        env.wrap<Session, Session>(prototype, 'startTransaction', {
          before: (session) => session,
          after: (session) => mongo.transactionBegins(session),
        });
        env.wrap<Session, never>(prototype, 'endSession', {
          before(session) {
            mongo.sessionEnds(session);
            return undefined;
          },
        });
      },
    },
  };
}

function serverAt(address: HostAddress | undefined, database?: string): DatabaseServer {
  return describeServer({ system: 'mongodb', database, ...address, defaultPort: 27017 });
}
