/** Writes a tree per trace to stderr. A trace is held until its local root has ended, as it may come in several batches. */
import tty from 'node:tty';
import { writeToStderr } from '../../diagnostics/log';
import type { EndedSpan } from '../../tracing/types';
import type { Batch, SendResult, Transport } from '../types';
import { renderTrace } from './console/trace-tree';

const STDERR = 2;
/** Traces whose root does not end, or is in another process, must not pile up. Beyond this the oldest is shown as it is. */
const MAX_HELD_TRACES = 100;
const MAX_HELD_SPANS = 5000;
/** So many traces are remembered after they were shown. Spans of these are shown at once. */
const REMEMBERED_TRACES = 256;

const DELIVERED: SendResult = { outcome: 'delivered', rejected: 0, status: 'written' };

/** Collects the spans of each trace until it is complete. */
export class TraceCollector {
  private readonly held = new Map<string, EndedSpan[]>();
  private readonly shown = new Set<string>();
  private heldSpans = 0;
  private readonly show: (spans: readonly EndedSpan[]) => void;

  constructor(show: (spans: readonly EndedSpan[]) => void) {
    this.show = show;
  }

  add(spans: readonly EndedSpan[]): void {
    const complete = new Set<string>();
    for (const span of spans) {
      const trace = this.held.get(span.traceId);
      if (trace === undefined) this.held.set(span.traceId, [span]);
      else trace.push(span);
      this.heldSpans++;
      if (span.parentSpanId === '' || span.parentIsRemote || this.shown.has(span.traceId))
        complete.add(span.traceId);
    }
    for (const traceId of complete) this.release(traceId);
    for (const traceId of this.held.keys()) {
      if (this.held.size <= MAX_HELD_TRACES && this.heldSpans <= MAX_HELD_SPANS) break;
      this.release(traceId);
    }
  }

  releaseAll(): void {
    for (const traceId of [...this.held.keys()]) this.release(traceId);
  }

  private release(traceId: string): void {
    const spans = this.held.get(traceId);
    if (spans === undefined) return;
    this.held.delete(traceId);
    this.heldSpans -= spans.length;
    this.shown.add(traceId);
    if (this.shown.size > REMEMBERED_TRACES) this.shown.delete(this.shown.values().next().value as string);
    this.show(spans);
  }
}

class ConsoleTransport implements Transport {
  private readonly color = wantsColor();
  private readonly traces = new TraceCollector((spans) =>
    writeToStderr(renderTrace(spans, { color: this.color })),
  );

  async send(batch: Batch): Promise<SendResult> {
    return this.sendSync(batch);
  }

  sendSync(batch: Batch): SendResult {
    this.traces.add(batch.spans);
    return DELIVERED;
  }

  close(): void {
    this.traces.releaseAll();
  }
}

/** Node's `hasColors` reads NO_COLOR, FORCE_COLOR and TERM. It exists only where stderr is a terminal. */
function wantsColor(): boolean {
  return tty.isatty(STDERR) && typeof process.stderr.hasColors === 'function' && process.stderr.hasColors();
}

export function createTransport(): Transport {
  return new ConsoleTransport();
}
