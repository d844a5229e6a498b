/**
 * bottleneck 2.19: a job runs in the context in which it was handed over. Without us it runs in that of whoever made the
 * limiter look at its queue: lib/Bottleneck.js, `_drainAll()`. No spans come from here.
 *
 * All ways to hand over a job (schedule, submit, wrap, chained limiters, groups) end in `_receive(job)`. Its `doExecute()`
 * calls the app, also again after a failure. Neither the job's function nor its promise is another one than without us.
 */
import { activeContext, type TraceContext } from '../tracing/context';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { createHiddenState } from './operations/hidden-state';

export function create(env: InstrumentationEnv): Instrumentation {
  const contexts = createHiddenState<TraceContext>();
  const known = new WeakSet<object>();

  /** No file exports the class of jobs where bottleneck is one file (es5.js, light.js). */
  function watchJobs(prototype: object): void {
    if (known.has(prototype)) return;
    known.add(prototype);
    env.wrap<object, TraceContext>(prototype, 'doExecute', {
      before: (job) => contexts.get(job),
      contextOf: (context) => context,
    });
  }

  return {
    patch: {
      limiter(Bottleneck: Class) {
        env.wrap<unknown, never>(Bottleneck.prototype, '_receive', {
          before(_limiter, [job]): undefined {
            watchJobs(Object.getPrototypeOf(job) as object);
            contexts.set(job as object, activeContext());
          },
        });
      },
    },
  };
}
