/** Brings one destination its batches: its own queue, its own transport, its own retries and its own failures. */
import timers from 'node:timers';
import type { Destination } from '../../config/types';
import { BatchQueue, type QueuedBatch, type QueueLimits } from '../batching/queue';
import type { Keeper } from '../spool/types';
import type { ThreadMirror } from '../threads/thread-mirror';
import type { Batch, DropReason, SendResult, Transport } from '../types';
import { Health } from './backoff';
import type { FailureLog } from './failure-reporter';
import { Counters } from './stats';
import { Waiters } from './waiters';

const { setTimeout: setTimer, clearTimeout: clearTimer } = timers;

/** A backlog from this many batches on is worth more connections. */
const BACKLOG = 4;
const MAX_PARALLEL = 4;
/** What was written longer ago should have been answered. */
const PRESUMED_MS = 500;
/** So often a batch may fail while others get through, until it is taken for indigestible. */
const MAX_STRIKES = 20;

export interface SenderDeps {
  /** Throws when the transport cannot be loaded. */
  createTransport(): Transport;
  /** Runs outside of any request of the app, unseen by our own tracing. */
  runDetached(fn: () => void): void;
  readonly failureLog: FailureLog;
  readonly keeper: Keeper | undefined;
  /** In a worker thread. */
  readonly mirror?: ThreadMirror | undefined;
  now(): number;
  random(): number;
}

export class Sender {
  readonly destination: Destination;
  readonly queue: BatchQueue;
  readonly counters: Counters;
  private readonly timeoutMs: number;
  private readonly maxParallel: number;
  private readonly deps: SenderDeps;
  private transport: Transport | undefined;
  readonly health = new Health();
  private timer: NodeJS.Timeout | undefined;
  private readonly waiters = new Waiters();
  private gaveUp = false;

  constructor(destination: Destination, limits: QueueLimits, timeoutMs: number, deps: SenderDeps) {
    this.destination = destination;
    this.counters = new Counters(destination.transport !== 'jaeger-udp');
    this.queue = new BatchQueue(limits, (entry) => this.evicted(entry), deps.mirror?.update);
    this.timeoutMs = timeoutMs;
    this.maxParallel = destination.transport === 'otlp' ? MAX_PARALLEL : 1;
    this.deps = deps;
  }

  /** Takes a batch in; {@link pump} sends it. */
  enqueue(batch: Batch): void {
    if (!this.waiters.isLastCall) this.gaveUp = false; // it was not the end after all
    this.dropped('queue_full', this.queue.push(batch));
    this.keeper?.wake();
  }

  /** Loads the transport now, for one that needs time before it can be used. */
  warmUp(): void {
    this.open();
  }

  /** Starts whatever may start now. Called detached. */
  readonly pump = (): void => {
    while (this.mayStart()) {
      const entry = this.queue.take();
      if (entry === undefined) break;
      this.start(entry);
    }
    this.waiters.settle(
      this.queue,
      this.gaveUp && this.queue.underWay.size === 0,
      this.counters.droppedTotal,
    );
  };

  /**
   * Calls back once everything queued so far is delivered or given up, with whether all of it was delivered.
   * `lastCall`: one attempt per batch, and none after the first failure. Returns how to stop waiting.
   */
  drain(lastCall: boolean, done: (allDelivered: boolean) => void): () => void {
    const { mark } = this.queue;
    const lostBefore = this.counters.droppedTotal;
    const stop = this.waiters.add({ mark, lostBefore, isLastCall: lastCall, done });
    this.health.hurry(lastCall);
    this.deps.runDetached(this.pump);
    return stop;
  }

  /** Nothing was ever answered there, or all attempts at the end failed: an exit need not try once more. */
  get isHopelessAtExit(): boolean {
    const { destination, health } = this;
    const isImplicit = destination.transport === 'otlp' && destination.implicit;
    return this.gaveUp || (isImplicit && health.deliveries === 0 && health.isFailing);
  }

  /** Whether the backend probably has what was written for it, although it has not answered yet. */
  isPresumedDelivered(entry: QueuedBatch): boolean {
    const isRecent = this.deps.now() - entry.startedAt < PRESUMED_MS;
    return isRecent && !this.health.isFailing && !this.waiters.waitedInVain;
  }

  /** Sends at once and blocking, where the transport can; the others return undefined. */
  sendNow(batch: Batch, timeoutMs: number): SendResult | undefined {
    // A transport to another process that has not been needed yet has no connection that it could use.
    const transport = this.destination.transport === 'otlp' ? this.transport : this.open();
    try {
      return transport?.sendSync?.(batch, timeoutMs);
    } catch (error) {
      return unexpected(error);
    }
  }

  async close(): Promise<void> {
    if (this.timer !== undefined) clearTimer(this.timer);
    const { transport } = this;
    this.transport = undefined;
    try {
      await transport?.close();
    } catch {
      // It is not needed any more.
    }
  }

