/**
 * q 1.1 and later, and 2: callbacks run in the context in which they were given to the promise. Without us they run in that of whoever made
 * the queue start (`flush()` in q.js of version 1, asap in version 2) or settled the promise. No spans come from here.
 *
 * What a callback returns is looked at after it: `then` of a query builder runs the query. In version 2 that is within what
 * `done()` is given. In version 1 it is not, so the callback's context stays until the end of the task that calls it. Not
 * covered: methods of a value that is still pending (`promise.invoke()`, version 1).
 */
import { activeContext, enterContext, inContext, type TraceContext } from '../tracing/context';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { type AnyFunction, bindAt } from './operations/callbacks';

interface Q1 {
  readonly makePromise: Class;
}

type Q2 = (value: undefined) => object;

export function create(env: InstrumentationEnv): Instrumentation {
  let isInTask = false;

  function turnTo(context: TraceContext): void {
    if (activeContext() !== context) enterContext(context);
  }

  /** What callbacks leave behind ends with the task. */
  function boundTask(task: AnyFunction): AnyFunction {
    const context = activeContext();
    return function taskOfQ(this: unknown, ...args: unknown[]): unknown {
      const before = activeContext();
      const wasInTask = isInTask;
      isInTask = true;
      turnTo(context);
      try {
        return Reflect.apply(task, this, args);
      } finally {
        isInTask = wasInTask;
        turnTo(before);
      }
    };
  }

  function boundCallback(callback: AnyFunction): AnyFunction {
    const context = activeContext();
    const outsideOfTask = inContext(context, callback);
    return function callbackOfQ(this: unknown, ...args: unknown[]): unknown {
      if (!isInTask) return Reflect.apply(outsideOfTask, this, args);
      turnTo(context);
      return Reflect.apply(callback, this, args);
    };
  }

  function replaceFunctions(args: unknown[], replace: (callback: AnyFunction) => AnyFunction): undefined {
    for (const [at, argument] of args.entries())
      if (typeof argument === 'function') args[at] = replace(argument as AnyFunction);
  }

  return {
    patch: {
      q1(Q: Q1) {
        env.wrap<unknown, never>(Q, 'nextTick', { before: (_q, args) => replaceFunctions(args, boundTask) });
        // `Q.makePromise` is the class: all methods that take callbacks call its `then()`.
        env.wrap<unknown, never>(Q.makePromise.prototype, 'then', {
          before: (_promise, args) => replaceFunctions(args, boundCallback),
        });
      },
      q2(Q: Q2) {
        env.wrap<unknown, never>(Object.getPrototypeOf(Q(undefined)) as object, 'done', {
          before(_promise, args) {
            bindAt(args, 0);
            return bindAt(args, 1);
          },
        });
      },
    },
  };
}
