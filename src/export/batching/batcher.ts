/**
 * Turns single spans into batches. There is one encoder per form, not per destination. A batch is due when it is large
 * enough or old enough. The timer keeps no process alive and is armed only while something is collected.
 */
import { clearTimer, setTimer } from '../../timers';
import type { EndedSpan, ReadableSpanView } from '../../tracing/types';
import type { Batch, Form } from '../types';
import { BatchEncoder } from './encoder';

export interface BatcherOptions {
  readonly forms: readonly Form[];
  /** Age in milliseconds at which a batch is due. */
  readonly delayMs: number;
  readonly maxSpans: number;
  readonly maxBytes: number;
  /** Called with a finished batch, on the app's stack or from the timer. */
  readonly onBatch: (batch: Batch) => void;
  /** Called when a span could not be encoded in this form. */
  readonly onLost: (form: Form, error: unknown) => void;
  /** Runs outside of the app's requests. Otherwise the timer would keep a request's context in memory. */
  readonly runDetached: (fn: () => void) => void;
}

export class Batcher {
  private readonly options: BatcherOptions;
  private readonly encoders: BatchEncoder[];
  private timer: NodeJS.Timeout | undefined;

  constructor(options: BatcherOptions) {
    this.options = options;
    this.encoders = options.forms.map((form) => new BatchEncoder({ ...options, form }));
  }

  /** @param number Of the span among those of this thread. */
  add(span: EndedSpan & ReadableSpanView, number: number): void {
    const { encoders, options } = this;
    for (let i = 0; i < encoders.length; i++) {
      (encoders[i] as BatchEncoder).add(span, number);
    }
    // Without a destination nothing is collected, and no timer may be armed.
    if (this.timer === undefined && encoders.length > 0) options.runDetached(this.arm);
  }

  /** @returns How many spans are collected in this form. */
  pending(form: Form): number {
    for (const encoder of this.encoders) if (encoder.form === form) return encoder.spanCount;
    return 0;
  }

  /** @returns The number of the first span that is collected in this form; Infinity without one. */
  first(form: Form): number {
    for (const encoder of this.encoders) if (encoder.form === form) return encoder.first;
    return Number.POSITIVE_INFINITY;
  }

  /** Makes batches of everything that is collected. */
  readonly cut = (): void => {
    if (this.timer !== undefined) clearTimer(this.timer);
    this.timer = undefined;
    for (const encoder of this.encoders) encoder.finish();
  };

  private readonly arm = (): void => {
    this.timer = setTimer(this.cut, this.options.delayMs);
    this.timer.unref();
  };
}
