/** Tracer and provider of the standard API. */
import type {
  Context,
  Span,
  SpanContext,
  SpanKind,
  SpanOptions,
  Tracer,
  TracerOptions,
  TracerProvider,
} from '@opentelemetry/api';
import { type Literal, literal, type Sanitized } from '../redaction/sanitized';
import { spanName, toText } from './attributes';
import { clockOffset, fromTimeInput, monotonic } from './clock';
import { activeContext, enter, leave, type TraceContext, toTraceContext } from './context';
import { highWord, INVALID_SPAN_ID, INVALID_TRACE_ID, isHexId, lowWord, TraceId } from './ids';
import { LocalTrace, type Tracing } from './local-trace';
import { NOOP_SPAN, UnsampledSpan } from './non-recording-span';
import { OpenSpans } from './open-spans';
import { traceStateText } from './propagation/trace-state';
import type { Sampler } from './sampler';
import { RecordingSpan } from './span';
import { KIND_INTERNAL } from './span-kind';
import type { InstrumentationScope, Resource, SpanLimits, SpanSink } from './types';

const NO_OPTIONS: SpanOptions = {};
const FLAG_SAMPLED = 1;
/** W3C trace context level 2: the trace id's lower 56 bits are random. */
const FLAG_RANDOM = 2;
/** Different tracer names a process may have before tracers are no longer kept for reuse. */
const MAX_TRACERS = 1000;

export interface TracerProviderOptions {
  readonly limits: SpanLimits;
  readonly sampler: Sampler;
  readonly sink: SpanSink;
  /** Called at most once, at the first span that leaves: finding out about the host is not start-up work. */
  readonly resource: () => Resource;
}

export class RegisterTracerProvider implements TracerProvider, Tracing<RecordingSpan> {
  readonly limits: SpanLimits;
  readonly sampler: Sampler;
  readonly resource: () => Resource;
  /** Recording spans started, and of these not yet ended. */
  created = 0;
  open = 0;
  /** Behind it are the destinations with their keys: hidden from who prints a span or a tracer in depth. */
  readonly #sink: SpanSink;
  /** Hidden for the same reason: requests of others are in there. */
  readonly #openSpans = new OpenSpans();
  private readonly firstSpanListeners: (() => void)[] = [];
  private readonly tracers = new Map<string, RegisterTracer>();

  constructor(options: TracerProviderOptions) {
    this.limits = options.limits;
    this.sampler = options.sampler;
    this.#sink = options.sink;
    this.resource = options.resource;
  }

  getTracer(name?: string, version?: string, options?: TracerOptions): RegisterTracer {
    const schemaUrl = options?.schemaUrl;
    const scopeName = toText(name ?? '');
    const key = `${scopeName}@${version ?? ''}:${schemaUrl ?? ''}`;
    const known = this.tracers.get(key);
    if (known !== undefined) return known;
    const scope: InstrumentationScope = { name: scopeName, version, schemaUrl };
    const tracer = new RegisterTracer(this, scope);
    if (this.tracers.size < MAX_TRACERS) this.tracers.set(key, tracer);
    return tracer;
  }

  /** Calls back when the first recording span begins, on the app's stack. */
  whenFirstSpanBegins(listener: () => void): void {
    this.firstSpanListeners.push(listener);
  }

  spanBegins(span: RecordingSpan): void {
    if (this.created++ === 0) for (const listener of this.firstSpanListeners) listener();
    this.open++;
    this.#openSpans.add(span);
  }

  /** @returns what has begun and not ended; of spans that nobody can end any more, only some */
  openSpans(): RecordingSpan[] {
    return this.#openSpans.all();
  }

  spanEnded(span: RecordingSpan): void {
    this.open--;
    this.#openSpans.remove(span);
    try {
      this.#sink.onEnd(span);
    } catch {
      // The app may be the caller. A span that the sink does not count shows as created and never delivered.
    }
  }
}

export class RegisterTracer implements Tracer {
  constructor(
    private readonly provider: RegisterTracerProvider,
    readonly scope: InstrumentationScope,
  ) {}

