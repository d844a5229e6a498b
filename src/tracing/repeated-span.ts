/**
 * What an instrumentation of the app's gets for an operation that one of ours traces already: nothing is recorded, and as
 * the active span it is as if it were not there.
 */
import type { Span } from '@opentelemetry/api';
import { NOOP_SPAN, NonRecordingSpan } from './non-recording-span';

export class RepeatedSpan extends NonRecordingSpan {
  constructor(
    /** The span that stays the active one. */
    readonly around: Span | undefined,
    /** Its trace headers would be in the way of those of our span. */
    readonly isOutgoing: boolean,
  ) {
    super((around ?? NOOP_SPAN).spanContext());
  }
}
