/** Delivers the batches of one destination. It has a queue, a transport, a backoff and stats of its own. */
import type { Destination } from '../../config/types';
import { clearTimer, setTimer } from '../../timers';
import { BatchQueue, type QueuedBatch, type QueueLimits } from '../batching/queue';
import { answers, isImplicit } from '../destination';
import type { SpoolWriter } from '../spool/types';
import type { ThreadMirror } from '../threads/thread-mirror';
import type { Batch, DropReason, SendResult, Transport } from '../types';
import { Backoff } from './backoff';
import type { FailureReporter } from './failure-reporter';
import { PendingFlushes } from './flush';
import { LazyTransport, unexpectedFailure } from './lazy-transport';
import { DeliveryStats } from './stats';

/** From this many batches on, several are sent in parallel. */
const BACKLOG = 4;
const MAX_PARALLEL = 4;
/** A healthy backend has answered by then. */
const PRESUMED_MS = 500;
/** A batch is dropped after so many failures while other batches succeed. */
const MAX_STRIKES = 20;

export interface SenderDeps {
  /** Throws where the transport cannot be loaded. */
  createTransport(): Transport;
  /** Runs outside of the app's requests and of our own tracing. */
  runDetached(fn: () => void): void;
  readonly failureReporter: FailureReporter;
  readonly spoolWriter: SpoolWriter | undefined;
  /** Only in a worker thread. */
  readonly mirror?: ThreadMirror | undefined;
  /** The current time in milliseconds, on a clock that does not jump. */
  now(): number;
  /** From 0 to 1. */
  random(): number;
}

export class Sender {
  readonly destination: Destination;
  readonly queue: BatchQueue;
  readonly stats: DeliveryStats;
  readonly backoff = new Backoff();
  private readonly timeoutMs: number;
  private readonly maxParallel: number;
  private readonly deps: SenderDeps;
  private readonly transport: LazyTransport;
  private readonly flushes = new PendingFlushes();
  private timer: NodeJS.Timeout | undefined;
  private gaveUp = false;

  /** @param timeoutMs Limit of one attempt in milliseconds. */
  constructor(destination: Destination, limits: QueueLimits, timeoutMs: number, deps: SenderDeps) {
    this.destination = destination;
    this.stats = new DeliveryStats(answers(destination));
    this.queue = new BatchQueue(limits, (entry) => this.evicted(entry), deps.mirror?.update);
    this.timeoutMs = timeoutMs;
    this.maxParallel = destination.transport === 'otlp' ? MAX_PARALLEL : 1;
    this.deps = deps;
    this.transport = new LazyTransport(
      () => deps.createTransport(),
      (error) => this.unusable(error),
    );
  }

  /** Queues a batch. {@link pump} sends it. */
  enqueue(batch: Batch): void {
    if (!this.flushes.isFinal) this.gaveUp = false; // The process did not end.
    this.dropped('queue_full', this.queue.push(batch));
    this.spoolWriter?.wake();
  }

  /** Loads the transport now, because it takes a while until it can be used. */
  warmUp(): void {
    this.transport.open();
  }

  /** Sends what may be sent now. To be called detached. */
  readonly pump = (): void => {
    while (this.mayStart()) {
      const entry = this.queue.take();
      if (entry === undefined) break;
      this.start(entry);
    }
    this.flushes.settle(this.queue, this.gaveUp && this.queue.underWay.size === 0, this.stats.droppedTotal);
  };

  /**
   * @param isFinal Whether each batch gets one attempt, and none after the first failure.
   * @param done Called when everything queued before is delivered or dropped, with whether all of it was delivered.
   * @returns Stops waiting.
   */
  flush(isFinal: boolean, done: (allDelivered: boolean) => void): () => void {
    const { mark } = this.queue;
    const droppedBefore = this.stats.droppedTotal;
    const stop = this.flushes.add({ mark, droppedBefore, isFinal, done });
    this.backoff.skipDelay(isFinal);
    this.deps.runDetached(this.pump);
    return stop;
  }

  /** Whether an attempt at the end of the process has no chance: all before failed, or nobody ever answered there. */
  get isHopelessAtExit(): boolean {
    const { destination, backoff } = this;
    return this.gaveUp || (isImplicit(destination) && backoff.deliveries === 0 && backoff.isFailing);
  }

  /** Whether the backend probably has a batch that was written to it, although it has not answered yet. */
  isPresumedDelivered(entry: QueuedBatch): boolean {
    const isRecent = this.deps.now() - entry.startedAt < PRESUMED_MS;
    return isRecent && !this.backoff.isFailing && !this.flushes.isTimedOut;
  }

  /**
   * Sends synchronously.
   *
   * @param timeoutMs Limit in milliseconds.
   * @returns undefined where the transport cannot do that now; the batch has not been sent then.
   */
  sendSync(batch: Batch, timeoutMs: number): SendResult | undefined {
    // A new transport to another process has no connection that could be used.
    return this.transport.sendSync(batch, timeoutMs, this.destination.transport !== 'otlp');
  }

