/** Callbacks that a library calls later, and from somewhere else: they run in the context in which they were passed. */
import { activeContext, runIn, type TraceContext } from '../../tracing/context';

export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Runs a function in a context, and saves the change where that is the active one.
 *
 * @returns what `fn` returns
 * @throws what `fn` throws
 */
export function inContext(context: TraceContext, fn: AnyFunction, self: unknown, args: unknown[]): unknown {
  return activeContext() === context ? Reflect.apply(fn, self, args) : runIn(context, fn, self, args);
}

/**
 * Makes a callback among the arguments run in the context that is active now.
 *
 * @param args our copy of what the app passed; changed in place
 * @param index where the callback is; anything but a function is left alone
 */
export function bindCallback(args: unknown[], index: number): undefined {
  const callback = args[index];
  if (typeof callback !== 'function') return;
  const context = activeContext();
  args[index] = function (this: unknown, ...received: unknown[]): unknown {
    return inContext(context, callback as AnyFunction, this, received);
  };
}
