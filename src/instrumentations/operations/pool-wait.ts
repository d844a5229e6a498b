/**
 * Pools: a statement's span begins when it has a connection. A long wait for one has a span of its own (connection-wait.ts),
 * a short one is the gap before the statement. A statement of the pool that never got a connection has a span all the
 * same, with the error: it is the only trace of the failure.
 */
import { types } from 'node:util';
import { monotonic } from '../../tracing/clock';
import {
  activeContext,
  enter,
  inContext,
  leave,
  ROOT_CONTEXT,
  type TraceContext,
} from '../../tracing/context';
import { followPromise } from '../../tracing/follow-promise';
import type { InstrumentationEnv } from '../define';
import { type AnyFunction, bindCallback, replaceCallback } from './callbacks';
import { ConnectionWait, type PoolCounts } from './connection-wait';
import type { DatabaseServer } from './database';
import { createHiddenState } from './hidden-state';
import type { SqlDatabase } from './sql';

/** What a statement of the pool asks. */
export interface Asked {
  readonly text: string;
  readonly values: unknown;
}

export interface PoolDescription<Pool extends object> {
  /**
   * Methods of the pool that run a statement on a connection of its own choice. None: `acquire` is told the statement, and
   * `read` gets its arguments.
   */
  readonly queries: readonly string[];
  /** The method with which they, and the app, ask for a connection. It calls back with an error or null first. */
  readonly acquire: string;
  /** Reads the arguments of `queries`; asked only if there is no connection. undefined: it is no statement. */
  read(args: readonly unknown[]): Asked | undefined;
  /** undefined: not known yet. */
  serverOf(pool: Pool): DatabaseServer | undefined;
  /**
   * Asked when there is a call of `acquire`. `idle` 0: the caller has to wait, and a connection that is opened for it
   * belongs to no request (see connectsOutsideOfContext()).
   */
  counts(pool: Pool): PoolCounts;
}

/** A statement of a pool on its way to a connection. */
interface Waiting {
  readonly args: readonly unknown[];
  /** Milliseconds on the monotonic clock. */
  readonly since: number;
}

/** A call of `acquire`. */
interface Acquiring<Pool> {
  readonly pool: Pool;
  readonly context: TraceContext;
  /** The statement that it is for; undefined: the app asks for a connection. */
  readonly statement: Waiting | undefined;
  /** Where there is nothing to wait for, or nobody records it: undefined. */
  readonly wait: ConnectionWait | undefined;
  hasCallback: boolean;
}

export function watchPool<Pool extends object>(
  env: InstrumentationEnv,
  database: Pick<SqlDatabase<object>, 'lost'>,
  prototype: object,
  { queries, acquire, read, serverOf, counts }: PoolDescription<Pool>,
): void {
  /** The statement whose pool is about to ask for a connection. */
  let asking: Waiting | undefined;
  /** Callbacks of ours: pools that ask again, for one that has waited, do so with its callback. */
  const callbacks = createHiddenState<true>();

  const acquired = env.guard(({ pool, statement, wait }: Acquiring<Pool>, error: unknown) => {
    const server = serverOf(pool);
    if (statement === undefined || !error) {
      wait?.over(server, error);
      return;
    }
    const asked = read(statement.args);
    if (server !== undefined && asked !== undefined)
      database.lost(server, asked.text, asked.values, statement.since, error);
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
  env.wrap<Pool, Acquiring<Pool>>(prototype, acquire, {
    before(pool, args) {
      const context = activeContext();
      let statement = asking;
      asking = undefined;
      if (queries.length === 0 && read(args) !== undefined)
        statement = { args: [...args], since: monotonic() };
      const asked = args.find((argument) => typeof argument === 'function');
      if (asked !== undefined && callbacks.get(asked))
        return { pool, context, statement: undefined, wait: undefined, hasCallback: true };
      const counted = counts(pool);
      const wait =
        counted.idle > 0 ? undefined : ConnectionWait.begin(env, context, 'acquire connection', counted);
      const acquiring: Acquiring<Pool> = { pool, context, statement, wait, hasCallback: false };
      const isFollowed = wait !== undefined || statement !== undefined;
      replaceCallback(args, (callback) => {
        acquiring.hasCallback = true;
        return isFollowed ? connectionCallback(acquiring, callback) : inContext(context, callback);
      });
      return counted.idle > 0 ? undefined : acquiring;
    },
    contextOf: () => ROOT_CONTEXT,
    after(acquiring, result) {
      const { wait, statement, hasCallback } = acquiring;
      if ((wait ?? statement) === undefined || hasCallback || !types.isPromise(result)) return undefined;
      return followPromise(result, (failed, value) => acquired(acquiring, failed ? value : undefined));
    },
  });

  function connectionCallback(acquiring: Acquiring<Pool>, callback: AnyFunction): AnyFunction {
    const called = function connectionCallback(this: unknown, ...results: unknown[]): unknown {
      const outer = enter(acquiring.context);
      try {
        if (results[0] || acquiring.wait !== undefined) acquired(acquiring, results[0]);
        return Reflect.apply(callback, this, results);
      } finally {
        leave(outer);
      }
    };
    callbacks.set(called, true);
    return called;
  }
}
