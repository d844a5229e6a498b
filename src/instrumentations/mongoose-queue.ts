/**
 * mongoose 7 to 9: what is called before the connection is open runs later, in the context of its call.
 *
 * - A collection keeps such calls in its queue (lib/collection.js), and runs them all from the context in which the
 *   connection was opened. Calls of promises that wait need nothing.
 * - Cursors of queries and aggregations put themselves there in a way of their own (lib/cursor), and tell by an event when the
 *   driver's cursor is there. Whoever waits for that event reads then, so these listeners keep their context.
 *
 * This is apart from the spans of models (mongoose.ts). They can be switched off alone, and the spans of `mongodb` are below
 * the right request without them only while this stays on.
 */
import { activeContext, inContext, type TraceContext } from '../tracing/context';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { type AnyFunction, bindAt } from './operations/callbacks';
import { createHiddenState } from './operations/hidden-state';

/** What is called, by name or itself, and with what. */
type Task = [method: string | AnyFunction, args?: unknown];

interface Collection {
  readonly queue: Task[];
}

export function create(env: InstrumentationEnv): Instrumentation {
  const contexts = createHiddenState<TraceContext>();

  const aroundAdding: Around<Collection, Collection> = {
    before: (collection) => collection,
    after({ queue }) {
      const task = queue[queue.length - 1];
      // The driver takes a task out again by what is in it, so that stays.
      if (task !== undefined) contexts.set(task, activeContext());
      return undefined;
    },
  };

  const aroundRunning: Around<Collection, never> = {
    before(collection) {
      const { queue } = collection;
      for (const [index, task] of queue.entries()) {
        const context = contexts.get(task);
        if (context === undefined) continue;
        const [method, args] = task;
        const run = typeof method === 'function' ? method : methodOf(collection, method);
        if (run !== undefined) queue[index] = [inContext(context, run), args];
      }
      return undefined;
    },
  };

  const aroundWaiting: Around<unknown, never> = {
    before: (_cursor, args) => (args[0] === 'cursor' ? bindAt(args, 1) : undefined),
  };

  return {
    patch: {
      collection({ prototype }: Class) {
        env.wrap(prototype, 'addQueue', aroundAdding);
        env.wrap(prototype, 'doQueue', aroundRunning);
      },
      cursor: ({ prototype }: Class) => env.wrap(prototype, 'once', aroundWaiting),
    },
  };
}

function methodOf(collection: object, name: string): AnyFunction | undefined {
  const method = (collection as Record<string, unknown>)[name];
  return typeof method === 'function' ? (method as AnyFunction) : undefined;
}