  /** Settles spans that are in no queue any more. */
  account(result: SendResult | undefined, spanCount: number, reasonIfLost: DropReason): void {
    if (result?.outcome !== 'delivered') {
      this.dropped(reasonIfLost, spanCount);
      return;
    }
    this.counters.delivered += spanCount - result.rejected;
    this.counters.drop('rejected', result.rejected);
    if (spanCount > result.rejected) this.failureLog.took();
  }

  get failureLog(): FailureLog {
    return this.deps.failureLog;
  }

  get keeper(): Keeper | undefined {
    return this.deps.keeper;
  }

  private mayStart(): boolean {
    const { underWay, length } = this.queue;
    if (length === 0 || this.gaveUp || this.deps.mirror?.isTaken || !this.health.mayTry(this.deps.now()))
      return false;
    const isWorthMore = this.health.isHealthy && length + underWay.size >= BACKLOG;
    return underWay.size < (isWorthMore ? this.maxParallel : 1);
  }

  private start(entry: QueuedBatch): void {
    const transport = this.open();
    if (transport === undefined) {
      this.forget(entry);
      this.dropped('unusable', entry.batch.spanCount);
      return;
    }
    entry.attempts++;
    entry.startedAt = this.deps.now();
    this.attempt(transport, entry).then(
      (result) => this.settle(entry, result),
      (error: unknown) => this.settle(entry, unexpected(error)),
    );
  }

  /** In an async function, since what a transport throws would reach the app as an uncaught error of a timer. */
  private async attempt(transport: Transport, entry: QueuedBatch): Promise<SendResult> {
    return transport.send(entry.batch, this.timeoutMs, entry.progress);
  }

  private open(): Transport | undefined {
    if (this.transport !== undefined) return this.transport;
    try {
      this.transport = this.deps.createTransport();
    } catch (error) {
      this.failureLog.failed(
        { reason: `its exporter cannot be loaded: ${String(error)}`, fix: 'reinstall @canvasops/register' },
        0,
        0,
      );
    }
    return this.transport;
  }

  private settle(entry: QueuedBatch, result: SendResult): void {
    if (!this.queue.underWay.has(entry)) return; // the end of the process took it
    const { spanCount } = entry.batch;
    if (result.outcome === 'delivered') {
      this.forget(entry);
      this.health.succeeded();
      this.account(result, spanCount, 'rejected');
      this.failureLog.delivered();
      if (result.rejected > 0 || result.message)
        this.failureLog.partly(result.rejected, result.message ?? '');
    } else if (result.outcome === 'refused') {
      this.forget(entry);
      this.counters.drop('refused', spanCount);
      this.failureLog.failed(result, this.queue.spans, spanCount);
    } else {
      this.health.failed(result);
      this.retryLater(entry, result);
    }
    this.deps.mirror?.update();
    this.pump();
  }

  private retryLater(entry: QueuedBatch, result: Extract<SendResult, { outcome: 'retry' }>): void {
    const { deliveries } = this.health;
    if (entry.attempts > 1 && deliveries > entry.deliveriesBefore) entry.strikes++;
    entry.deliveriesBefore = deliveries;
    if (entry.strikes >= MAX_STRIKES) {
      this.forget(entry);
      this.counters.drop('retries_exhausted', entry.batch.spanCount);
      this.failureLog.failed(result, this.queue.spans, entry.batch.spanCount);
    } else {
      this.dropped('queue_full', this.queue.putBack(entry));
      // At the end of the process there is no next attempt to tell of: what is lost then is told once, with why.
      if (!this.waiters.isLastCall) this.failureLog.failed(result, this.queue.spans, 0);
    }
    if (this.waiters.isLastCall) {
      this.gaveUp = true;
      return;
    }
    const delay = this.health.backOff(result, this.deps.now(), this.deps.random());
    if (this.timer !== undefined) clearTimer(this.timer);
    this.timer = setTimer(this.pump, Math.ceil(delay) + 1);
    this.timer.unref();
  }

  private forget(entry: QueuedBatch): void {
    this.queue.forget(entry);
    this.keeper?.release(entry);
  }

  /** The queue is full. */
  private evicted(entry: QueuedBatch): boolean {
    const isKept = this.keeper?.leave(entry) ?? false;
    if (isKept) this.counters.drop('spooled', entry.batch.spanCount);
    return isKept;
  }

  private dropped(reason: DropReason, count: number): void {
    if (count === 0) return;
    this.counters.drop(reason, count);
    if (reason === 'queue_full') this.failureLog.overflowed(count, this.queue.spans);
  }
}

/** A transport never throws or rejects; should one do so all the same, it must not stop the others, or the app. */
function unexpected(error: unknown): SendResult {
  return { outcome: 'refused', status: 'error', reason: `unexpected: ${String(error)}`, fix: 'report this' };
}
