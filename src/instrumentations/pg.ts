/**
 * pg 8, its native client, pg-pool 3 and pg-cursor 2: one span per statement, from the call of query() until pg is
 * done with it.
 *
 * pg calls back from its socket's context, which belongs to whoever happened to open the connection. Callbacks and
 * listeners are therefore run in the context of the call they belong to.
 *
 * Compared with `@opentelemetry/instrumentation-pg` (test/contract/pg-official.test.ts): every attribute of its query spans is
 * on ours with the same value, also `server.port` when it is the default, except that `db.query.text` and the texts
 * of errors come without literals. Its spans `pg.connect` and `pg-pool.connect` have no counterpart: ours are
 * statements, and the time until a connection is there is the gap before them.
 */
import { sanitizeName } from '../redaction/sanitized';
import { activeContext } from '../tracing/context';
import type { Instrumentation, InstrumentationEnv } from './define';
import { Attached } from './operations/attached';
import { bindCallback } from './operations/callback-context';
import { type DatabaseServer, startStatement } from './operations/database';
import { Call, guardedFinish } from './pg/call';
import { OwnQueries } from './pg/own-query';
import { patchPool } from './pg/pool';
import { describeServer, type PgClient, readStatement } from './pg/statement';
import { Submittables } from './pg/submittable';

/** Name of a prepared statement; called so by the official instrumentation. */
const PLAN = 'db.postgresql.plan';

interface Class {
  readonly prototype: object;
}

interface QueueingClient extends PgClient {
  readonly _queryQueue?: readonly object[];
  /** Its name up to pg 8.16; a getter that prints a deprecation after that. */
  readonly queryQueue?: readonly object[];
}

/** A client with the server it talks to. */
class ServedClient extends Attached {
  #server: DatabaseServer;

  constructor(client: object, server: DatabaseServer) {
    super(client);
    this.#server = server;
  }

  static serverOf(client: object): DatabaseServer | undefined {
    return #server in client ? (client as ServedClient).#server : undefined;
  }
}

export function create(env: InstrumentationEnv): Instrumentation {
  const ownQueries = new OwnQueries(guardedFinish(env));
  const submittables = new Submittables(env);

  function serverOf(client: PgClient): DatabaseServer {
    let server = ServedClient.serverOf(client);
    if (server === undefined) {
      server = describeServer(client);
      new ServedClient(client, server);
    }
    return server;
  }

  function begin(client: PgClient, args: unknown[]): Call | undefined {
    const statement = readStatement(client, args, env.config.dbParameters);
    if (statement === undefined) return undefined;
    const { submittable } = statement;
    if (submittable !== undefined && !submittables.watch(submittable)) return undefined;
    const started = startStatement(env, serverOf(client), 'postgresql', statement.text, statement.values);
    if (statement.name !== '') started?.span.put(PLAN, sanitizeName(statement.name));
    const call = new Call(activeContext(), started);
    if (submittable !== undefined) submittables.add(submittable, call);
    return call;
  }

  /** Statements that pg forgets without a word to anyone. */
  function abandon(queries: readonly object[], why: string): void {
    for (const query of queries) {
      let call = ownQueries.callOf(query) ?? submittables.callOf(query);
      for (; call !== undefined; call = call.next) call.finish(new Error(why));
    }
  }

  function patchClient(prototype: object): void {
    env.wrap<PgClient, Call>(prototype, 'query', {
      before(client, args) {
        const call = begin(client, args);
        if (call?.submittable === undefined) ownQueries.expect(call);
        return call;
      },
      done: () => ownQueries.expect(undefined),
      after(call) {
        if (call.submittable !== undefined || typeof call.callback === 'function') return;
        // Nobody will tell of the end.
        call.finish(undefined);
        if (!call.made) throw new Error('pg made its Query in a way that is not known');
      },
      threw(call, error) {
        call.finish(error);
        submittables.remove(call);
      },
    });
    env.wrap<PgClient, undefined>(prototype, 'connect', {
      before: (_client, args) => bindCallback(args, 0),
    });
    env.wrap<QueueingClient, undefined>(prototype, 'end', {
      before(client) {
        // Never connected: pg says that it has ended and leaves the queue as it is.
        if (client.connection !== undefined && !client.connection._connecting)
          abandon(queueOf(client), 'The client was closed before it was ever connected');
        return undefined;
      },
    });
    env.wrap<QueueingClient, undefined>(prototype, 'cancel', {
      before(client, args) {
        // The native client cancels its own queries, the other one those of another client.
        const [target, query] =
          args.length > 1 ? [args[0] as QueueingClient | undefined, args[1]] : [client, args[0]];
        if (queueOf(target).includes(query as object))
          abandon([query as object], 'The query was cancelled before it was sent');
        return undefined;
      },
    });
  }

  return {
    patch(exports, { package: name }) {
      const { prototype } = exports as Class;
      if (name === 'pg-pool') return patchPool(env, prototype);
      if (name === 'pg-cursor') {
        for (const [method, index] of [
          ['read', 1],
          ['close', 0],
        ] as const) {
          env.wrap<unknown, undefined>(prototype, method, {
            before: (_cursor, args) => bindCallback(args, index),
          });
        }
        return;
      }
      const queryPrototype = (exports as { Query: Class }).Query.prototype;
      ownQueries.patch(queryPrototype);
      patchClient(prototype);
    },
  };
}

function queueOf(client: QueueingClient | undefined): readonly object[] {
  return client?._queryQueue ?? client?.queryQueue ?? [];
}
