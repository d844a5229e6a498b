/** Spans that are not kept. They carry ids onward and do nothing else. */
import type { Span, SpanContext, TraceState } from '@opentelemetry/api';
import { INVALID_SPAN_ID, INVALID_TRACE_ID, nonZeroWord, randomWord, spanIdText, type TraceId } from './ids';

const INVALID_CONTEXT: SpanContext = { traceId: INVALID_TRACE_ID, spanId: INVALID_SPAN_ID, traceFlags: 0 };

export class NonRecordingSpan implements Span {
  constructor(private readonly context: SpanContext) {}

  spanContext(): SpanContext {
    return this.context;
  }
  isRecording(): boolean {
    return false;
  }
  setAttribute(): this {
    return this;
  }
  setAttributes(): this {
    return this;
  }
  addEvent(): this {
    return this;
  }
  addLink(): this {
    return this;
  }
  addLinks(): this {
    return this;
  }
  setStatus(): this {
    return this;
  }
  updateName(): this {
    return this;
  }
  recordException(): void {}
  end(): void {}
  [Symbol.dispose](): void {}
}

/** Stands for a whole trace that the sampler left out. Outgoing requests carry its ids. */
export class UnsampledSpan extends NonRecordingSpan {
  private made: SpanContext | undefined;

  constructor(
    private readonly traceId: TraceId,
    private readonly traceFlags: number,
    private readonly traceState: TraceState | undefined,
  ) {
    super(INVALID_CONTEXT);
  }

  /** Makes the ids at the first call: most unsampled requests send no request of their own. */
  override spanContext(): SpanContext {
    if (this.made === undefined) {
      const { traceFlags, traceState } = this;
      const spanId = spanIdText(randomWord(), nonZeroWord());
      const traceId = this.traceId.toString();
      this.made = { traceId, spanId, traceFlags, ...(traceState && { traceState }) };
    }
    return this.made;
  }
}

/** What callers get where there is no trace: tracing is off or suppressed, or nothing is registered yet. */
export const NOOP_SPAN = new NonRecordingSpan(INVALID_CONTEXT);

/**
 * What an instrumentation of the app's gets for an operation that one of ours traces already. Nothing is recorded. Where
 * it is made the active span, the span around it stays the active one.
 */
export class DuplicateSpan extends NonRecordingSpan {
  constructor(
    /** The span that stays the active one. */
    readonly around: Span | undefined,
    /** Whether it is an outgoing request: then its trace headers would be in the way of those of our span. */
    readonly isOutgoing: boolean,
  ) {
    super((around ?? NOOP_SPAN).spanContext());
  }
}
