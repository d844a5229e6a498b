/**
 * fastq 1: the worker runs in the context in which its task was pushed, and so does the callback. Without us a task that had
 * to wait is in that of the one before it, whose end starts the next (`release()` in queue.js). No spans come from here.
 *
 * A task is a value, which cannot be told from others, and the object that fastq keeps for it is out of reach. So the contexts
 * stand in a list that changes as the queue does. A worker that is called within `push()` is called for what is pushed.
 */
import { activeContext, type TraceContext } from '../tracing/context';
import type { Around, Instrumentation, InstrumentationEnv } from './define';
import { bindAt } from './operations/callbacks';

type Place = 'push' | 'unshift';

interface Queued {
  /** Of the tasks that wait. */
  readonly waiting: TraceContext[];
  /** That of the task which is being pushed, until its worker is called. */
  pushed: TraceContext | undefined;
}

export function create(env: InstrumentationEnv): Instrumentation {
  function pushing(queued: Queued, place: Place): Around<unknown, TraceContext | true> {
    return {
      before(_queue, args) {
        bindAt(args, 1);
        const outer = queued.pushed;
        queued.pushed = activeContext();
        return outer ?? true;
      },
      done(outer) {
        if (queued.pushed !== undefined) queued.waiting[place](queued.pushed);
        queued.pushed = outer === true ? undefined : outer;
      },
    };
  }

  const making: Around<unknown, Queued> = {
    before(_self, args) {
      const queued: Queued = { waiting: [], pushed: undefined };
      // A receiver for the worker may stand before it.
      const at = typeof args[0] === 'function' ? 0 : 1;
      const handed = { worker: args[at] };
      env.wrap<unknown, TraceContext>(handed, 'worker', {
        before() {
          const context = queued.pushed ?? queued.waiting.shift();
          queued.pushed = undefined;
          return context;
        },
        contextOf: (context) => context,
      });
      args[at] = handed.worker;
      return queued;
    },
    after(queued, queue) {
      for (const place of ['push', 'unshift'] as const)
        env.wrap(queue as object, place, pushing(queued, place));
      for (const end of ['kill', 'killAndDrain', 'abort'])
        env.wrap<unknown, never>(queue as object, end, {
          before(): undefined {
            queued.waiting.length = 0;
          },
        });
    },
  };

  return {
    patch: {
      queue(fastq: { promise?: unknown }) {
        const exported = { fastq };
        env.wrap(fastq, 'promise', making);
        env.wrap(exported, 'fastq', making);
        return exported.fastq;
      },
    },
  };
}
