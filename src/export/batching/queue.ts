/**
 * The batches that one destination still has to get, capped in bytes (and in spans where the user asks).
 *
 * When it is full the oldest go. During an outage that keeps one unbroken stretch, the newest, which is what a
 * person looks at afterwards; dropping the newest would instead let single batches slip in whenever one got
 * through, and so cut holes into all traces. Batches under way count, but are never dropped.
 */
import type { Batch, SendProgress } from '../types';

/** Small neighbours are joined up to this, so that an outage with little traffic does not become a thousand requests. */
export interface QueueLimits {
  readonly maxBytes: number;
  readonly maxSpans: number;
  readonly maxBatchBytes: number;
  readonly maxBatchSpans: number;
}

export interface QueuedBatch {
  batch: Batch;
  /** Rises with each batch; what came before a flush has a smaller one. */
  readonly order: number;
  progress: SendProgress;
  attempts: number;
  /** Failures of this batch between which others got through. */
  strikes: number;
  /** Deliveries of the destination when this batch last failed. */
  deliveriesBefore: number;
  /** When the last attempt began. */
  startedAt: number;
}

/** A batch has to leave memory. True: it is kept elsewhere, and so is not lost. */
export type Evict = (entry: QueuedBatch) => boolean;

export class BatchQueue {
  /** Both with what is under way. */
  bytes = 0;
  spans = 0;
  readonly underWay = new Set<QueuedBatch>();
  private readonly limits: QueueLimits;
  private readonly evict: Evict;
  private readonly onWritten: (() => void) | undefined;
  private readonly waiting: QueuedBatch[] = [];
  private nextOrder = 0;

  /** @param onWritten the operating system has all of a batch */
  constructor(limits: QueueLimits, evict: Evict = () => false, onWritten?: () => void) {
    this.limits = limits;
    this.evict = evict;
    this.onWritten = onWritten;
  }

  /** Batches that wait; those under way not counted. */
  get length(): number {
    return this.waiting.length;
  }

  /** Everything with a smaller order has been pushed before now. */
  get mark(): number {
    return this.nextOrder;
  }

  /** Takes a batch in. Returns how many spans had to go for it. */
  push(batch: Batch): number {
    this.bytes += batch.bytes;
    this.spans += batch.spanCount;
    const last = this.waiting[this.waiting.length - 1];
    if (last !== undefined && this.fitsInto(last, batch)) {
      last.batch = joined(last.batch, batch);
    } else {
      const progress = this.newProgress();
      this.waiting.push({
        batch,
        order: this.nextOrder++,
        progress,
        attempts: 0,
        strikes: 0,
        deliveriesBefore: 0,
        startedAt: 0,
      });
    }
    return this.makeRoom();
  }

  /** Takes in a batch of another process, which is joined with none of ours. */
  adopt(batch: Batch): QueuedBatch {
    this.push(batch);
    return this.waiting[this.waiting.length - 1] as QueuedBatch;
  }

  take(): QueuedBatch | undefined {
    const entry = this.waiting.shift();
    if (entry !== undefined) this.underWay.add(entry);
    return entry;
  }

  /** The batch has been delivered or given up. */
  forget(entry: QueuedBatch): void {
    this.underWay.delete(entry);
    this.bytes -= entry.batch.bytes;
    this.spans -= entry.batch.spanCount;
  }

  /**
   * The batch failed and waits again: the first time in its old place, afterwards behind all others, lest a
   * batch that the backend cannot digest holds up the rest. Returns how many spans had to go.
   */
  putBack(entry: QueuedBatch): number {
    this.underWay.delete(entry);
    entry.progress = this.newProgress();
    if (entry.attempts <= 1) this.waiting.unshift(entry);
    else this.waiting.push(entry);
    return this.makeRoom();
  }

  /** Whether everything pushed before `mark` was taken is gone. */
  isClearedUpTo(mark: number): boolean {
    for (const entry of this.underWay) if (entry.order < mark) return false;
    for (const entry of this.waiting) if (entry.order < mark) return false;
    return true;
  }

  /** Whether the operating system has all of a batch that the backend has not answered. */
  get isUnanswered(): boolean {
    for (const { progress } of this.underWay) if (progress.written) return true;
    return false;
  }

  /**
   * @param next number of the first span that is not in the queue yet
   * @returns the numbers up to which spans are through with, and up to which the operating system has them
   */
  progress(next: number): { settled: number; sent: number } {
    let settled = next;
    let sent = next;
    for (const { batch, progress } of this.entries()) {
      settled = Math.min(settled, batch.first);
      if (!progress.written) sent = Math.min(sent, batch.first + (progress.spansWritten ?? 0));
    }
    return { settled, sent };
  }

  /** Everything, first what is under way. */
  *entries(): Iterable<QueuedBatch> {
    yield* this.underWay;
    yield* this.waiting;
  }

  /** Removes everything. `written`: under way, and the operating system has all of it; `rest`: the others. */
  drain(): { rest: QueuedBatch[]; written: QueuedBatch[] } {
    const rest: QueuedBatch[] = [];
    const written: QueuedBatch[] = [];
    for (const entry of this.underWay) (entry.progress.written ? written : rest).push(entry);
    for (const entry of this.waiting) rest.push(entry);
    this.waiting.length = 0;
    this.underWay.clear();
    this.bytes = 0;
    this.spans = 0;
    return { rest, written };
  }

  private newProgress(): SendProgress {
    const { onWritten } = this;
    if (onWritten === undefined) return { written: false };
    let isWritten = false;
    return {
      get written() {
        return isWritten;
      },
      set written(value) {
        isWritten = value;
        onWritten();
      },
    };
  }

  private fitsInto(last: QueuedBatch, batch: Batch): boolean {
    const { maxBatchSpans, maxBatchBytes } = this.limits;
    return (
      last.attempts === 0 &&
      last.batch.resource === batch.resource &&
      last.batch.spanCount + batch.spanCount <= maxBatchSpans &&
      last.batch.bytes + batch.bytes <= maxBatchBytes
    );
  }

  private makeRoom(): number {
    let lost = 0;
    while (this.bytes > this.limits.maxBytes || this.spans > this.limits.maxSpans) {
      const oldest = this.waiting.shift();
      if (oldest === undefined) break; // all of it is under way
      this.bytes -= oldest.batch.bytes;
      this.spans -= oldest.batch.spanCount;
      if (!this.evict(oldest)) lost += oldest.batch.spanCount;
    }
    return lost;
  }
}

function joined(a: Batch, b: Batch): Batch {
  return {
    form: a.form,
    first: Math.min(a.first, b.first),
    spanCount: a.spanCount + b.spanCount,
    bytes: a.bytes + b.bytes,
    pieces: a.pieces.length === 0 ? b.pieces : [...a.pieces, ...b.pieces],
    spans: a.spans.length === 0 ? b.spans : [...a.spans, ...b.spans],
    resource: a.resource,
  };
}
