/**
 * The provider that the app finds through the standard API. Instrumentations of the app trace through it, into our
 * traces. Where one of ours makes the same span already, theirs is left out. Without that, an official SDK that is
 * registered after us, to compare or to migrate, would double the spans of every request and split its trace.
 */
import type { Context, Span, SpanKind, SpanOptions, TracerOptions, TracerProvider } from '@opentelemetry/api';
import { safeGet } from './attributes';
import { activeContext, toTraceContext } from './context';
import { DuplicateSpan } from './non-recording-span';
import { KIND_CLIENT, KIND_INTERNAL, KIND_SERVER } from './span-kind';
import { RegisterTracer, type RegisterTracerProvider } from './tracer';
import type { InstrumentationScope, OfferedSpan } from './types';

/** The tracer of all spans of Sentry's SDKs for Node, those that the app asks for included. */
const SENTRY = '@sentry/node';
/** Names the integration of Sentry's that makes the span; `manual` or nothing means the app. */
const SENTRY_ORIGIN = 'sentry.origin';

/** Whether one of ours makes the same span. */
export type IsDuplicate = (offered: OfferedSpan) => boolean;

export class DeduplicatingProvider implements TracerProvider {
  constructor(
    private readonly provider: RegisterTracerProvider,
    private readonly isDuplicate: IsDuplicate,
    /** Names of tracers whose spans may be duplicates. Those of all others are ordinary spans. */
    private readonly names: ReadonlySet<string>,
  ) {}

  getTracer(name?: string, version?: string, options?: TracerOptions): RegisterTracer {
    const tracer = this.provider.getTracer(name, version, options);
    const { name: scopeName } = tracer.scope;
    if (scopeName !== SENTRY && !this.names.has(scopeName)) return tracer;
    return new DeduplicatingTracer(this.provider, tracer.scope, this.isDuplicate);
  }
}

class DeduplicatingTracer extends RegisterTracer {
  constructor(
    provider: RegisterTracerProvider,
    scope: InstrumentationScope,
    private readonly isDuplicate: IsDuplicate,
  ) {
    super(provider, scope);
  }

  override startSpan(name: string, options?: SpanOptions, context?: Context): Span {
    const given = context && toTraceContext(context);
    const offered = this.offer(options);
    // In a suppressed context nothing is recorded in any case (Sentry with tracing off).
    if (offered === undefined || (given ?? activeContext()).suppressed)
      return super.startSpan(name, options, context);
    const around = activeContext().span ?? given?.span;
    const { kind, origin } = offered;
    const tracer = this.scope.name;
    if (!this.isDuplicate({ name: origin, kind, isWithin: around !== undefined, tracer }))
      return super.startSpan(name, options, context);
    return new DuplicateSpan(around, kind === KIND_CLIENT);
  }

  /** @returns undefined where the span is the app's own, or a step within an operation */
  private offer(options: SpanOptions | undefined): { origin: string; kind: SpanKind } | undefined {
    const { name } = this.scope;
    const { kind = KIND_INTERNAL, attributes } = options ?? {};
    if (name !== SENTRY) return kind === KIND_INTERNAL ? undefined : { origin: name, kind };
    const origin = attributes && safeGet(attributes, SENTRY_ORIGIN);
    if (typeof origin !== 'string') return undefined;
    // Sentry has outgoing operations that it calls internal.
    return { origin, kind: kind === KIND_SERVER ? KIND_SERVER : KIND_CLIENT };
  }
}