  startSpan(name: string, options?: SpanOptions, context?: Context): Span {
    try {
      const { root, kind = KIND_INTERNAL, startTime, attributes, links } = options ?? NO_OPTIONS;
      const from = context === undefined ? activeContext() : toTraceContext(context);
      const span = this.begin(spanName(name), kind, root === true ? undefined : from.span, from, startTime);
      if (span instanceof RecordingSpan) {
        if (attributes !== undefined) span.setAttributes(attributes);
        if (links !== undefined) span.addLinks(links);
      }
      return span;
    } catch {
      return NOOP_SPAN; // options whose getters throw, a foreign context, a failure of ours
    }
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, fn: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    fn: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    context: Context,
    fn: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<F> {
    const fn = rest[rest.length - 1] as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions | undefined) : undefined;
    const given = rest.length > 2 ? (rest[1] as Context | undefined) : undefined;
    const context = given === undefined ? activeContext() : toTraceContext(given);
    const span = this.startSpan(name, options, context);
    const outer = enter(context.withAnySpan(span));
    try {
      return fn(span) as ReturnType<F>;
    } finally {
      leave(outer);
    }
  }

  /**
   * The way our own instrumentations start a span: no options object, no copies.
   * @param parent the span to hang it under; undefined makes a root.
   */
  begin<T extends string>(
    name: Sanitized | Literal<T>,
    kind: SpanKind,
    parent: Span | undefined,
    context: TraceContext,
    startTime?: SpanOptions['startTime'],
  ): Span {
    if (context.suppressed) return NOOP_SPAN;
    if (parent instanceof RecordingSpan) {
      const at = fromTimeInput(startTime, parent.local.offset) ?? monotonic() + parent.local.offset;
      return this.record(
        literal(name),
        kind,
        parent.idHigh,
        parent.idLow,
        false,
        parent.traceFlags,
        parent.traceStateText,
        parent.local,
        at,
      );
    }
    // Nothing is recorded of the whole trace: one span stands for all of it that happens here.
    if (parent instanceof UnsampledSpan) return parent;
    const remote = validContext(parent);
    const traceId = remote === undefined ? TraceId.random() : TraceId.of(remote.traceId);
    if (!this.provider.sampler.shouldSample(traceId, remote)) {
      const traceFlags = remote === undefined ? FLAG_RANDOM : remote.traceFlags & ~FLAG_SAMPLED;
      return new UnsampledSpan(traceId, traceFlags, remote?.traceState);
    }
    const local = new LocalTrace<RecordingSpan>(this.provider, traceId, clockOffset());
    const at = fromTimeInput(startTime, local.offset) ?? monotonic() + local.offset;
    const flags = remote === undefined ? FLAG_RANDOM | FLAG_SAMPLED : remote.traceFlags | FLAG_SAMPLED;
    const span = this.record(
      literal(name),
      kind,
      remote === undefined ? 0 : highWord(remote.spanId),
      remote === undefined ? 0 : lowWord(remote.spanId),
      remote?.isRemote === true,
      flags,
      traceStateText(remote?.traceState),
      local,
      at,
    );
    local.root = span;
    return span;
  }

  private record(
    name: Sanitized,
    kind: SpanKind,
    parentHigh: number,
    parentLow: number,
    parentIsRemote: boolean,
    traceFlags: number,
    traceStateText: string,
    local: LocalTrace<RecordingSpan>,
    startMs: number,
  ): RecordingSpan {
    const span = new RecordingSpan(
      name,
      kind,
      parentHigh,
      parentLow,
      parentIsRemote,
      traceFlags,
      traceStateText,
      this.scope,
      local,
      startMs,
    );
    this.provider.spanBegins(span);
    const { inherited } = local;
    if (inherited !== undefined) {
      for (const [key, value] of inherited) span.put(key, value);
    }
    return span;
  }
}

/** Whether a span that begins in `context` has a parent, in this process or another. */
export function hasParent({ span }: TraceContext): boolean {
  return span !== undefined && (span instanceof RecordingSpan || validContext(span) !== undefined);
}

function validContext(parent: Span | undefined): SpanContext | undefined {
  const context = parent?.spanContext();
  if (context === undefined || context.traceId === INVALID_TRACE_ID || context.spanId === INVALID_SPAN_ID)
    return undefined;
  return isHexId(context.traceId, 32) && isHexId(context.spanId, 16) ? context : undefined;
}
