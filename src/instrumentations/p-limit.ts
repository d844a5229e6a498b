/**
 * p-limit 1 to 4: a function runs in the context in which it was handed over. Without us one that had to wait runs in that of
 * the one before it, whose end starts the next (`next()` in index.js). Later versions keep the context themselves: 5 binds to
 * an `AsyncResource`, 6 and 7 wait for a promise of their own. No spans come from here.
 */
import type { Instrumentation, InstrumentationEnv } from './define';
import { bindAt } from './operations/callbacks';

type Limit = (...args: unknown[]) => unknown;

/** The function of a CommonJS file. */
interface Exported extends Limit {
  default?: unknown;
}

/** What an ES module declares. One that was required has a namespace instead, in which nothing can be changed. */
interface Declared {
  pLimit?: Limit;
}

export function create(env: InstrumentationEnv): Instrumentation {
  /** The same `pLimit`, whose limits bind what they are given. */
  function watched<PLimit>(pLimit: PLimit): PLimit {
    const exported = { pLimit };
    env.wrap<unknown, true>(exported, 'pLimit', {
      before: () => true,
      after(_state, limit) {
        const returned = { limit };
        env.wrap<unknown, never>(returned, 'limit', { before: (_self, args) => bindAt(args, 0) });
        return returned.limit;
      },
    });
    return exported.pLimit;
  }

  return {
    patch: {
      limit(exports: Exported | Declared) {
        if (typeof exports !== 'function') {
          if (exports.pLimit !== undefined) exports.pLimit = watched(exports.pLimit);
          return exports;
        }
        const pLimit = watched(exports);
        if (exports.default === exports) pLimit.default = pLimit;
        return pLimit;
      },
    },
  };
}
