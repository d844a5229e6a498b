/** The way from the end of a span to every destination. */
import type { Worker } from 'node:worker_threads';
import type { Config, Destination } from '../config/types';
import type { Log } from '../diagnostics/log';
import type { EndedSpan, ReadableSpanView, Resource, SpanSink } from '../tracing/types';
import { Batcher } from './batching/batcher';
import { FailureReporter } from './delivery/failure-reporter';
import { flushAll } from './delivery/flush';
import { Pump } from './delivery/pump';
import { Sender } from './delivery/sender';
import { formOf, transportName } from './destination';
import { pendingOf, progressOf, statsOf } from './pipeline-stats';
import { deliverAllLeftovers } from './shutdown/deliver-leftovers';
import { giveUp, takeLeftovers } from './shutdown/leftovers';
import type { CreateSpool, Spool } from './spool';
import { spoolSourceOf } from './spool/source';
import { type ThreadDeps, Threads } from './threads';
import { targetOf } from './threads/inherit';
import type { ThreadMirror } from './threads/thread-mirror';
import type { Batch, CreateTransport, Form, PipelineStats, TransportName } from './types';

/** A batch is sent when it is this large, even if it has few spans. */
const MAX_BATCH_BYTES = 512 * 1024;
/** Together with the time until a batch is on disk, this leaves nothing older than a second unwritten at a kill -9. */
const SPOOL_DELAY_MS = 250;
const NO_MORE_TIME = { reason: 'shutdown() was given no more time', fix: '' };
/** A person waits in front of the terminal. */
const CONSOLE_DELAY_MS = 500;

export interface PipelineDeps {
  readonly log: Log;
  /** Loads `dist/export/transports/<name>.cjs`. May throw. */
  loadTransport(name: TransportName): CreateTransport;
  /** Runs a function outside of the app's requests, and without tracing what happens inside. */
  runDetached(fn: () => void): void;
  /** Absolute path of `dist/export/shutdown/worker.cjs`. */
  readonly workerFile: string;
  /** A clock in milliseconds that only goes forward. */
  readonly now: () => number;
  /** Loads `dist/export/spool/index.cjs`. Called only where CANVASOPS_SPOOL_DIR is set. */
  loadSpool?(): CreateSpool;
  /** For the spans that worker threads had not sent when they were terminated. */
  readonly threads?: ThreadDeps;
}

export interface Pipeline extends SpanSink {
  /**
   * Sends everything that has ended before.
   *
   * @param timeoutMs Limit in milliseconds.
   * @returns Whether every destination has taken everything.
   */
  flush(timeoutMs: number): Promise<boolean>;
  /**
   * Flushes, then takes no more spans and closes all sockets.
   *
   * @param timeoutMs Limit of the flush in milliseconds.
   */
  shutdown(timeoutMs: number): Promise<void>;
  stats(): PipelineStats;
  /** How many spans the destinations still have to get, added up. */
  readonly pending: number;
  /**
   * Flushes at the end of the process, with one attempt per batch. The event loop must still turn.
   *
   * @param timeoutMs Limit in milliseconds.
   * @returns Whether every destination has taken everything.
   */
  finalFlush(timeoutMs: number): Promise<boolean>;
  /**
   * Empties the queues at the end of the process, when the event loop does not turn any more.
   *
   * @param timeLeft Milliseconds that the end may still take.
   * @param isEnd Whether the process ends for certain.
   */
  deliverLeftovers(timeLeft: () => number, isEnd: boolean): void;
  /** A thread has been started, whose spans may have to be sent by this one. */
  threadStarted(worker: Worker): void;
  /** Reports at the end of the process what was left behind. */
  reportEnd(): void;
  /** How many of the spans in `stats()` are of other threads. */
  readonly inherited: number;
}

/** For the last log line of a process: it reads the numbers of a pipeline, and is loaded with it. */
export { statsLine } from './delivery/stats';

/** @param resource Who produces the spans. */
export function createPipeline(config: Config, resource: Resource, deps: PipelineDeps): Pipeline {
  return new ExportPipeline(config, resource, deps);
}

class ExportPipeline implements Pipeline {
  inherited = 0;
  private readonly resource: Resource;
  private readonly deps: PipelineDeps;
  private readonly senders: Sender[] = [];
  private readonly spool: Spool | undefined;
  private readonly batcher: Batcher;
  private readonly pump: Pump;
  private readonly mirror: ThreadMirror | undefined;
  private readonly threads: Threads | undefined;
  private created = 0;
  private closed = false;

