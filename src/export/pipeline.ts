/** From the end of a span to every destination: what the tracer sends to, and what a flush and an exit ask. */

import { AsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';
import type { Config } from '../config/types';
import type { Log } from '../diagnostics/log';
import type { EndedSpan, ReadableSpanView, Resource, SpanSink } from '../tracing/types';
import { Batcher } from './batching/batcher';
import { formOf } from './batching/encoder';
import { FailureLog } from './delivery/failure-reporter';
import { drainAll } from './delivery/flush';
import { Sender } from './delivery/sender';
import { transportName } from './destination';
import { pendingOf, progressOf, statsOf } from './pipeline-stats';
import { giveUp, type Rests, takeRest, takeRests } from './shutdown/leftovers';
import type { CreateSpool, Spool } from './spool';
import { feedOf } from './spool/source';
import { type ThreadDeps, Threads } from './threads';
import { targetOf } from './threads/inherit';
import type { ThreadMirror } from './threads/thread-mirror';
import type { Batch, CreateTransport, Form, PipelineStats, TransportName } from './types';

const { setImmediate: setSoon } = timers;

/** A batch is due at this size even if it has few spans. */
const MAX_BATCH_BYTES = 512 * 1024;
/** Nothing older than a second may be missing on disk when the process is killed. */
const SPOOL_DELAY_MS = 250;
const NO_MORE_TIME = { reason: 'shutdown() was given no more time', fix: '' };
/** Someone sits in front of a terminal and waits. */
const CONSOLE_DELAY_MS = 500;

export interface PipelineDeps {
  readonly log: Log;
  /** Loads `dist/export/<name>.cjs`. May throw. */
  loadTransport(name: TransportName): CreateTransport;
  /** Runs without tracing what happens inside. */
  runSuppressed<T>(fn: () => T): T;
  /** Loads `dist/export/spool.cjs`; called only where CANVASOPS_SPOOL_DIR is set. */
  loadSpool?(): CreateSpool;
  /** For what worker threads had not sent when they were terminated. */
  readonly threads?: ThreadDeps;
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
  /** For the end of the process, when it does not turn any more: writes what can be written at once. */
  takeRest(timeLeft: () => number, isEnd: boolean): Rests;
  /** The process ends now: says what was left behind. */
  tellEnd(): void;
  readonly resource: Resource;
  /** Spans of other threads among those that `stats()` counts. */
  readonly inherited: number;
}

export function createPipeline(config: Config, resource: Resource, deps: PipelineDeps): Pipeline {
  return new ExportPipeline(config, resource, deps);
}

class ExportPipeline implements Pipeline {
  readonly resource: Resource;
  private readonly log: Log;
  private readonly senders: Sender[] = [];
  private readonly spool: Spool | undefined;
  private readonly batcher: Batcher;
  /** Made at start, so that everything run in it belongs to no request of the app. */
  private readonly root = new AsyncResource('CANVASOPS_EXPORT');
  private readonly suppressed: (fn: () => void) => void;
  private readonly cold: Sender[] = [];
  inherited = 0;
  private readonly mirror: ThreadMirror | undefined;
  private readonly threads: Threads | undefined;
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
    const { threads } = deps;
    const target = (): number => targetOf(config);
    this.mirror = threads?.loadMirror?.()(target, () => progressOf(this.senders, this.batcher, this.created));
    if (config.spool !== undefined) {
      const { log } = deps;
      const runDetached = (fn: () => void): void => this.detached(fn);
      this.spool = deps.loadSpool?.()({ ...config.spool, resource, log, now, runDetached });
    }
    for (const destination of destinations) {
      const timeoutMs = 'timeoutMs' in destination ? destination.timeoutMs : batch.exportTimeoutMs;
      const keeper = this.spool?.keeperFor(destination);
      const sender = new Sender(destination, limits, timeoutMs, {
        createTransport: () => deps.loadTransport(transportName(destination))(destination, resource),
        runDetached: (fn) => this.detached(fn),
        failureLog: new FailureLog(destination, deps.log, now),
        keeper,
        mirror: this.mirror,
        now,
        random: Math.random,
      });
      this.senders.push(sender);
      keeper?.attach(feedOf(sender, batch.maxQueueBytes, (fn) => this.detached(fn)));
      // A module of the user's may take its time to load: begun with the first span, it is there in time.
      if (destination.transport === 'custom') this.cold.push(sender);
    }
    this.batcher = new Batcher({
      forms: [...new Set(destinations.map(formOf))],
      delayMs: Math.min(batch.scheduleDelayMs, this.longestDelayMs(destinations)),
      maxSpans,
      maxBytes: MAX_BATCH_BYTES,
      onBatch: (full) => this.enqueue(full),
      onLost: (form, error) => this.lost(form, error),
      runDetached: (fn) => this.detached(fn),
    });
    this.spool?.start();
    if (threads !== undefined) {
      this.threads = new Threads({
        deps: threads,
        target,
        senders: this.senders,
        maxSpans,
        maxBytes: MAX_BATCH_BYTES,
        onInherited: (spans) => this.inheritedMore(spans),
        runDetached: (fn) => this.detached(fn),
      });
    }
  }

  onEnd(span: EndedSpan & ReadableSpanView): void {
    this.created++;
    if (this.closed) {
      for (const sender of this.senders) sender.counters.drop('after_shutdown', 1);
      return;
    }
    if (this.cold.length > 0) this.warmUp();
    this.batcher.add(span, this.created);
    this.mirror?.add(span, this.created);
  }

  flush(timeoutMs: number): Promise<boolean> {
    this.threads?.collect(false);
    this.batcher.cut();
    return drainAll(this.senders, timeoutMs, false);
  }

  lastCall(timeoutMs: number): Promise<boolean> {
    this.threads?.collect(false);
    this.batcher.cut();
    return drainAll(this.senders, timeoutMs, true);
  }

  async shutdown(timeoutMs: number): Promise<void> {
    if (this.closed) return;
    const flushed = this.flush(timeoutMs);
    this.closed = true;
    await flushed;
    for (const sender of this.senders) giveUp(takeRest(sender), 'exit', NO_MORE_TIME);
    this.tellEnd();
    await Promise.allSettled(this.senders.map((sender) => sender.close()));
  }

  stats(): PipelineStats {
    this.threads?.collect(false);
    return statsOf(this.senders, this.batcher, this.created);
  }

  get pending(): number {
    this.threads?.collect(false);
    return pendingOf(this.senders, this.batcher);
  }

  takeRest(timeLeft: () => number, isEnd: boolean): Rests {
    this.threads?.collect(isEnd);
    this.batcher.cut();
    return takeRests(this.senders, { detached: (fn) => this.detached(fn), timeLeft });
  }

  tellEnd(): void {
    for (const { failureLog } of this.senders) failureLog.tellEnd();
    this.spool?.end();
    this.mirror?.update();
  }

  private inheritedMore(spans: number): void {
    this.created += spans;
    this.inherited += spans;
    if (!this.pumpScheduled) this.detached(this.schedulePump);
  }

  private longestDelayMs(destinations: Config['destinations']): number {
    if (this.spool !== undefined) return SPOOL_DELAY_MS;
    const isWatched = destinations.some(({ transport }) => transport === 'console');
    return isWatched ? CONSOLE_DELAY_MS : Number.POSITIVE_INFINITY;
  }

  private enqueue(batch: Batch): void {
    for (const sender of this.senders) {
      if (formOf(sender.destination) === batch.form) sender.enqueue(batch);
    }
    if (!this.pumpScheduled) this.detached(this.schedulePump);
  }

  /** Not on the app's stack: making a request takes far longer than ending a span. */
  private readonly schedulePump = (): void => {
    setSoon(this.pump).unref();
    // Only now: where the app has used up the stack, none of this may have happened.
    this.pumpScheduled = true;
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
