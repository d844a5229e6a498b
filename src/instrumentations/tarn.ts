/**
 * tarn 1 to 3, the pool of knex: what it opens, checks and closes belongs to no request. Without us it belongs to whoever
 * acquired or gave back last. Who acquires waits for a native promise, so nothing else is to be done. No spans come from here.
 */
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { runsOutsideOfContext } from './operations/callbacks';

export function create(env: InstrumentationEnv): Instrumentation {
  return {
    patch: {
      pool({ Pool }: { readonly Pool: Class }) {
        runsOutsideOfContext(env, Pool.prototype, '_tryAcquireOrCreate', '_destroy', '_startReaping');
      },
    },
  };
}
