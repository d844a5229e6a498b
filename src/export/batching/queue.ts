/**
 * The batches that one destination still has to get. They are limited in bytes, and in spans where the user asks for it.
 *
 * When the queue is full the oldest batches are dropped. After an outage it contains the newest spans without a gap,
 * which is what a person looks at. If the newest were dropped, a batch would fit in whenever another was delivered, and
 * all traces would have gaps. Batches that are being sent count, but are never dropped.
 */
import type { Batch, SendProgress } from '../types';

export interface QueueLimits {
  readonly maxBytes: number;
  readonly maxSpans: number;
  /** Small neighbours are joined up to this size, so that they do not become a thousand requests after an outage. */
  readonly maxBatchBytes: number;
  readonly maxBatchSpans: number;
}

export interface QueuedBatch {
  batch: Batch;
  /** Rises with each batch. */
  readonly order: number;
  progress: SendProgress;
  attempts: number;
  /** Failures of this batch between which other batches succeeded. */
  strikes: number;
  /** Deliveries of the destination when this batch last failed. */
  deliveriesBefore: number;
  /** When the last attempt began, in milliseconds. */
  startedAt: number;
}

/** Called with a batch that has to leave memory. Returns whether it is kept elsewhere, so that it is not lost. */
export type Evict = (entry: QueuedBatch) => boolean;

export class BatchQueue {
  /** Including the batches that are being sent. */
  bytes = 0;
  spans = 0;
  readonly underWay = new Set<QueuedBatch>();
  private readonly limits: QueueLimits;
  private readonly evict: Evict;
  private readonly onWritten: (() => void) | undefined;
  private readonly waiting: QueuedBatch[] = [];
  private nextOrder = 0;

  /** @param onWritten Called when the operating system has all of a batch. */
  constructor(limits: QueueLimits, evict: Evict = () => false, onWritten?: () => void) {
    this.limits = limits;
    this.evict = evict;
    this.onWritten = onWritten;
  }

  /** How many batches wait, without those that are being sent. */
  get length(): number {
    return this.waiting.length;
  }

  /** All batches in the queue have a smaller order than this, later ones have not. */
  get mark(): number {
    return this.nextOrder;
  }

  /** Adds a batch. @returns How many spans were dropped for it. */
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

  /** Adds a batch of another process. It is not joined with batches of this process. */
  adopt(batch: Batch): QueuedBatch {
    this.push(batch);
    return this.waiting[this.waiting.length - 1] as QueuedBatch;
  }

  take(): QueuedBatch | undefined {
    const entry = this.waiting.shift();
    if (entry !== undefined) this.underWay.add(entry);
    return entry;
  }

  /** Removes a batch that is being sent, since it is delivered or dropped. */
  forget(entry: QueuedBatch): void {
    this.underWay.delete(entry);
    this.bytes -= entry.batch.bytes;
    this.spans -= entry.batch.spanCount;
  }

  /**
   * Lets a batch wait again after a failure. After the first failure it gets its old place. Later it is put behind all
   * others, so that a batch which the backend cannot process does not hold up the rest.
   *
   * @returns How many spans were dropped for it.
   */
  putBack(entry: QueuedBatch): number {
    this.underWay.delete(entry);
    entry.progress = this.newProgress();
    if (entry.attempts <= 1) this.waiting.unshift(entry);
    else this.waiting.push(entry);
    return this.makeRoom();
  }

  /** @returns Whether no batch from before `mark` is left. */
  isClearedUpTo(mark: number): boolean {
    for (const entry of this.underWay) if (entry.order < mark) return false;
    for (const entry of this.waiting) if (entry.order < mark) return false;
    return true;
  }

  /** Whether the operating system has all of a batch, and the backend has not answered it. */
  get isUnanswered(): boolean {
    for (const { progress } of this.underWay) if (progress.written) return true;
    return false;
  }

  /**
   * @param next Number of the first span that is not in the queue yet.
   * @returns `settled`: all spans with a lower number are delivered or dropped. `sent`: the operating system has all
   *   spans with a lower number.
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

  /** All batches, those being sent first. */
  *entries(): Iterable<QueuedBatch> {
    yield* this.underWay;
    yield* this.waiting;
  }

  /** Empties the queue. @returns `written`: being sent, and the operating system has all of it; `leftovers`: the others. */
  takeAll(): { leftovers: QueuedBatch[]; written: QueuedBatch[] } {
    const leftovers: QueuedBatch[] = [];
    const written: QueuedBatch[] = [];
    for (const entry of this.underWay) (entry.progress.written ? written : leftovers).push(entry);
    for (const entry of this.waiting) leftovers.push(entry);
    this.waiting.length = 0;
    this.underWay.clear();
    this.bytes = 0;
    this.spans = 0;
    return { leftovers, written };
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
      if (oldest === undefined) break; // All batches are being sent.
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
