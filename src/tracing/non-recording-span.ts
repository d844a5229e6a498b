/** A span that is not kept: it carries the ids onward and does nothing else. */
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

/** The root of a trace that the sampler left out, and everything below it: outgoing requests carry its ids. */
export class UnsampledSpan extends NonRecordingSpan {
  private made: SpanContext | undefined;

  constructor(
    private readonly traceId: TraceId,
    private readonly traceFlags: number,
    private readonly traceState: TraceState | undefined,
  ) {
    super(INVALID_CONTEXT);
  }

  /** Made when it is asked for: most unsampled requests ask nobody else. */
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

/** What callers get where there is no trace: with tracing off, before registration, below suppressed work. */
export const NOOP_SPAN = new NonRecordingSpan(INVALID_CONTEXT);
