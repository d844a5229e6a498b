/**
 * pg-pool: callbacks run in their caller's context, although the pool calls them when somebody else gives a
 * connection back. Waiting and connecting make no span; the statement's span begins when it has a connection, and
 * the gap before it is the wait. A pool.query() that never got a connection still has its span, with the error.
 */
import { monotonic } from '../../tracing/clock';
import { activeContext, enter, leave } from '../../tracing/context';
import type { InstrumentationEnv } from '../define';
import { type AnyFunction, bindCallback } from '../operations/callback-context';
import { type DatabaseServer, fail, startStatement } from '../operations/database';
import { createStamp } from '../operations/stamp';
import { sqlState } from './call';
import { describeServer, type PgClient, readStatement } from './statement';

interface PgPool {
  readonly _clients?: readonly PgClient[];
}

/** A pool.query() on its way to a connection. What it asks is read only if it does not get one. */
interface Asking {
  readonly args: readonly unknown[];
  readonly startedAt: number;
}

export function patchPool(env: InstrumentationEnv, prototype: object): void {
  const servers = createStamp<DatabaseServer>();
  let asking: Asking | undefined;

  /** Runs in a callback, where only `wrap` keeps our failures away from the app. */
  const guarded = { lost: (_pool: PgPool, _query: Asking, _error: unknown): void => {} };
  env.wrap<unknown, undefined>(guarded, 'lost', {
    before(_self, [pool, query, error]) {
      const { args, startedAt } = query as Asking;
      const server = servers.get(pool as object);
      const statement = readStatement(undefined, args, env.config.dbParameters);
      if (server === undefined || statement === undefined) return undefined;
      const { text, values } = statement;
      const started = startStatement(env, server, 'postgresql', text, values, startedAt);
      if (started !== undefined) fail(started, error, sqlState(error));
      return undefined;
    },
  });

  env.wrap<PgPool, Asking>(prototype, 'query', {
    before(_pool, args) {
      // The callback is the last argument; the pool drops the ones after it.
      bindCallback(args, typeof args[1] === 'function' ? 1 : 2);
      asking = { args, startedAt: monotonic() };
      return asking;
    },
    done() {
      asking = undefined;
    },
  });

  env.wrap<PgPool, undefined>(prototype, 'connect', {
    before(pool, args) {
      const query = asking;
      asking = undefined;
      const callback = args[0];
      if (query === undefined || typeof callback !== 'function') bindCallback(args, 0);
      else args[0] = bindAsking(pool, query, callback as AnyFunction);
      return undefined;
    },
  });

  function bindAsking(pool: PgPool, query: Asking, callback: AnyFunction): AnyFunction {
    const context = activeContext();
    return function connectCallback(this: unknown, ...received: unknown[]): unknown {
      const outer = enter(context);
      try {
        if (received[0]) guarded.lost(pool, query, received[0]);
        return Reflect.apply(callback, this, received);
      } finally {
        leave(outer);
      }
    };
  }

  // A pool knows its server from the clients it makes: its options may be a URL, or come from the environment.
  env.wrap<PgPool, PgPool>(prototype, 'newClient', {
    before: (pool) => pool,
    after(pool) {
      const client = pool._clients?.at(-1);
      if (client !== undefined) servers.set(pool, describeServer(client));
    },
  });
}
