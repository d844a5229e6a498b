/**
 * Answers whose bodies are still to be read. A body that nobody reads keeps its request waiting for ever (undici
 * stops receiving when its buffer is full), and nothing tells us that nobody will. So the span of an answer that is
 * still open after five minutes ends then with the time at which its headers came.
 *
 * Looked after when another answer comes: this needs no timer of its own.
 */
import { monotonic } from '../../tracing/clock';
import type { RecordingSpan } from '../../tracing/span';

const MAX_OPEN_MS = 5 * 60_000;

export class OpenAnswers {
  /** In order of their coming; with the time on the monotonic clock. */
  private readonly since = new Map<RecordingSpan, number>();

  constructor(private readonly now: () => number = monotonic) {}

  add(span: RecordingSpan): void {
    const now = this.now();
    if (this.since.size > 0) this.endOld(now);
    if (!span.ended) this.since.set(span, now);
  }

  delete(span: RecordingSpan): void {
    this.since.delete(span);
  }

  private endOld(now: number): void {
    for (const [span, at] of this.since) {
      if (now - at < MAX_OPEN_MS) return;
      this.since.delete(span);
      span.end(at);
    }
  }
}
