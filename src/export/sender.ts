/** Brings one destination its batches: its own queue, its own transport, its own retries and its own failures. */
import timers from 'node:timers';
import type { Destination } from '../config/types';
import { Counters } from './counters';
import type { FailureLog } from './failure-log';
import { BatchQueue, type QueuedBatch, type QueueLimits } from './queue';
import { retryDelayMs } from './retry';
import type { Batch, DropReason, SendResult, Transport } from './types';

const { setTimeout: setTimer, clearTimeout: clearTimer } = timers;

/** A backlog from this many batches on is worth more connections. */
const BACKLOG = 4;
const MAX_PARALLEL = 4;
/** So often a batch may fail while others get through, until it is taken for indigestible. */
const MAX_STRIKES = 20;

export interface SenderDeps {
  /** Throws when the transport cannot be loaded. */
  createTransport(): Transport;
  /** Runs outside of any request of the app, unseen by our own tracing. */
  runDetached(fn: () => void): void;
  readonly failureLog: FailureLog;
  now(): number;
  random(): number;
}

interface Waiter {
  readonly mark: number;
  readonly lostBefore: number;
  readonly done: (allDelivered: boolean) => void;
}

export class Sender {
  readonly destination: Destination;
  readonly queue: BatchQueue;
  readonly counters = new Counters();
  private readonly timeoutMs: number;
  private readonly maxParallel: number;
  private readonly deps: SenderDeps;
  private transport: Transport | undefined;
  private deliveries = 0;
  private failuresInRow = 0;
  private retryAt = 0;
  /** The backend itself asked to wait; a flush does not override that. */
  private toldToWait = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly waiters = new Set<Waiter>();
  /** The process is ending: one attempt each, no retries. */
  private lastCall = false;
  private gaveUp = false;

  constructor(destination: Destination, limits: QueueLimits, timeoutMs: number, deps: SenderDeps) {
    this.destination = destination;
    this.queue = new BatchQueue(limits);
    this.timeoutMs = timeoutMs;
    this.maxParallel = destination.transport === 'otlp' ? MAX_PARALLEL : 1;
    this.deps = deps;
  }

  /** Takes a batch in; {@link pump} sends it. */
  enqueue(batch: Batch): void {
    if (!this.lastCall) this.gaveUp = false; // it was not the end after all
    this.dropped('queue_full', this.queue.push(batch));
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
    this.settleWaiters();
  };

  /**
   * Calls back once everything queued so far is delivered or given up, with whether all of it was delivered.
   * `lastCall`: one attempt per batch, and none after the first failure. Returns how to stop waiting.
   */
  drain(lastCall: boolean, done: (allDelivered: boolean) => void): () => void {
    const waiter = { mark: this.queue.mark, lostBefore: this.counters.droppedTotal, done };
    this.waiters.add(waiter);
    if (lastCall) this.lastCall = true;
    if (!this.toldToWait || lastCall) this.retryAt = 0;
    this.deps.runDetached(this.pump);
    return () => {
      this.waiters.delete(waiter);
      if (this.waiters.size === 0) this.lastCall = false;
    };
  }

  /** Nothing was ever answered there, or all attempts at the end failed: an exit need not try once more. */
  get isHopelessAtExit(): boolean {
    const { destination } = this;
    return (
      this.gaveUp ||
      (destination.transport === 'otlp' &&
        destination.implicit &&
        this.deliveries === 0 &&
        this.failuresInRow > 0)
    );
  }

  /** What the end of the process has to send by other means. The queue is empty afterwards. */
  takeRest(): Batch[] {
    const before = this.queue.spans;
    const rest = this.queue.drain();
    let left = 0;
    for (const batch of rest) left += batch.spanCount;
    // What is fully written reaches the backend although nobody will read the answer.
    this.counters.delivered += before - left;
    return rest;
  }

  /** Sends at once and blocking, where the transport can; the others return undefined. */
  sendNow(batch: Batch): SendResult | undefined {
    const transport = this.open();
    if (transport?.sendSync === undefined) return undefined;
    return transport.sendSync(batch);
  }

