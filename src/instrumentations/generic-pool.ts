/**
 * generic-pool 2 and 3: whoever acquires is called back in its own context, and what the pool opens, checks and closes belongs
 * to no request. Without us version 2 calls back in the context of whoever gave the resource back (`_dispense()` in
 * lib/generic-pool.js). Version 3 has native promises, but opens in the context of whoever came first, and checks in that of
 * whoever gave back (lib/Pool.js). No spans come from here.
 */
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { bindCallback, runsOutsideOfContext } from './operations/callbacks';

export function create(env: InstrumentationEnv): Instrumentation {
  const bind: Around<unknown, never> = { before: (_pool, args) => bindCallback(args) };
  return {
    patch: {
      pool2({ Pool }: { readonly Pool: Class }) {
        const { prototype } = Pool;
        for (const method of ['acquire', 'drain', 'destroyAllNow']) env.wrap(prototype, method, bind);
        runsOutsideOfContext(
          env,
          prototype,
          '_dispense',
          '_ensureMinimum',
          '_removeIdle',
          '_scheduleRemoveIdle',
        );
      },
      pool3({ prototype }: Class) {
        runsOutsideOfContext(
          env,
          prototype,
          '_dispense',
          '_ensureMinimum',
          '_destroy',
          '_scheduleEvictorRun',
        );
      },
    },
  };
}
