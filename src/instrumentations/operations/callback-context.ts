/** Callbacks that a library calls later, and from somewhere else: they run in the context in which they were passed. */
import { activeContext, inContext } from '../../tracing/context';

export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Makes a callback among the arguments run in the context that is active now.
 *
 * @param args our copy of what the app passed; changed in place
 * @param index where the callback is; anything but a function is left alone
 */
export function bindCallback(args: unknown[], index: number): undefined {
  const callback = args[index];
  if (typeof callback === 'function') args[index] = inContext(activeContext(), callback as AnyFunction);
}
