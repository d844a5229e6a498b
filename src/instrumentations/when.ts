/**
 * when 3: callbacks run in the context in which they were given to the promise. Without us they run in that of whoever made the
 * queue start (lib/Scheduler.js) or settled the promise. No spans come from here.
 *
 * A callback is part of a continuation. It goes to `when()` of a promise's handler as it is given, and again once it is known
 * what the handler is about, which calls it (lib/makePromise.js). The first time notes the context, the others enter it. What
 * the callback returns is looked at in there. If it is a thenable, its `then` is called from the queue.
 */
import { activeContext, inContext, type TraceContext } from '../tracing/context';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { createHiddenState } from './operations/hidden-state';

interface Handler {
  state(): number;
  join(): Handler;
}

interface WhenPromise {
  resolve(value: unknown): { readonly _handler: Handler };
  _defer(): { readonly _handler: Handler };
  createContext: unknown;
}

interface Task {
  /** Of the tasks that call `then` of a thenable. */
  readonly thenable?: unknown;
  run(): void;
}

export function create(env: InstrumentationEnv): Instrumentation {
  const contexts = createHiddenState<TraceContext>();

  function watchHandlers(prototype: object): void {
    env.wrap<unknown, TraceContext>(prototype, 'when', {
      before(_handler, [continuation]) {
        const context = contexts.get(continuation as object);
        if (context === undefined) contexts.set(continuation as object, activeContext());
        return context;
      },
      contextOf: (context) => context,
    });
  }

  return {
    patch: {
      promise(When: WhenPromise) {
        const settled = When.resolve(undefined)._handler;
        for (const handler of [When._defer()._handler, settled, settled.join()])
          watchHandlers(Object.getPrototypeOf(handler) as object);
        // One more class is known when there is the first rejection. To make one would count it (`Rejected`, errorId).
        const { createContext } = When;
        env.wrap<unknown, never>(When, 'createContext', {
          before(_self, [handler]): undefined {
            if ((handler as Handler).state() >= 0) return;
            watchHandlers(Object.getPrototypeOf(handler) as object);
            // Unless the app has set its own by now (when/monitor).
            if (When.createContext === watching) When.createContext = createContext;
          },
        });
        const watching = When.createContext;
      },
      scheduler({ prototype }: Class) {
        env.wrap<unknown, never>(prototype, 'enqueue', {
          before(_scheduler, args): undefined {
            const task = args[0] as Task;
            if ('thenable' in task) args[0] = { run: inContext(activeContext(), () => task.run()) };
          },
        });
      },
    },
  };
}
