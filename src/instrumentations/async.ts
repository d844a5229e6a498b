/**
 * async 2 and 3: the worker of a queue runs in the context in which its task was pushed, and so does the task's callback; the
 * worker of a cargo in that of its first task. Without us a task that had to wait is in the context of the one before it, and all
 * that are pushed in one turn are in that of the first (internal/queue.js). A callback of `memoize()` runs in the context of its
 * caller. The other functions of async call back on behalf of one caller alone. No spans come from here.
 */
import { activeContext, inContext, type TraceContext } from '../tracing/context';
import type { Around, Instrumentation, InstrumentationEnv } from './define';
import { type AnyFunction, bindAt } from './operations/callbacks';
import { createHiddenState } from './operations/hidden-state';

interface Task {
  callback?: AnyFunction;
}

interface Queue {
  /** A linked list or a heap. */
  readonly _tasks: object;
}

/** The exports of async as one file. */
interface Async {
  [name: string]: unknown;
  readonly default?: Record<string, unknown>;
}

export function create(env: InstrumentationEnv): Instrumentation {
  const contexts = createHiddenState<TraceContext>();
  /** Of the first task that was taken out, by the list it came from. */
  const taken = createHiddenState<TraceContext | undefined>();
  const known = new WeakSet<object>();
  /** Factories call each other. */
  let isMaking = false;

  function watchTasks(prototype: object): void {
    if (known.has(prototype)) return;
    known.add(prototype);
    const adding = (at: number): Around<unknown, never> => ({
      before(_tasks, args): undefined {
        const task = args[at] as Task;
        if (contexts.get(task) !== undefined) return;
        contexts.set(task, activeContext());
        if (task.callback) task.callback = inContext(activeContext(), task.callback);
      },
    });
    env.wrap(prototype, 'push', adding(0));
    env.wrap(prototype, 'unshift', adding(0));
    env.wrap(prototype, 'insertBefore', adding(1));
    env.wrap<object, object>(prototype, 'shift', {
      before: (tasks) => tasks,
      after(tasks, task) {
        if (taken.get(tasks) === undefined && task) taken.set(tasks, contexts.get(task as object));
      },
    });
  }

  /** What the worker is told. */
  interface Making {
    queue: Queue | undefined;
  }

  const factory: Around<unknown, Making> = {
    before(_self, args) {
      if (isMaking || typeof args[0] !== 'function') return undefined;
      isMaking = true;
      const making: Making = { queue: undefined };
      const handed = { worker: args[0] };
      env.wrap<unknown, TraceContext>(handed, 'worker', {
        before() {
          const tasks = making.queue?._tasks;
          const context = taken.get(tasks);
          if (tasks !== undefined) taken.set(tasks, undefined);
          return context;
        },
        contextOf: (context) => context,
      });
      args[0] = handed.worker;
      return making;
    },
    done() {
      isMaking = false;
    },
    after(making, queue) {
      making.queue = queue as Queue;
      watchTasks(Object.getPrototypeOf(making.queue._tasks) as object);
    },
  };

  const memoize: Around<unknown, true> = {
    before: () => true,
    after(_state, result) {
      const returned = { memoized: result };
      env.wrap<unknown, never>(returned, 'memoized', {
        before: (_self, args) => bindAt(args, args.length - 1),
      });
      return returned.memoized;
    },
  };

  const arounds = {
    queue: factory,
    priorityQueue: factory,
    cargo: factory,
    cargoQueue: factory,
    memoize,
  } as const;

  /** For the functions that have a file of their own. */
  const watched = (around: Around<never, never>) => (exported: unknown) => {
    const exports = { exported };
    env.wrap(exports, 'exported', around);
    return exports.exported;
  };

  return {
    patch: {
      all(async: Async) {
        for (const [name, around] of Object.entries(arounds)) {
          env.wrap(async, name, around as Around<never, never>);
          // Both have the same function.
          if (async.default !== undefined && name in async) async.default[name] = async[name];
        }
      },
      factory: watched(factory as Around<never, never>),
      memoize: watched(memoize as Around<never, never>),
    },
  };
}