  constructor(config: Config, resource: Resource, deps: PipelineDeps) {
    const { batch, destinations } = config;
    const { log, threads, now } = deps;
    this.resource = resource;
    this.deps = deps;
    const runDetached = (fn: () => void): void => deps.runDetached(fn);
    this.pump = new Pump(runDetached);
    const maxQueueSpans = batch.maxQueueSize ?? Number.POSITIVE_INFINITY;
    const maxSpans = Math.max(1, Math.min(batch.maxBatchSize, maxQueueSpans));
    const limits = {
      maxBytes: batch.maxQueueBytes,
      maxSpans: maxQueueSpans,
      maxBatchSpans: maxSpans,
      maxBatchBytes: MAX_BATCH_BYTES,
    };
    const target = (): number => targetOf(config);
    this.mirror = threads?.loadMirror?.()(target, () => progressOf(this.senders, this.batcher, this.created));
    if (config.spool !== undefined) {
      this.spool = deps.loadSpool?.()({ ...config.spool, resource, log, now, runDetached });
    }
    for (const destination of destinations) {
      const timeoutMs = 'timeoutMs' in destination ? destination.timeoutMs : batch.exportTimeoutMs;
      const spoolWriter = this.spool?.writerFor(destination);
      const sender = new Sender(destination, limits, timeoutMs, {
        createTransport: () => deps.loadTransport(transportName(destination))(destination, resource),
        runDetached,
        failureReporter: new FailureReporter(destination, log, now),
        spoolWriter,
        mirror: this.mirror,
        now,
        random: Math.random,
      });
      this.senders.push(sender);
      this.pump.add(sender);
      spoolWriter?.attach(spoolSourceOf(sender, batch.maxQueueBytes, runDetached));
    }
    this.batcher = new Batcher({
      forms: [...new Set(destinations.map(formOf))],
      delayMs: Math.min(batch.scheduleDelayMs, this.longestDelayMs(destinations)),
      maxSpans,
      maxBytes: MAX_BATCH_BYTES,
      onBatch: (full) => this.enqueue(full),
      onLost: (form, error) => this.lost(form, error),
      runDetached,
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
        runDetached,
      });
    }
  }

  onEnd(span: EndedSpan & ReadableSpanView): void {
    this.created++;
    if (this.closed) {
      for (const sender of this.senders) sender.stats.drop('after_shutdown', 1);
      return;
    }
    this.pump.warmUp();
    this.batcher.add(span, this.created);
    this.mirror?.add(span, this.created);
  }

  flush(timeoutMs: number): Promise<boolean> {
    this.threads?.collect(false);
    this.batcher.cut();
    return flushAll(this.senders, timeoutMs, false);
  }

  finalFlush(timeoutMs: number): Promise<boolean> {
    this.threads?.collect(false);
    this.batcher.cut();
    return flushAll(this.senders, timeoutMs, true);
  }

  async shutdown(timeoutMs: number): Promise<void> {
    if (this.closed) return;
    const flushed = this.flush(timeoutMs);
    this.closed = true;
    await flushed;
    for (const sender of this.senders) giveUp(takeLeftovers(sender), 'exit', NO_MORE_TIME);
    this.reportEnd();
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

  deliverLeftovers(timeLeft: () => number, isEnd: boolean): void {
    this.threads?.collect(isEnd);
    this.batcher.cut();
    const { resource, senders, deps } = this;
    deliverAllLeftovers(senders, {
      resource,
      workerFile: deps.workerFile,
      detached: (fn) => deps.runDetached(fn),
      timeLeft,
    });
  }

  threadStarted(worker: Worker): void {
    this.threads?.started(worker);
  }

  reportEnd(): void {
    for (const { failureReporter } of this.senders) failureReporter.reportEnd();
    this.spool?.end();
    this.mirror?.update();
  }

  private inheritedMore(spans: number): void {
    this.created += spans;
    this.inherited += spans;
    this.pump.schedule();
  }

  private longestDelayMs(destinations: readonly Destination[]): number {
    if (this.spool !== undefined) return SPOOL_DELAY_MS;
    const isWatched = destinations.some(({ transport }) => transport === 'console');
    return isWatched ? CONSOLE_DELAY_MS : Number.POSITIVE_INFINITY;
  }

  private enqueue(batch: Batch): void {
    for (const sender of this.senders) {
      if (formOf(sender.destination) === batch.form) sender.enqueue(batch);
    }
    this.pump.schedule();
  }

  private lost(form: Form, error: unknown): void {
    for (const sender of this.senders) {
      if (formOf(sender.destination) === form) sender.stats.drop('encode_failed', 1);
    }
    this.deps.log.debug(`a span could not be encoded: ${String(error)}`);
  }
}
