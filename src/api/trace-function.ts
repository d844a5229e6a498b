/** Wrapping functions and methods once, instead of opening a span at every call. */
import type { Attributes } from '@opentelemetry/api';
import { beginWork, type Outcome, type TraceOptions } from './spans';

// biome-ignore lint/suspicious/noExplicitAny: the one way to say "any function" without losing its signature
export type AnyFunction = (...args: any[]) => any;

/** Wraps a function, or decorates a method (TC39 and legacy TypeScript decorators). */
export interface FunctionTracer {
  /** Keeps signature, `this`, name and length. */
  <F extends AnyFunction>(fn: F): F;
  /** TC39 method decorator. */
  <F extends AnyFunction>(method: F, context: ClassMethodDecoratorContext): F;
  /** Legacy method decorator (`experimentalDecorators`). */
  <F extends AnyFunction>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<F>,
  ): TypedPropertyDescriptor<F>;
}

/**
 * A span per call.
 * @param name of the span; without it the function's own name, `Class.method` for a method
 */
export function traceFunction(name?: string, options?: TraceOptions): FunctionTracer {
  return functionTracer({ name: (fallback) => name ?? fallback, options });
}

export interface CallDescription {
  /** @param fallback name of the function, with its class where that is known */
  name(fallback: string): string;
  readonly options?: TraceOptions;
  attributes?(args: readonly unknown[]): Attributes;
  readonly outcome?: Outcome;
}

export function functionTracer(description: CallDescription): FunctionTracer {
  const tracer = (target: unknown, context?: unknown, descriptor?: PropertyDescriptor): unknown => {
    if (typeof context === 'string' || typeof context === 'symbol') {
      return decorateLegacy(target, context, descriptor, description);
    }
    if (typeof target !== 'function') return target;
    const decorated = context as { kind?: unknown; name?: string | symbol } | undefined;
    if (decorated?.kind === 'method')
      return wrap(target as AnyFunction, description, String(decorated.name), true);
    if (decorated?.kind !== undefined) return undefined; // a class, an accessor: stays as it is
    return wrap(target as AnyFunction, description, target.name || 'anonymous');
  };
  return tracer as FunctionTracer;
}

/** What it returns becomes the property's descriptor; nothing for fields and accessors, which stay as they are. */
function decorateLegacy(
  target: unknown,
  key: string | symbol,
  descriptor: PropertyDescriptor | undefined,
  description: CallDescription,
): PropertyDescriptor | undefined {
  const method: unknown = descriptor?.value;
  if (typeof method !== 'function') return undefined;
  const owner =
    typeof target === 'function' ? target : (target as { constructor?: unknown } | null)?.constructor;
  const name = qualified(owner, String(key));
  return { ...descriptor, value: wrap(method as AnyFunction, description, name) };
}

function wrap(
  fn: AnyFunction,
  description: CallDescription,
  fallback: string,
  isMethod = false,
): AnyFunction {
  const { options, outcome } = description;
  const traced = function (this: unknown, ...args: unknown[]): unknown {
    // A TC39 decorator is not told its class; the first `this` shows it.
    const own = isMethod ? qualified(ownerOf(this), fallback) : fallback;
    const work = beginWork(description.name(own), options, description.attributes?.(args), outcome);
    const target = new.target;
    let result: unknown;
    try {
      result =
        target === undefined
          ? Reflect.apply(fn, this, args)
          : Reflect.construct(fn, args, target === traced ? fn : target);
    } catch (error) {
      work.threw(error);
      throw error;
    }
    return work.returned(result);
  };
  // Name, length, prototype, and what libraries tie to functions. The prototype tells async functions from others.
  Object.defineProperties(traced, Object.getOwnPropertyDescriptors(fn));
  Object.setPrototypeOf(traced, Object.getPrototypeOf(fn) as object | null);
  return traced;
}

function ownerOf(self: unknown): unknown {
  try {
    return typeof self === 'function'
      ? self
      : (self as { constructor?: unknown } | null | undefined)?.constructor;
  } catch {
    return undefined;
  }
}

function qualified(owner: unknown, method: string): string {
  const name: unknown = typeof owner === 'function' ? owner.name : undefined;
  return typeof name === 'string' && name !== '' ? `${name}.${method}` : method;
}
