/** Spans around the app's own work. */
import type { Attributes, Link, Span, SpanKind, SpanOptions, Tracer } from '@opentelemetry/api';
import { errorFacts } from '../tracing/exception';
import { NOOP_SPAN } from '../tracing/non-recording-span';
import { currentRuntime, type Runtime } from '../tracing/runtime';
import { ERROR_TYPE } from '../tracing/semconv';
import { cleanAttributes, failSpan } from './current';
import { followResult } from './result';

export interface TraceOptions {
  /** Values as `addMetadata` takes them. */
  attributes?: Record<string, unknown> | undefined;
  /** `SpanKind` of `@opentelemetry/api`; internal unless said otherwise. */
  kind?: SpanKind | undefined;
  links?: Link[] | undefined;
  /** Starts a trace of its own. */
  root?: boolean | undefined;
}

/**
 * `typeof Symbol.dispose`; `never` where the program's `lib` has none. The name `Disposable` would be an error there,
 * and a reference to the lib would give the program globals (`DisposableStack`) that its Node may not have.
 */
type DisposeSymbol = SymbolConstructor extends { readonly dispose: infer Dispose extends symbol }
  ? Dispose
  : never;

/** A span that `using` ends. */
export type DisposableSpan = Span & { [Key in DisposeSymbol]: () => void };

const SCOPE = 'app';

/**
 * Runs `fn` in a span. The span ends when `fn` returns, or when the promise (or generator) it returned is done;
 * an error is recorded and thrown on.
 */
export function span<T>(name: string, fn: (span: Span) => T): T;
export function span<T>(name: string, options: TraceOptions, fn: (span: Span) => T): T;
export function span<T>(
  name: string,
  optionsOrFn: TraceOptions | ((span: Span) => T),
  fn?: (span: Span) => T,
): T {
  const [options, run] = typeof optionsOrFn === 'function' ? [undefined, optionsOrFn] : [optionsOrFn, fn];
  return runInSpan(name, options, run as (span: Span) => T);
}

/** A span's end, told how the work went. */
export interface Outcome {
  result?(span: Span, value: unknown): void;
  error?(span: Span, error: unknown): void;
}

/** `span()`, with attributes that are known to be clean and a word on the outcome. */
export function runInSpan<T>(
  name: string,
  options: TraceOptions | undefined,
  fn: (span: Span) => T,
  attributes?: Attributes,
  outcome?: Outcome,
): T {
  const runtime = currentRuntime();
  if (runtime === undefined) return fn(NOOP_SPAN);
  const context = runtime.activeContext();
  const started = start(runtime, name, options, attributes);
  const inside = context.withSpan(started);
  let isDone = false;
  const done = (failed: boolean, value: unknown): void => {
    if (isDone) return; // a generator may be asked again, a builder awaited twice
    isDone = true;
    try {
      if (failed) {
        failSpan(started, value);
        started.setAttribute(ERROR_TYPE, errorFacts(value).type);
        outcome?.error?.(started, value);
      } else {
        outcome?.result?.(started, value);
      }
      started.end();
    } catch {
      // a failure of ours: the app's result is what counts
    }
  };
  let result: T;
  try {
    result = runtime.runWith(inside, () => fn(started));
  } catch (error) {
    done(true, error);
    throw error;
  }
  return followResult(result, done, (step) => runtime.runWith(inside, step));
}

/** A failure of ours costs the span, never the work it was to be around. */
function start(
  runtime: Runtime,
  name: string,
  options: TraceOptions | undefined,
  attributes?: Attributes,
): DisposableSpan {
  try {
    const tracer = runtime.provider.getTracer(SCOPE);
    return tracer.startSpan(name, spanOptions(options, attributes)) as DisposableSpan; // both of our classes are
  } catch {
    return NOOP_SPAN;
  }
}

function spanOptions(options: TraceOptions | undefined, attributes: Attributes | undefined): SpanOptions {
  return {
    kind: options?.kind,
    links: options?.links,
    root: options?.root,
    attributes:
      options?.attributes === undefined
        ? attributes
        : { ...attributes, ...cleanAttributes(options.attributes) },
  };
}

/** A span that the caller ends: `using s = startSpan('x')`, or `s.end()`. It is not made the current one. */
export function startSpan(name: string, options?: TraceOptions): DisposableSpan {
  const runtime = currentRuntime();
  return runtime === undefined ? NOOP_SPAN : start(runtime, name, options);
}

/** The standard OpenTelemetry tracer. One that was asked for before registration works from then on. */
export function getTracer(name: string = SCOPE): Tracer {
  return currentRuntime()?.provider.getTracer(name) ?? new LateTracer(name);
}

class LateTracer implements Tracer {
  constructor(private readonly name: string) {}

  private get actual(): Tracer | undefined {
    return currentRuntime()?.provider.getTracer(this.name);
  }

  startSpan(...args: Parameters<Tracer['startSpan']>): Span {
    return this.actual?.startSpan(...args) ?? NOOP_SPAN;
  }

  startActiveSpan(...args: unknown[]): never {
    const { actual } = this;
    if (actual !== undefined) return Reflect.apply(actual.startActiveSpan, actual, args) as never;
    return (args[args.length - 1] as (span: Span) => never)(NOOP_SPAN);
  }
}