  async close(): Promise<void> {
    if (this.timer !== undefined) clearTimer(this.timer);
    const { transport } = this;
    this.transport = undefined;
    await transport?.close();
  }

  /** Settles spans that are in no queue any more. */
  account(result: SendResult | undefined, spanCount: number, reasonIfLost: DropReason): void {
    if (result?.outcome !== 'delivered') {
      this.dropped(reasonIfLost, spanCount);
      return;
    }
    this.counters.delivered += spanCount - result.rejected;
    this.counters.drop('rejected', result.rejected);
  }

  get failureLog(): FailureLog {
    return this.deps.failureLog;
  }

  private mayStart(): boolean {
    const { underWay, length } = this.queue;
    if (length === 0 || this.gaveUp || this.deps.now() < this.retryAt) return false;
    const healthy = this.failuresInRow === 0 && this.deliveries > 0;
    return underWay.size < (healthy && length + underWay.size >= BACKLOG ? this.maxParallel : 1);
  }

  private start(entry: QueuedBatch): void {
    const transport = this.open();
    if (transport === undefined) {
      this.queue.forget(entry);
      this.dropped('unusable', entry.batch.spanCount);
      return;
    }
    entry.attempts++;
    transport.send(entry.batch, this.timeoutMs, entry.progress).then(
      (result) => this.settle(entry, result),
      (error: unknown) => this.settle(entry, unexpected(error)),
    );
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
      this.queue.forget(entry);
      this.deliveries++;
      this.failuresInRow = 0;
      this.retryAt = 0;
      this.toldToWait = false;
      this.account(result, spanCount, 'rejected');
      this.failureLog.delivered();
      if (result.rejected > 0 || result.message)
        this.failureLog.partly(result.rejected, result.message ?? '');
    } else if (result.outcome === 'refused') {
      this.queue.forget(entry);
      this.counters.drop('refused', spanCount);
      this.failureLog.failed(result, this.queue.spans, spanCount);
    } else {
      this.retryLater(entry, result);
    }
    this.pump();
  }

  private retryLater(entry: QueuedBatch, result: Extract<SendResult, { outcome: 'retry' }>): void {
    this.failuresInRow++;
    if (entry.attempts > 1 && this.deliveries > entry.deliveriesBefore) entry.strikes++;
    entry.deliveriesBefore = this.deliveries;
    if (entry.strikes >= MAX_STRIKES) {
      this.queue.forget(entry);
      this.counters.drop('retries_exhausted', entry.batch.spanCount);
      this.failureLog.failed(result, this.queue.spans, entry.batch.spanCount);
    } else {
      this.dropped('queue_full', this.queue.putBack(entry));
      this.failureLog.failed(result, this.queue.spans, 0);
    }
    if (this.lastCall) {
      this.gaveUp = true;
      return;
    }
    const delay = retryDelayMs(this.failuresInRow, result.retryAfterMs, this.deps.random());
    this.toldToWait = result.retryAfterMs !== undefined;
    this.retryAt = this.deps.now() + delay;
    if (this.timer !== undefined) clearTimer(this.timer);
    this.timer = setTimer(this.pump, Math.ceil(delay) + 1);
    this.timer.unref();
  }

  private dropped(reason: DropReason, count: number): void {
    if (count === 0) return;
    this.counters.drop(reason, count);
    if (reason === 'queue_full') this.failureLog.overflowed(count, this.queue.spans);
  }

  private settleWaiters(): void {
    for (const waiter of this.waiters) {
      const cleared = this.queue.isClearedUpTo(waiter.mark);
      if (!cleared && !(this.gaveUp && this.queue.underWay.size === 0)) continue;
      this.waiters.delete(waiter);
      if (this.waiters.size === 0) this.lastCall = false;
      waiter.done(cleared && this.counters.droppedTotal === waiter.lostBefore);
    }
  }
}

/** A transport never rejects; should one do so all the same, it must not stop the others. */
function unexpected(error: unknown): SendResult {
  return { outcome: 'refused', status: 'error', reason: `unexpected: ${String(error)}`, fix: 'report this' };
}
