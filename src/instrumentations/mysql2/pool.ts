/** Pools: the context of those who wait for a connection, and the statements that never got one. */
import { monotonic } from '../../tracing/clock';
import { activeContext, enter, leave } from '../../tracing/context';
import type { Around, InstrumentationEnv } from '../define';
import { replaceCallback, textOf, valuesOf } from './arguments';
import type { ConnectionConfig } from './link';
import type { Statements } from './statements';

interface Pool {
  readonly config: { readonly connectionConfig: ConnectionConfig };
}

/** A pool.query() or pool.execute() that waits for its connection. */
interface Waiting {
  readonly pool: Pool;
  readonly text: string;
  readonly values: unknown;
  readonly since: number;
}

export interface PoolArounds {
  /** query() and execute() of a pool. */
  readonly query: Around<Pool, Waiting>;
  readonly getConnection: Around<Pool, never>;
}

export function createPoolArounds(env: InstrumentationEnv, statements: Statements): PoolArounds {
  /** The statement whose pool is about to ask for a connection. */
  let asking: Waiting | undefined;

  /** Runs where no wrapped method keeps our failures away from the app; `wrap` does it here too. */
  const guarded = { lost: (_waiting: Waiting, _error: unknown): void => {} };
  env.wrap(guarded, 'lost', {
    before: (_, [waiting, error]) => {
      const { pool, text, values, since } = waiting as Waiting;
      statements.lost(pool.config.connectionConfig, text, values, since, error);
      return undefined;
    },
  });

  return {
    query: {
      before(pool, args) {
        const text = textOf(args);
        if (text === undefined) return undefined;
        asking = { pool, text, values: valuesOf(args), since: monotonic() };
        return asking;
      },
      done() {
        asking = undefined;
      },
    },
    getConnection: {
      before(_pool, args) {
        const context = activeContext();
        const waiting = asking;
        asking = undefined;
        replaceCallback(args, (callback) => {
          return function connectionCallback(this: unknown, ...results: unknown[]): unknown {
            const outer = enter(context);
            try {
              if (waiting !== undefined && results[0]) guarded.lost(waiting, results[0]);
              return Reflect.apply(callback, this, results);
            } finally {
              leave(outer);
            }
          };
        });
        return undefined;
      },
    },
  };
}
