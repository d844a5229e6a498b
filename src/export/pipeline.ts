/** From the end of a span to every destination: what the tracer sends to, and what a flush and an exit ask. */
import { AsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';
import type { Config, Destination } from '../config/types';
import type { EndedSpan, ReadableSpanView, Resource, SpanSink } from '../tracing/types';
import { formOf } from './batch-builder';
import { Batcher } from './batcher';
import { drainAll } from './drain';
import { FailureLog } from './failure-log';
import { Sender } from './sender';
import { transportName } from './transport-name';
import type {
  Batch,
  CreateTransport,
  DestinationStats,
  Form,
  Log,
  PipelineStats,
  TransportName,
} from './types';

const { setImmediate: setSoon } = timers;

/** A batch is due at this size even if it has few spans. */
const MAX_BATCH_BYTES = 512 * 1024;
/** Someone sits in front of a terminal and waits. */
const CONSOLE_DELAY_MS = 500;

export interface PipelineDeps {
  readonly log: Log;
  /** Loads `dist/export/<name>.cjs`. May throw. */
  loadTransport(name: TransportName): CreateTransport;
  /** Runs without tracing what happens inside. */
  runSuppressed<T>(fn: () => T): T;
}

/** What is left for one destination when the process ends. */
export interface Rest {
  readonly destination: Destination;
  readonly batches: readonly Batch[];
}

export interface Pipeline extends SpanSink {
  /** Sends everything that has ended so far. True: all of it has been taken by every destination. */
  flush(timeoutMs: number): Promise<boolean>;
  /** Flushes, then takes nothing more and lets go of all sockets. */
  shutdown(timeoutMs: number): Promise<void>;
  stats(): PipelineStats;
  /** Spans that some destination still has to get. */
  readonly pending: number;
  /** For the end of the process, while the event loop still turns: one attempt per batch. */
  lastCall(timeoutMs: number): Promise<boolean>;
  /**
   * For the end of the process, when it does not turn any more: writes what can be written at once, and returns
   * the rest. Its spans are to be settled with {@link settleRest}. `unanswered`: a backend has been sent all of a
   * batch, but has not answered yet.
   */
  takeRest(): { rests: Rest[]; unanswered: boolean };
  /** How many spans of a rest the destination took; the others are lost for `reason`. */
  settleRest(rest: Rest, delivered: number, reason: string): void;
  readonly resource: Resource;
}

export function createPipeline(config: Config, resource: Resource, deps: PipelineDeps): Pipeline {
  return new ExportPipeline(config, resource, deps);
}

class ExportPipeline implements Pipeline {
  readonly resource: Resource;
  private readonly log: Log;
  private readonly senders: Sender[] = [];
  private readonly batcher: Batcher;
  /** Made at start, so that everything run in it belongs to no request of the app. */
  private readonly root = new AsyncResource('CANVASOPS_EXPORT');
  private readonly suppressed: (fn: () => void) => void;
  private readonly cold: Sender[] = [];
  private created = 0;
  private closed = false;
  private pumpScheduled = false;

  constructor(config: Config, resource: Resource, deps: PipelineDeps) {
    const { batch, destinations } = config;
    this.resource = resource;
    this.log = deps.log;
    this.suppressed = (fn) => deps.runSuppressed(fn);
    const maxSpans = Math.max(
      1,
      Math.min(batch.maxBatchSize, batch.maxQueueSize ?? Number.POSITIVE_INFINITY),
    );
    const limits = {
      maxBytes: batch.maxQueueBytes,
      maxSpans: batch.maxQueueSize ?? Number.POSITIVE_INFINITY,
      maxBatchSpans: maxSpans,
      maxBatchBytes: MAX_BATCH_BYTES,
    };
    const now = performance.now.bind(performance);
    for (const destination of destinations) {
      const timeoutMs = 'timeoutMs' in destination ? destination.timeoutMs : batch.exportTimeoutMs;
      const sender = new Sender(destination, limits, timeoutMs, {
        createTransport: () => deps.loadTransport(transportName(destination))(destination, resource),
        runDetached: (fn) => this.detached(fn),
        failureLog: new FailureLog(destination, deps.log, now),
        now,
        random: Math.random,
      });
      this.senders.push(sender);
      // A module of the user's may take its time to load: begun with the first span, it is there in time.
      if (destination.transport === 'custom') this.cold.push(sender);
    }
    this.batcher = new Batcher({
      forms: [...new Set(destinations.map(formOf))],
      delayMs: destinations.some(({ transport }) => transport === 'console')
        ? Math.min(CONSOLE_DELAY_MS, batch.scheduleDelayMs)
        : batch.scheduleDelayMs,
      maxSpans,
      maxBytes: MAX_BATCH_BYTES,
      onBatch: (full) => this.enqueue(full),
      onLost: (form, error) => this.lost(form, error),
      runDetached: (fn) => this.detached(fn),
    });
  }

  onEnd(span: EndedSpan & ReadableSpanView): void {
    this.created++;
    if (this.closed) {
      for (const sender of this.senders) sender.counters.drop('after_shutdown', 1);
      return;
    }
    if (this.cold.length > 0) this.warmUp();
    this.batcher.add(span);
  }

  flush(timeoutMs: number): Promise<boolean> {
    this.batcher.cut();
    return drainAll(this.senders, timeoutMs, false);
  }

  lastCall(timeoutMs: number): Promise<boolean> {
    this.batcher.cut();
    return drainAll(this.senders, timeoutMs, true);
  }

  async shutdown(timeoutMs: number): Promise<void> {
    if (this.closed) return;
    const flushed = this.flush(timeoutMs);
    this.closed = true;
    await flushed;
    for (const sender of this.senders) this.giveUp(sender, 'shutdown() was given no more time');
    await Promise.allSettled(this.senders.map((sender) => sender.close()));
  }

  stats(): PipelineStats {
    const destinations: Record<string, DestinationStats> = {};
    let worst: DestinationStats | undefined;
    for (const sender of this.senders) {
      const pending = sender.queue.spans + this.batcher.pending(formOf(sender.destination));
      const stats = sender.counters.stats(this.created, pending);
      destinations[sender.destination.id] = stats;
      if (worst === undefined || stats.delivered < worst.delivered) worst = stats;
    }
    const totals = worst ?? { created: this.created, delivered: 0, dropped: {}, pending: 0 };
    return { ...totals, destinations };
  }

  get pending(): number {
    let pending = 0;
    for (const sender of this.senders) {
      pending += sender.queue.spans + this.batcher.pending(formOf(sender.destination));
    }
    return pending;
  }

  takeRest(): { rests: Rest[]; unanswered: boolean } {
    this.batcher.cut();
    const rests: Rest[] = [];
    let unanswered = false;
    for (const sender of this.senders) {
      if (sender.isHopelessAtExit) {
        this.giveUp(sender, 'its backend could not be reached');
        continue;
      }
      unanswered = unanswered || sender.queue.isUnanswered;
      const batches = sender.takeRest();
      const left = batches.filter((batch) => !this.sentNow(sender, batch));
      if (left.length > 0) rests.push({ destination: sender.destination, batches: left });
      // The console still holds traces without an end, a custom exporter may close its file.
      if (transportsOfThisThread.has(sender.destination.transport)) this.detached(() => void sender.close());
    }
    return { rests, unanswered };
  }

  settleRest(rest: Rest, delivered: number, reason: string): void {
    const sender = this.senders.find(({ destination }) => destination === rest.destination);
    if (sender === undefined) return;
    let total = 0;
    for (const batch of rest.batches) total += batch.spanCount;
    const taken = Math.min(Math.max(0, delivered), total);
    sender.counters.delivered += taken;
    sender.counters.drop('exit', total - taken);
    if (taken < total) sender.failureLog.lostAtEnd(total - taken, reason);
  }

  private sentNow(sender: Sender, batch: Batch): boolean {
    if (!transportsOfThisThread.has(sender.destination.transport)) return false;
    let sent = false;
    this.detached(() => {
      const result = sender.sendNow(batch);
      if (result === undefined) return;
      sent = true;
      sender.account(result, batch.spanCount, 'exit');
      if (result.outcome !== 'delivered') sender.failureLog.failed(result, 0, batch.spanCount);
    });
    return sent;
  }

  private giveUp(sender: Sender, reason: string): void {
    let lost = 0;
    for (const batch of sender.takeRest()) lost += batch.spanCount;
    sender.counters.drop('exit', lost);
    if (lost > 0) sender.failureLog.lostAtEnd(lost, reason);
  }

  private enqueue(batch: Batch): void {
    for (const sender of this.senders) {
      if (formOf(sender.destination) === batch.form) sender.enqueue(batch);
    }
    if (this.pumpScheduled) return;
    this.pumpScheduled = true;
    this.detached(this.schedulePump);
  }

  /** Not on the app's stack: making a request takes far longer than ending a span. */
  private readonly schedulePump = (): void => {
    setSoon(this.pump).unref();
  };

  private readonly pump = (): void => {
    this.pumpScheduled = false;
    for (const sender of this.senders) sender.pump();
  };

  private warmUp(): void {
    const cold = this.cold.splice(0);
    const warm = (): void => {
      for (const sender of cold) sender.warmUp();
    };
    this.detached(() => void setSoon(warm).unref());
  }

  private lost(form: Form, error: unknown): void {
    for (const sender of this.senders) {
      if (formOf(sender.destination) === form) sender.counters.drop('encode_failed', 1);
    }
    this.log.debug(`a span could not be encoded: ${String(error)}`);
  }

  private detached(fn: () => void): void {
    this.root.runInAsyncScope(this.suppressed, undefined, fn);
  }
}

/** They live in this thread's memory: nothing of them can be sent from elsewhere. */
const transportsOfThisThread = new Set<Destination['transport']>(['console', 'custom']);
