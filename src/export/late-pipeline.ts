/**
 * The pipeline of a process, loaded and made when there is something for it to do. Many processes end without a span
 * (tools, build steps), and the files of the pipeline are a third of what would have to be parsed at every start.
 */
import { AsyncResource } from 'node:async_hooks';
import * as diagnosticsChannel from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import type { Log } from '../diagnostics/log';
import type { EndedSpan, ReadableSpanView } from '../tracing/types';
import type { Pipeline } from './pipeline';
import type { DestinationStats, PipelineStats } from './types';

export interface LatePipelineOptions {
  readonly log: Log;
  /**
   * May throw. Then it is called again later.
   *
   * @param runDetached Runs a function in the context of the process' start, which is no request's.
   */
  create(runDetached: (fn: () => void) => void): Pipeline;
}

const NOTHING: PipelineStats = { created: 0, delivered: 0, dropped: {}, pending: 0, destinations: {} };

export class LatePipeline implements Pipeline {
  private readonly options: LatePipelineOptions;
  /** Made at start, so that what runs in it belongs to no request of the app. */
  private readonly root = new AsyncResource('CANVASOPS_EXPORT');
  private pipeline: Pipeline | undefined;
  private failures = 0;
  /** How often somebody asks for it before it is tried again. */
  private toSkip = 0;
  /** Spans that ended while there was none. */
  private lost = 0;

  constructor(options: LatePipelineOptions) {
    this.options = options;
    // Node publishes to this channel at the end of the constructor of Worker.
    diagnosticsChannel.subscribe('worker_threads', (message) => {
      this.threadStarted((message as { worker: Worker }).worker);
    });
  }

  /**
   * Where it fails, because no file can be opened for now, say, it is tried again after 2, 4, 8 and more calls.
   *
   * @returns The pipeline; undefined where it could not be made, which is reported once.
   */
  make(): Pipeline | undefined {
    if (this.pipeline !== undefined) return this.pipeline;
    if (this.toSkip > 0) {
      this.toSkip--;
      return undefined;
    }
    try {
      this.pipeline = this.options.create((fn) => this.root.runInAsyncScope(fn));
    } catch (error) {
      this.toSkip = 2 ** ++this.failures;
      if (this.failures === 1)
        this.options.log.error(`spans cannot be sent; the app goes on without: ${String(error)}`);
    }
    return this.pipeline;
  }

  onEnd(span: EndedSpan & ReadableSpanView): void {
    const pipeline = this.pipeline ?? this.make();
    if (pipeline === undefined) this.lost++;
    else pipeline.onEnd(span);
  }

  threadStarted(worker: Worker): void {
    this.make()?.threadStarted(worker);
  }

  flush(timeoutMs: number): Promise<boolean> {
    return this.pipeline?.flush(timeoutMs) ?? Promise.resolve(this.failures === 0);
  }

  finalFlush(timeoutMs: number): Promise<boolean> {
    return this.pipeline?.finalFlush(timeoutMs) ?? Promise.resolve(this.failures === 0);
  }

  async shutdown(timeoutMs: number): Promise<void> {
    // Made where there is none: it counts what ends afterwards.
    await this.make()?.shutdown(timeoutMs);
  }

  stats(): PipelineStats {
    const stats = this.make()?.stats() ?? NOTHING;
    if (this.lost === 0) return stats;
    const withLost = (each: DestinationStats): DestinationStats => ({
      ...each,
      created: each.created + this.lost,
      dropped: { ...each.dropped, unusable: (each.dropped.unusable ?? 0) + this.lost },
    });
    const destinations = Object.entries(stats.destinations).map(([id, each]) => [id, withLost(each)]);
    return { ...withLost(stats), destinations: Object.fromEntries(destinations) };
  }

  get pending(): number {
    return this.pipeline?.pending ?? 0;
  }

  get inherited(): number {
    return this.pipeline?.inherited ?? 0;
  }

  deliverLeftovers(timeLeft: () => number, isEnd: boolean): void {
    this.pipeline?.deliverLeftovers(timeLeft, isEnd);
  }

  reportEnd(): void {
    this.pipeline?.reportEnd();
  }
}
