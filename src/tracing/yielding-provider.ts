/**
 * The provider that the app finds through the standard API. Instrumentations that it brings along trace through it, in
 * the traces of ours; but where one of ours makes the same span already, theirs is left out. Registering an official SDK
 * after us is how people compare and migrate, and would double every request and tear its trace.
 */
import type { Context, Span, SpanKind, SpanOptions, TracerOptions, TracerProvider } from '@opentelemetry/api';
import { activeContext, toTraceContext } from './context';
import { RepeatedSpan } from './repeated-span';
import { RegisterTracer, type RegisterTracerProvider } from './tracer';
import type { InstrumentationScope } from './types';

const KIND_INTERNAL = 0;
const KIND_CLIENT = 2;

/**
 * Whether a span of that kind, made by the instrumentation or framework of that name, would be there twice.
 * `isWithin`: another span is the active one.
 */
export type IsRepeated = (scopeName: string, kind: SpanKind, isWithin: boolean) => boolean;

export class YieldingProvider implements TracerProvider {
  constructor(
    private readonly provider: RegisterTracerProvider,
    private readonly isRepeated: IsRepeated,
    /** Names of instrumentations and frameworks; all others trace as they like. */
    private readonly scopeNames: ReadonlySet<string>,
  ) {}

  getTracer(name?: string, version?: string, options?: TracerOptions): RegisterTracer {
    const tracer = this.provider.getTracer(name, version, options);
    if (!this.scopeNames.has(tracer.scope.name)) return tracer;
    return new YieldingTracer(this.provider, tracer.scope, this.isRepeated);
  }
}

class YieldingTracer extends RegisterTracer {
  constructor(
    provider: RegisterTracerProvider,
    scope: InstrumentationScope,
    private readonly isRepeated: IsRepeated,
  ) {
    super(provider, scope);
  }

  override startSpan(name: string, options?: SpanOptions, context?: Context): Span {
    const kind = options?.kind ?? KIND_INTERNAL;
    if (kind === KIND_INTERNAL) return super.startSpan(name, options, context);
    const around = activeContext().span ?? (context && toTraceContext(context).span);
    if (!this.isRepeated(this.scope.name, kind, around !== undefined))
      return super.startSpan(name, options, context);
    return new RepeatedSpan(around, kind === KIND_CLIENT);
  }
}