  async close(): Promise<void> {
    if (this.timer !== undefined) clearTimer(this.timer);
    await this.transport.close();
  }

  /** Counts the spans of a batch that is in the queue no more. */
  account(result: SendResult | undefined, spanCount: number, reasonIfLost: DropReason): void {
    if (result?.outcome !== 'delivered') {
      this.dropped(reasonIfLost, spanCount);
      return;
    }
    this.stats.delivered += spanCount - result.rejected;
    this.stats.drop('rejected', result.rejected);
    if (spanCount > result.rejected) this.failureReporter.accepted();
  }

  get failureReporter(): FailureReporter {
    return this.deps.failureReporter;
  }

  get spoolWriter(): SpoolWriter | undefined {
    return this.deps.spoolWriter;
  }

  private mayStart(): boolean {
    const { underWay, length } = this.queue;
    if (length === 0 || this.gaveUp || this.deps.mirror?.isTaken || !this.backoff.mayTry(this.deps.now()))
      return false;
    const isBacklog = this.backoff.isHealthy && length + underWay.size >= BACKLOG;
    return underWay.size < (isBacklog ? this.maxParallel : 1);
  }

  private start(entry: QueuedBatch): void {
    const transport = this.transport.open();
    if (transport === undefined) {
      this.forget(entry);
      this.dropped('unusable', entry.batch.spanCount);
      return;
    }
    entry.attempts++;
    entry.startedAt = this.deps.now();
    this.attempt(transport, entry).then(
      (result) => this.settle(entry, result),
      (error: unknown) => this.settle(entry, unexpectedFailure(error)),
    );
  }

  /** It is async, because an exception of the transport would reach the app as an uncaught error of a timer. */
  private async attempt(transport: Transport, entry: QueuedBatch): Promise<SendResult> {
    return transport.send(entry.batch, this.timeoutMs, entry.progress);
  }

  private unusable(error: unknown): void {
    const reason = `its exporter cannot be loaded: ${String(error)}`;
    this.failureReporter.failed({ reason, fix: 'reinstall @canvasops/register' }, 0, 0);
  }

  private settle(entry: QueuedBatch, result: SendResult): void {
    if (!this.queue.underWay.has(entry)) return; // The end of the process has taken it.
    const { spanCount } = entry.batch;
    if (result.outcome === 'delivered') {
      this.forget(entry);
      this.backoff.succeeded();
      this.account(result, spanCount, 'rejected');
      this.failureReporter.delivered();
      if (result.rejected > 0 || result.message)
        this.failureReporter.partialSuccess(result.rejected, result.message ?? '');
    } else if (result.outcome === 'refused') {
      this.forget(entry);
      this.stats.drop('refused', spanCount);
      this.failureReporter.failed(result, this.queue.spans, spanCount);
    } else {
      this.backoff.failed(result);
      this.retryLater(entry, result);
    }
    this.deps.mirror?.update();
    this.pump();
  }

  private retryLater(entry: QueuedBatch, result: Extract<SendResult, { outcome: 'retry' }>): void {
    const { deliveries } = this.backoff;
    if (entry.attempts > 1 && deliveries > entry.deliveriesBefore) entry.strikes++;
    entry.deliveriesBefore = deliveries;
    if (entry.strikes >= MAX_STRIKES) {
      this.forget(entry);
      this.stats.drop('retries_exhausted', entry.batch.spanCount);
      this.failureReporter.failed(result, this.queue.spans, entry.batch.spanCount);
    } else {
      this.dropped('queue_full', this.queue.putBack(entry));
      // A final flush has no next attempt. What it loses is reported once, at the end.
      if (!this.flushes.isFinal) this.failureReporter.failed(result, this.queue.spans, 0);
    }
    if (this.flushes.isFinal) {
      this.gaveUp = true;
      return;
    }
    const delay = this.backoff.scheduleRetry(result, this.deps.now(), this.deps.random());
    if (this.timer !== undefined) clearTimer(this.timer);
    this.timer = setTimer(this.pump, Math.ceil(delay) + 1);
    this.timer.unref();
  }

  private forget(entry: QueuedBatch): void {
    this.queue.forget(entry);
    this.spoolWriter?.release(entry);
  }

  /** The queue is full. @returns Whether the batch is on disk. */
  private evicted(entry: QueuedBatch): boolean {
    const isKept = this.spoolWriter?.evict(entry) ?? false;
    if (isKept) this.stats.drop('spooled', entry.batch.spanCount);
    return isKept;
  }

  private dropped(reason: DropReason, count: number): void {
    if (count === 0) return;
    this.stats.drop(reason, count);
    if (reason === 'queue_full') this.failureReporter.overflowed(count, this.queue.spans);
  }
}
