/**
 * The context of the standard API, with the three values that every operation asks for as plain fields,
 * and the one AsyncLocalStorage that carries it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Baggage, Context, ContextManager, Span } from '@opentelemetry/api';
import { DuplicateSpan } from './non-recording-span';
import { RPC_METADATA_KEY, rpcMetadataOf } from './rpc-metadata';

// createContextKey() of @opentelemetry/api is Symbol.for(description), so every copy of it shares these keys.
const SPAN_KEY = Symbol.for('OpenTelemetry Context Key SPAN');
const BAGGAGE_KEY = Symbol.for('OpenTelemetry Baggage Key');
/** Set by suppressTracing() of @opentelemetry/core. */
const SUPPRESS_KEY = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

export class TraceContext implements Context {
  constructor(
    readonly span: Span | undefined,
    readonly baggage: Baggage | undefined,
    readonly suppressed: boolean,
    private readonly others: ReadonlyMap<symbol, unknown> | undefined,
  ) {}

  getValue(key: symbol): unknown {
    if (key === SPAN_KEY) return this.span;
    if (key === BAGGAGE_KEY) return this.baggage;
    if (key === SUPPRESS_KEY) return this.suppressed || undefined;
    if (key === RPC_METADATA_KEY && !this.others?.has(key)) return rpcMetadataOf(this.span);
    return this.others?.get(key);
  }

  setValue(key: symbol, value: unknown): TraceContext {
    if (key === SPAN_KEY) return this.withAnySpan(value as Span | undefined);
    if (key === BAGGAGE_KEY) return this.withBaggage(value as Baggage | undefined);
    if (key === SUPPRESS_KEY) return new TraceContext(this.span, this.baggage, value === true, this.others);
    return this.withOthers((others) => others.set(key, value));
  }

  deleteValue(key: symbol): TraceContext {
    // A value of `undefined` hides what the span would answer for the last of them.
    const isOwn = key === SPAN_KEY || key === BAGGAGE_KEY || key === SUPPRESS_KEY || key === RPC_METADATA_KEY;
    if (isOwn) return this.setValue(key, undefined);
    return this.withOthers((others) => others.delete(key));
  }

  withSpan(span: Span | undefined): TraceContext {
    return new TraceContext(span, this.baggage, this.suppressed, this.others);
  }

  /** For spans that others made: see {@link DuplicateSpan}. */
  withAnySpan(span: Span | undefined): TraceContext {
    if (!(span instanceof DuplicateSpan)) return this.withSpan(span);
    const Class = span.isOutgoing ? SilentContext : TraceContext;
    return new Class(span.around, this.baggage, this.suppressed, this.others);
  }

  withBaggage(baggage: Baggage | undefined): TraceContext {
    return new TraceContext(this.span, baggage, this.suppressed, this.others);
  }

  private withOthers(change: (others: Map<symbol, unknown>) => void): TraceContext {
    const others = new Map(this.others);
    change(others);
    return new TraceContext(this.span, this.baggage, this.suppressed, others);
  }
}

/** Nothing is injected from it; contexts derived from it are ordinary ones. */
export class SilentContext extends TraceContext {}

export const ROOT_CONTEXT = new TraceContext(undefined, undefined, false, undefined);
/** Nothing below it makes a span: our own exports, and requests that are to be ignored. */
export const SUPPRESSED_CONTEXT = new TraceContext(undefined, undefined, true, undefined);

const storage = new AsyncLocalStorage<TraceContext>();

export function activeContext(): TraceContext {
  return storage.getStore() ?? ROOT_CONTEXT;
}

/** What {@link enter} returns where there is nothing to undo. */
export const UNCHANGED = new TraceContext(undefined, undefined, false, undefined);

/**
 * Makes `context` the active one until {@link leave}, which the caller owes in a `finally`. This is what
 * `AsyncLocalStorage.run()` does, without its frame in the stack traces of what is called in between.
 * @returns what `leave` needs
 */
export function enter(context: TraceContext): TraceContext | undefined {
  const outer = storage.getStore();
  // Not entered where nothing is active: the first use of the storage changes every stack on Node 20 and 22, where
  // async_hooks are on from then (`process.callbackTrampoline`).
  if ((outer ?? ROOT_CONTEXT) === context) return UNCHANGED;
  storage.enterWith(context);
  return outer;
}

/** @param outer what {@link enter} returned */
export function leave(outer: TraceContext | undefined): void {
  // run() ends so as well, with `undefined` where there was no store.
  if (outer !== UNCHANGED) storage.enterWith(outer as TraceContext);
}

/** Runs `fn` in `context`. For our own work: `fn` has two frames of ours below it. */
export function runWith<Result>(context: TraceContext, fn: () => Result): Result {
  const outer = enter(context);
  try {
    return fn();
  } finally {
    leave(outer);
  }
}

/**
 * Makes `context` the active one until it is changed again or the current callback is over. Only for places that
 * cannot call the function that is to run in it; whoever can uses {@link enter} and {@link leave}.
 */
export function enterContext(context: TraceContext): void {
  storage.enterWith(context);
}

/** Makes spans of the official API's `Context` (also of a foreign context class) ours. */
export function toTraceContext(context: Context): TraceContext {
  if (context instanceof TraceContext) return context;
  if (typeof (context as Context | undefined)?.getValue !== 'function') return ROOT_CONTEXT;
  // A context made by another copy of the API (its ROOT_CONTEXT, say): take over what we know the key of.
  return new TraceContext(
    context.getValue(SPAN_KEY) as Span | undefined,
    context.getValue(BAGGAGE_KEY) as Baggage | undefined,
    context.getValue(SUPPRESS_KEY) === true,
    foreignValues(context),
  );
}

/** The API's BaseContext keeps its map in a private field; without it only our three keys survive. */
function foreignValues(context: Context): ReadonlyMap<symbol, unknown> | undefined {
  const map = (context as { _currentContext?: unknown })._currentContext;
  return map instanceof Map ? map : undefined;
}

interface EmitterLike {
  emit(...args: unknown[]): unknown;
}

/** `ContextManager` of the standard API over the same storage. */
export class StorageContextManager implements ContextManager {
  active(): Context {
    return activeContext();
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    const outer = enter(toTraceContext(context));
    try {
      return Reflect.apply(fn, thisArg, args);
    } finally {
      leave(outer);
    }
  }

  bind<T>(context: Context, target: T): T {
    const bound = toTraceContext(context);
    if (typeof target === 'function') return bindFunction(bound, target as unknown as () => unknown) as T;
    const emitter = target as unknown as EmitterLike | null;
    if (typeof emitter === 'object' && emitter !== null && typeof emitter.emit === 'function') {
      const emit = emitter.emit;
      emitter.emit = inContext(bound, emit);
    }
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** `fn`, always run in `context`: one frame of ours in its stack. */
export function inContext(context: TraceContext, fn: AnyFunction): AnyFunction {
  return function inContextOfCall(this: unknown, ...args: unknown[]): unknown {
    const outer = enter(context);
    try {
      return Reflect.apply(fn, this, args);
    } finally {
      leave(outer);
    }
  };
}

/** {@link inContext} for functions that are looked at: name and length of `fn` stay visible. */
export function bindFunction<F extends (...args: never[]) => unknown>(context: TraceContext, fn: F): F {
  const bound = inContext(context, fn as unknown as AnyFunction);
  Object.defineProperty(bound, 'length', { value: fn.length, configurable: true });
  Object.defineProperty(bound, 'name', { value: fn.name, configurable: true });
  return bound as unknown as F;
}
