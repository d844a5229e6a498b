/**
 * Pools: waiting for a connection makes no span, the statement's span begins when it has one, and the gap before it is the
 * wait. A statement of the pool that never got a connection has a span all the same, with the error: it is the only
 * trace of the failure.
 */
import { monotonic } from '../../tracing/clock';
import {
  activeContext,
  enter,
  inContext,
  leave,
  ROOT_CONTEXT,
  type TraceContext,
} from '../../tracing/context';
import type { InstrumentationEnv } from '../define';
import { type AnyFunction, bindCallback, replaceCallback } from './callbacks';
import type { DatabaseServer } from './database';
import type { SqlDatabase } from './sql';

/** What a statement of the pool asks. */
export interface Asked {
  readonly text: string;
  readonly values: unknown;
}

export interface PoolDescription<Pool extends object> {
  /** Methods of the pool that run a statement on a connection of its own choice. */
  readonly queries: readonly string[];
  /** The method with which they, and the app, ask for a connection. It calls back with an error or null first. */
  readonly acquire: string;
  /** Reads the arguments of `queries`; asked only if there is no connection. undefined: it is no statement. */
  read(args: readonly unknown[]): Asked | undefined;
  /** undefined: not known yet. */
  serverOf(pool: Pool): DatabaseServer | undefined;
  /** Whether `acquire` may open a connection itself, which then belongs to no request; see connectsOutsideOfContext(). */
  opens?(pool: Pool): boolean;
}

/** A statement of a pool on its way to a connection. */
interface Waiting {
  readonly args: readonly unknown[];
  /** Milliseconds on the monotonic clock. */
  readonly since: number;
}

export function watchPool<Pool extends object>(
  env: InstrumentationEnv,
  database: Pick<SqlDatabase<object>, 'lost'>,
  prototype: object,
  { queries, acquire, read, serverOf, opens }: PoolDescription<Pool>,
): void {
  /** The statement whose pool is about to ask for a connection. */
  let asking: Waiting | undefined;

  const lost = env.guard((pool: Pool, { args, since }: Waiting, error: unknown) => {
    const server = serverOf(pool);
    const asked = read(args);
    if (server !== undefined && asked !== undefined)
      database.lost(server, asked.text, asked.values, since, error);
  });

  // Later versions of a library inherit them from another class, which is patched, too.
  for (const query of queries) {
    if (!Object.hasOwn(prototype, query)) continue;
    env.wrap<Pool, Waiting>(prototype, query, {
      before(_pool, args) {
        bindCallback(args);
        asking = { args, since: monotonic() };
        return asking;
      },
      done() {
        asking = undefined;
      },
    });
  }
  if (!Object.hasOwn(prototype, acquire)) return;
  env.wrap<Pool, true>(prototype, acquire, {
    before(pool, args) {
      const context = activeContext();
      const waiting = asking;
      asking = undefined;
      replaceCallback(args, (callback) =>
        waiting === undefined ? inContext(context, callback) : connectionOf(context, pool, waiting, callback),
      );
      return opens?.(pool) === true ? true : undefined;
    },
    contextOf: () => ROOT_CONTEXT,
  });

  function connectionOf(
    context: TraceContext,
    pool: Pool,
    waiting: Waiting,
    callback: AnyFunction,
  ): AnyFunction {
    return function connectionCallback(this: unknown, ...results: unknown[]): unknown {
      const outer = enter(context);
      try {
        if (results[0]) lost(pool, waiting, results[0]);
        return Reflect.apply(callback, this, results);
      } finally {
        leave(outer);
      }
    };
  }
}
