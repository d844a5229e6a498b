/** A span that is not kept: it carries the ids onward and does nothing else. */
import type { Span, SpanContext } from '@opentelemetry/api';
import { INVALID_SPAN_ID, INVALID_TRACE_ID } from './ids';

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

/** What callers get where there is no trace: with tracing off, before registration, below suppressed work. */
export const NOOP_SPAN = new NonRecordingSpan({
  traceId: INVALID_TRACE_ID,
  spanId: INVALID_SPAN_ID,
  traceFlags: 0,
});
