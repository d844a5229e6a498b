/** Waits for whatever a traced function returned, without changing what its caller sees. */
import { AsyncResource } from 'node:async_hooks';
import { types } from 'node:util';
import type { TraceContext } from '../tracing/context';
import { followPromise } from '../tracing/follow-promise';
import { overrideMethods } from './overridden-methods';

export type Done = (failed: boolean, value: unknown) => void;
/** The context of the work's span, for a step of it; see `enter` and `leave` in tracing/context.ts. */
export interface StepContext {
  enter(): TraceContext | undefined;
  leave(outer: TraceContext | undefined): void;
}

type AnyMethod = (...args: unknown[]) => unknown;

/**
 * Calls `done` once the work behind `result` is over: at once for plain values, when a promise settles, when a
 * generator finishes, throws or is left early, when a lazy thenable (a query builder) has been awaited.
 * @returns what the caller is to get: `result` itself, or a promise that settles the same way after `done`
 */
export function followResult<T>(result: T, done: Done, context: StepContext): T {
  switch (kindOf(result)) {
    case 'promise':
      return followPromise(result as Promise<unknown>, done) as T;
    case 'thenable':
      return followThenable(result as PromiseLike<unknown>, done, context) as T;
    case 'generator':
      followGenerator(result as Iterator<unknown>, done, context);
      return result;
    case 'async generator':
      followAsyncGenerator(result as AsyncIterator<unknown>, done, context);
      return result;
    default:
      done(false, result);
      return result;
  }
}

type Kind = 'value' | 'promise' | 'thenable' | 'generator' | 'async generator';

function kindOf(value: unknown): Kind {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return 'value';
  try {
    if (types.isPromise(value)) return 'promise';
    const object = value as { then?: unknown; next?: unknown; return?: unknown; throw?: unknown };
    if (typeof object.then === 'function') return 'thenable';
    // Cursors and streams have some of these methods; they are objects to work with, not work that is going on.
    if (typeof object.next !== 'function' || typeof object.return !== 'function') return 'value';
    if (typeof object.throw !== 'function') return 'value';
    if (Symbol.asyncIterator in value) return 'async generator';
    return Symbol.iterator in value ? 'generator' : 'value';
  } catch {
    return 'value';
  }
}

/**
 * Query builders (Knex, Mongoose, Drizzle) start their work when `then` is called, and callers go on building before
 * that. So they get the same object, and `then` is where the work is followed.
 */
function followThenable(
  thenable: PromiseLike<unknown>,
  done: Done,
  context: StepContext,
): PromiseLike<unknown> {
  const original = thenable.then as AnyMethod;
  const then = function (this: unknown, onFulfilled: unknown, onRejected: unknown): unknown {
    const fulfilled = typeof onFulfilled === 'function' ? AsyncResource.bind(onFulfilled as AnyMethod) : pass;
    const rejected = typeof onRejected === 'function' ? AsyncResource.bind(onRejected as AnyMethod) : raise;
    const onValue = (value: unknown): unknown => {
      done(false, value);
      return fulfilled(value);
    };
    const onError = (error: unknown): unknown => {
      done(true, error);
      return rejected(error);
    };
    const outer = context.enter();
    try {
      return Reflect.apply(original, this, [onValue, onError]);
    } finally {
      context.leave(outer);
    }
  };
  return overrideMethods(thenable, { then }) ? thenable : followPromise(thenable, done);
}

function pass(value: unknown): unknown {
  return value;
}

function raise(error: unknown): never {
  throw error;
}

function followGenerator(source: Iterator<unknown>, done: Done, context: StepContext): void {
  const follow = (original: AnyMethod): AnyMethod =>
    function (this: unknown, ...args) {
      const outer = context.enter();
      let result: IteratorResult<unknown>;
      try {
        result = Reflect.apply(original, this, args) as IteratorResult<unknown>;
      } catch (error) {
        context.leave(outer);
        done(true, error);
        throw error;
      }
      context.leave(outer);
      if (result.done === true) done(false, result.value);
      return result;
    };
  followSteps(source, follow, done);
}

function followAsyncGenerator(source: AsyncIterator<unknown>, done: Done, context: StepContext): void {
  const follow = (original: AnyMethod): AnyMethod =>
    async function (this: unknown, ...args) {
      try {
        const result = (await stepIn(context, original, this, args)) as IteratorResult<unknown>;
        if (result.done === true) done(false, result.value);
        return result;
      } catch (error) {
        done(true, error);
        throw error;
      }
    };
  followSteps(source, follow, done);
}

/** The first part of an asynchronous step; what comes after its first `await` keeps the context by itself. */
function stepIn(context: StepContext, original: AnyMethod, self: unknown, args: unknown[]): unknown {
  const outer = context.enter();
  try {
    return Reflect.apply(original, self, args);
  } finally {
    context.leave(outer);
  }
}

function followSteps(source: object, follow: (original: AnyMethod) => AnyMethod, done: Done): void {
  const steps = source as Record<'next' | 'return' | 'throw', AnyMethod>;
  const methods = { next: follow(steps.next), return: follow(steps.return), throw: follow(steps.throw) };
  if (!overrideMethods(source, methods)) done(false, undefined);
}
