/** What the spans of one trace in this process share, and what they need of the tracer that made them. */
import type { Sanitized } from '../redaction/sanitized';
import type { TraceId } from './ids';
import type { RepeatedStatements } from './repeated-statements';
import type { EndedSpan, Resource, SpanLimits } from './types';

/** The part of the provider that a span reaches. */
export interface Tracing<Span extends EndedSpan> {
  readonly limits: SpanLimits;
  resource(): Resource;
  spanEnded(span: Span): void;
}

export class LocalTrace<Span extends EndedSpan> {
  /** The first span of the trace in this process. */
  root: Span | undefined;
  /** Copied onto every further span of the trace (`user.id`, `session.id`). */
  inherited: Map<string, Sanitized> | undefined;
  /** undefined until a statement of a database has ended. */
  repeated: RepeatedStatements | undefined;

  /** Private, since everything can be reached from it, keys of backends included, and exporters print spans. */
  readonly #tracing: Tracing<Span>;

  constructor(
    tracing: Tracing<Span>,
    readonly id: TraceId,
    /** Milliseconds to add to the monotonic clock to get unix time. */
    readonly offset: number,
  ) {
    this.#tracing = tracing;
  }

  get limits(): SpanLimits {
    return this.#tracing.limits;
  }

  resource(): Resource {
    return this.#tracing.resource();
  }

  spanEnded(span: Span): void {
    this.#tracing.spanEnded(span);
  }
}
