/** Spans around the app's own work. */
import type { Attributes, Link, Span, SpanKind, SpanOptions, Tracer } from '@opentelemetry/api';
import type { TraceContext } from '../tracing/context';
import { errorFacts } from '../tracing/exception';
import { NOOP_SPAN } from '../tracing/non-recording-span';
import { currentRuntime, type Runtime } from '../tracing/runtime';
import { ERROR_TYPE } from '../tracing/semconv';
import { cleanAttributes, failSpan } from './current';
import { followResult, type StepContext } from './result';

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
  const work = beginWork(name, options);
  let result: T;
  try {
    result = (run as (span: Span) => T)(work.span);
  } catch (error) {
    work.threw(error);
    throw error;
  }
  return work.returned(result);
}

/** A span's end, told how the work went. */
export interface Outcome {
  result?(span: Span, value: unknown): void;
  error?(span: Span, error: unknown): void;
}

/**
 * A call of the app's work, in a span. Whoever begins one calls the app's function itself, so that the function has one
 * frame of ours below it, and says how it went: `returned` or `threw`.
 */
export interface Work {
  readonly span: Span;
  /**
   * Ends the span, now or when the promise (or generator) is done.
   * @returns what the caller is to get
   */
  returned<T>(result: T): T;
  threw(error: unknown): void;
}

const UNTRACED: Work = { span: NOOP_SPAN, returned: (result) => result, threw: () => undefined };

/**
 * Starts a span and enters its context, until the work has returned or thrown.
 * @param attributes that are known to be clean
 */
export function beginWork(
  name: string,
  options: TraceOptions | undefined,
  attributes?: Attributes,
  outcome?: Outcome,
): Work {
  const runtime = currentRuntime();
  return runtime === undefined
    ? UNTRACED
    : new TracedWork(runtime, start(runtime, name, options, attributes), outcome);
}

class TracedWork implements Work, StepContext {
  private readonly context: TraceContext;
  private readonly outer: TraceContext | undefined;
  private isDone = false;

  constructor(
    private readonly runtime: Runtime,
    readonly span: DisposableSpan,
    private readonly outcome: Outcome | undefined,
  ) {
    this.context = runtime.activeContext().withSpan(span);
    this.outer = this.enter();
  }

  enter(): TraceContext | undefined {
    return this.runtime.enter(this.context);
  }

  leave(outer: TraceContext | undefined): void {
    this.runtime.leave(outer);
  }

  returned<T>(result: T): T {
    this.leave(this.outer);
    return followResult(result, (failed, value) => this.done(failed, value), this);
  }

  threw(error: unknown): void {
    this.leave(this.outer);
    this.done(true, error);
  }

  private done(failed: boolean, value: unknown): void {
    if (this.isDone) return; // a generator may be asked again, a builder awaited twice
    this.isDone = true;
    const { span, outcome } = this;
    try {
      if (failed) {
        failSpan(span, value);
        span.setAttribute(ERROR_TYPE, errorFacts(value).type);
        outcome?.error?.(span, value);
      } else {
        outcome?.result?.(span, value);
      }
      span.end();
    } catch {
      // a failure of ours: the app's result is what counts
    }
  }
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
