/**
 * The one place where the app's functions are replaced, and the one that keeps our failures away from the app:
 * if a part of ours throws, the instrumentation is switched off, says so once, and the app's call goes on.
 */
import type { Around, Guard, Wrap } from '../instrumentations/define';
import { enter, leave, type TraceContext, UNCHANGED } from '../tracing/context';
import type { FailureGuard } from './failure-guard';

export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

export function createWrap(failureGuard: FailureGuard): Wrap {
  return function wrap<This, State>(
    owner: object | undefined,
    method: string,
    around: Around<This, State>,
  ): void {
    if (owner === undefined) return;
    const isMethod = Object.hasOwn(owner, 'constructor');
    replaceMethod(owner, method, (original) =>
      wrapFunction(original, around as Around<unknown, unknown>, failureGuard, isMethod),
    );
  };
}

export function createGuard(failureGuard: FailureGuard): Guard {
  return (fn) =>
    (...args) => {
      try {
        fn(...args);
      } catch (error) {
        failureGuard.fail(error);
      }
    };
}

/** Does nothing where there is no such method. */
export function replaceMethod(
  owner: object,
  method: string,
  replace: (original: AnyFunction) => AnyFunction,
): void {
  const original = (owner as Record<string, unknown>)[method];
  if (typeof original !== 'function') return;
  const replacement = replace(original as AnyFunction);
  replaceProperty(owner, method, replacement);
}

/** A function that does the same as `original`, watched by `around`. */
export function wrapFunction(
  original: AnyFunction,
  around: Around<unknown, unknown>,
  failureGuard: FailureGuard,
  /** Calling one on nothing, or on what is no object, is a mistake of the app's, which it hears of from the original. */
  isMethod = false,
): AnyFunction {
  // Taken out once: objects of many shapes pass here, and a lookup in each would be a search.
  const { before, contextOf, done, after, threw: onThrow } = around;

  function look(self: unknown, args: unknown[]): unknown {
    if (!failureGuard.on || (isMethod && !isObject(self))) return undefined;
    try {
      return before(self, args);
    } catch (error) {
      failureGuard.fail(error);
      return undefined;
    }
  }

  /** Enters the context of a call that is watched. */
  function enterFor(state: unknown): TraceContext | undefined {
    if (contextOf === undefined) return UNCHANGED;
    try {
      return enter(contextOf(state));
    } catch (error) {
      failureGuard.fail(error);
      return UNCHANGED;
    }
  }

  function leaveFrom(state: unknown, outer: TraceContext | undefined): void {
    leave(outer);
    if (done === undefined) return;
    try {
      done(state);
    } catch (error) {
      failureGuard.fail(error);
    }
  }

  function threw(
    state: unknown,
    outer: TraceContext | undefined,
    error: unknown,
    self: unknown,
    args: unknown[],
  ): void {
    leaveFrom(state, outer);
    try {
      onThrow?.(state, error, self, args);
    } catch (ours) {
      failureGuard.fail(ours);
    }
  }

  function returned(
    state: unknown,
    outer: TraceContext | undefined,
    result: unknown,
    self: unknown,
    args: unknown[],
  ): unknown {
    leaveFrom(state, outer);
    if (after === undefined) return result;
    try {
      return after(state, result, self, args) ?? result;
    } catch (error) {
      failureGuard.fail(error);
      return result;
    }
  }

  // The original is called from its replacement itself, so that there is one frame of ours in its stack. Methods of
  // classes have no `prototype` and cannot be called with `new`; theirs cannot either: hence two forms of the same.
  const wrapped: AnyFunction = Object.hasOwn(original, 'prototype')
    ? function (this: unknown, ...args: unknown[]): unknown {
        // A constructor call must stay one: `new` needs the original's prototype and new.target.
        if (new.target !== undefined) {
          return Reflect.construct(original, args, new.target === wrapped ? original : new.target);
        }
        const state = look(this, args);
        if (state === undefined) return Reflect.apply(original, this, args);
        const outer = enterFor(state);
        let result: unknown;
        try {
          result = Reflect.apply(original, this, args);
        } catch (error) {
          threw(state, outer, error, this, args);
          throw error;
        }
        return returned(state, outer, result, this, args);
      }
    : {
        method(this: unknown, ...args: unknown[]): unknown {
          const state = look(this, args);
          if (state === undefined) return Reflect.apply(original, this, args);
          const outer = enterFor(state);
          let result: unknown;
          try {
            result = Reflect.apply(original, this, args);
          } catch (error) {
            threw(state, outer, error, this, args);
            throw error;
          }
          return returned(state, outer, result, this, args);
        },
      }.method;
  return disguise(wrapped, original);
}

function isObject(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Gives `replacement` the name, length, prototype and own properties of `original`: frameworks read them. */
export function disguise(replacement: AnyFunction, original: AnyFunction): AnyFunction {
  Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
  // Inherited statics of a class, and what tells an async function from others.
  const prototype = Object.getPrototypeOf(original) as object | null;
  if (prototype !== Function.prototype) Object.setPrototypeOf(replacement, prototype);
  return replacement;
}

/** Puts `value` in the place of a method, as visible as that was; the owner may have inherited it. */
function replaceProperty(owner: object, name: string, value: unknown): void {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, {
    value,
    configurable: own?.configurable ?? true,
    enumerable: own?.enumerable ?? isEnumerableInherited(owner, name),
    writable: own === undefined || own.writable === true || own.get !== undefined,
  });
}

/**
 * On a prototype, a method that is not enumerable would hide the inherited one from the for-in loops with which old
 * libraries copy methods. On any other object, one that is would show in its keys.
 */
function isEnumerableInherited(owner: object, name: string): boolean {
  if (!Object.hasOwn(owner, 'constructor')) return false;
  let at = Object.getPrototypeOf(owner) as object | null;
  while (at !== null && !Object.hasOwn(at, name)) at = Object.getPrototypeOf(at) as object | null;
  return at !== null && Object.getOwnPropertyDescriptor(at, name)?.enumerable === true;
}
