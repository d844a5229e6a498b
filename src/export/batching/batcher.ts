/**
 * Turns single spans into batches: one builder per form, whatever the number of destinations. A batch is due
 * when it is big enough or old enough; one unref'ed timer, armed only while something is collected.
 */
import timers from 'node:timers';
import type { EndedSpan, ReadableSpanView } from '../../tracing/types';
import type { Batch, Form } from '../types';
import { BatchBuilder } from './encoder';

const { setTimeout: setTimer, clearTimeout: clearTimer } = timers;

export interface BatcherOptions {
  readonly forms: readonly Form[];
  readonly delayMs: number;
  readonly maxSpans: number;
  readonly maxBytes: number;
  /** A finished batch. Called on the app's stack or from the timer. */
  readonly onBatch: (batch: Batch) => void;
  /** A span could not be encoded in this form. */
  readonly onLost: (form: Form, error: unknown) => void;
  /** Runs outside of any request of the app, lest the timer holds on to one. */
  readonly runDetached: (fn: () => void) => void;
}

export class Batcher {
  private readonly options: BatcherOptions;
  private readonly builders: BatchBuilder[];
  private timer: NodeJS.Timeout | undefined;

  constructor(options: BatcherOptions) {
    this.options = options;
    this.builders = options.forms.map((form) => new BatchBuilder({ ...options, form }));
  }

  /** @param number of the span among those of this thread */
  add(span: EndedSpan & ReadableSpanView, number: number): void {
    const { builders, options } = this;
    for (let i = 0; i < builders.length; i++) {
      (builders[i] as BatchBuilder).add(span, number);
    }
    // Without a destination nothing is collected, and nothing of ours may run.
    if (this.timer === undefined && builders.length > 0) options.runDetached(this.arm);
  }

  /** Spans collected in this form. */
  pending(form: Form): number {
    for (const builder of this.builders) if (builder.form === form) return builder.spanCount;
    return 0;
  }

  /** Number of the first span collected in this form; Infinity without one. */
  first(form: Form): number {
    for (const builder of this.builders) if (builder.form === form) return builder.first;
    return Number.POSITIVE_INFINITY;
  }

  /** Makes batches of everything collected. */
  readonly cut = (): void => {
    if (this.timer !== undefined) clearTimer(this.timer);
    this.timer = undefined;
    for (const builder of this.builders) builder.finish();
  };

  private readonly arm = (): void => {
    this.timer = setTimer(this.cut, this.options.delayMs);
    this.timer.unref();
  };
}
