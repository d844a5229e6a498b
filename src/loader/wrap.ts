/**
 * The one place where the app's functions are replaced, and the one that keeps our failures away from the app:
 * if a part of ours throws, the instrumentation switches itself off, says so once, and the app's call goes on.
 */
import type { Around, Wrap } from '../instrumentations/define';

/** Whether an instrumentation works, and what it says when it stops. */
export class Switch {
  on = true;

  constructor(
    private readonly name: string,
    private readonly report: (message: string) => void,
  ) {}

  /** Turns the instrumentation off for good: a half-working one could do harm. */
  fail(error: unknown): void {
    if (!this.on) return;
    this.on = false;
    this.report(`the instrumentation "${this.name}" failed and is off now; the app goes on without its spans: ${describe(error)}`);
  }
}

function describe(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } catch {
    return 'unknown error';
  }
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

export function createWrap(toggle: Switch): Wrap {
  return function wrap<This, State>(owner: object | undefined, method: string, around: Around<This, State>): void {
    const original = (owner as Record<string, unknown> | undefined)?.[method];
    if (owner === undefined || typeof original !== 'function') return;
    const replacement = wrapFunction(original as AnyFunction, around as Around<unknown, unknown>, toggle);
    replaceProperty(owner, method, replacement);
  };
}

/** A function that does the same as `original`, watched by `around`. */
export function wrapFunction(original: AnyFunction, around: Around<unknown, unknown>, toggle: Switch): AnyFunction {
  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    // A constructor call must stay one: `new` needs the original's prototype and new.target.
    if (new.target !== undefined) return Reflect.construct(original, args, new.target === wrapped ? original : new.target);
    if (!toggle.on) return Reflect.apply(original, this, args);
    let state: unknown;
    try {
      state = around.before(this, args);
    } catch (error) {
      toggle.fail(error);
    }
    if (state === undefined) return Reflect.apply(original, this, args);
    let result: unknown;
    try {
      result = around.run === undefined ? Reflect.apply(original, this, args) : around.run(state, original, this, args);
    } catch (error) {
      try {
        around.threw?.(state, error);
      } catch (ours) {
        toggle.fail(ours);
      }
      throw error;
    }
    if (around.after === undefined) return result;
    try {
      return around.after(state, result) ?? result;
    } catch (error) {
      toggle.fail(error);
      return result;
    }
  };
  return disguise(wrapped, original);
}

/** Gives `replacement` the name, length, prototype and own properties of `original`: frameworks read them. */
function disguise(replacement: AnyFunction, original: AnyFunction): AnyFunction {
  const properties = Object.getOwnPropertyDescriptors(original) as Record<string, PropertyDescriptor>;
  for (const key of Reflect.ownKeys(properties) as string[]) {
    const own = Object.getOwnPropertyDescriptor(replacement, key);
    if (own === undefined || own.configurable === true) {
      Object.defineProperty(replacement, key, properties[key] as PropertyDescriptor);
    } else if (own.writable === true) {
      (replacement as unknown as Record<string, unknown>)[key] = (original as unknown as Record<string, unknown>)[key];
    }
  }
  return replacement;
}

/** Assigns a method without changing whether it is enumerable or writable. */
function replaceProperty(owner: object, name: string, value: unknown): void {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, {
    value,
    configurable: own?.configurable ?? true,
    enumerable: own?.enumerable ?? false,
    writable: own === undefined || own.writable === true || own.get !== undefined,
  });
}
