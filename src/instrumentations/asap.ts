/**
 * asap 2, the queue of q 2, `promise` and others: a task runs in the context in which it was added. Without us all tasks of
 * a flush run in that of the first (`requestFlush()` in raw.js). Tasks of asap.js go through raw.js. No spans come from here.
 */
import { activeContext, inContext } from '../tracing/context';
import type { Instrumentation, InstrumentationEnv } from './define';

/** raw.js calls nothing else of a task. Mostly it is a function. */
interface Task {
  call(): unknown;
}

export function create(env: InstrumentationEnv): Instrumentation {
  return {
    patch: {
      raw(asap: unknown) {
        const exported = { asap };
        env.wrap<unknown, never>(exported, 'asap', {
          before(_self, args): undefined {
            const task = args[0] as Partial<Task> | null | undefined;
            if (typeof task?.call === 'function')
              args[0] = inContext(activeContext(), () => (task as Task).call());
          },
        });
        return exported.asap;
      },
    },
  };
}
