/** What the spans of one trace in this process share, and what they need of the tracer that made them. */

import type { Clean } from '../redaction/clean';
import type { TraceId } from './ids';
import type { RecordingSpan } from './span';
import type { Resource, SpanLimits } from './types';

/** The part of the provider that a span reaches. */
export interface Tracing {
  readonly limits: SpanLimits;
  resource(): Resource;
  spanEnded(span: RecordingSpan): void;
}

export class LocalTrace {
  /** The first span of the trace in this process. */
  root: RecordingSpan | undefined;
  /** Copied onto every further span of the trace (`user.id`, `session.id`). */
  inherited: Map<string, Clean> | undefined;

  /** Private: from it everything can be reached, keys of backends included, and exporters print spans. */
  readonly #tracing: Tracing;

  constructor(
    tracing: Tracing,
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

  spanEnded(span: RecordingSpan): void {
    this.#tracing.spanEnded(span);
  }
}
