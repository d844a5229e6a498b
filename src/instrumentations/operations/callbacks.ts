/** Callbacks that a library calls later, and from somewhere else: they run in the context in which they were passed. */
import {
  activeContext,
  enter,
  inContext,
  leave,
  ROOT_CONTEXT,
  type TraceContext,
} from '../../tracing/context';
import type { InstrumentationEnv } from '../define';

export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Puts another function in the place of the callback among the arguments, which is the first function.
 *
 * @param args our copy of what the app passed; changed in place
 */
export function replaceCallback(args: unknown[], replace: (callback: AnyFunction) => AnyFunction): void {
  const index = args.findIndex((argument) => typeof argument === 'function');
  if (index >= 0) args[index] = replace(args[index] as AnyFunction);
}

/** Makes the callback among the arguments run in the context that is active now. */
export function bindCallback(args: unknown[]): undefined {
  replaceCallback(args, (callback) => inContext(activeContext(), callback));
}

/** The same for the argument at `index`, where a library takes several callbacks. */
export function bindAt(args: unknown[], index: number): undefined {
  const callback = args[index];
  if (typeof callback === 'function') args[index] = inContext(activeContext(), callback as AnyFunction);
}

/**
 * A function that looks at what the callback gets, and then runs it in the context.
 * @param see must not throw
 */
export function seenCallback(
  context: TraceContext,
  see: (error: unknown, result: unknown) => void,
  callback: AnyFunction,
): AnyFunction {
  return function seenCallback(this: unknown, ...results: unknown[]): unknown {
    see(results[0], results[1]);
    const outer = enter(context);
    try {
      return Reflect.apply(callback, this, results);
    } finally {
      leave(outer);
    }
  };
}

/** What these methods start runs in `context`. What they call back with must have been bound where it was passed. */
export function runsInside(
  env: InstrumentationEnv,
  prototype: object,
  context: TraceContext,
  ...methods: string[]
): void {
  for (const method of methods)
    env.wrap<object, true>(prototype, method, { before: () => true, contextOf: () => context });
}

/** What a pool does for all who use it (opening, checking, closing) belongs to none of them. */
export function runsOutsideOfContext(env: InstrumentationEnv, prototype: object, ...methods: string[]): void {
  runsInside(env, prototype, ROOT_CONTEXT, ...methods);
}
