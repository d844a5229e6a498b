/**
 * CANVASOPS_SPOOL_DIR: what a backend does not take is kept on disk, bounded, and sent by the next start. A file of
 * its own, `dist/export/spool.cjs`, loaded only where the setting is set.
 */
import timers from 'node:timers';
import type { Destination } from '../../config/types';
import type { Log } from '../../diagnostics/log';
import type { Resource } from '../../tracing/types';
import { formOf } from '../batching/encoder';
import { DestinationSpool } from './destination';
import { SpoolFolder } from './files';
import type { Feed } from './source';
import type { Keeper } from './types';

const { setTimeout: setTimer } = timers;

/** After an error the disk is left alone for so long. */
const PAUSE_MS = 60_000;
/** Other processes may have filled the folder meanwhile. */
const USAGE_IS_FRESH_MS = 60_000;

export interface SpoolOptions {
  readonly folder: string;
  readonly maxBytes: number;
  readonly resource: Resource;
  readonly log: Log;
  readonly runDetached: (fn: () => void) => void;
  readonly now: () => number;
}

/** What of the spool all destinations share: the folder, its bound, and its failures. */
export class Spool {
  readonly folder: SpoolFolder;
  readonly options: SpoolOptions;
  /** Nothing more is taken over. */
  isOver = false;
  private readonly destinations: DestinationSpool[] = [];
  private brokenUntil = Number.NEGATIVE_INFINITY;
  private failureTold = false;
  private fullTold = false;
  private bytes = 0;
  /** Of these, begun and perhaps not in the folder yet. */
  private bytesUnderWay = 0;
  private countedAt = Number.NEGATIVE_INFINITY;

  constructor(options: SpoolOptions) {
    this.options = options;
    this.folder = new SpoolFolder(options.folder);
  }

  /** undefined: spans for this destination have no form that could be kept. */
  keeperFor(destination: Destination): (Keeper & { attach(feed: Feed): void }) | undefined {
    const form = formOf(destination);
    if (form === 'spans') return undefined;
    const keeper = new DestinationSpool(this, destination.id, form);
    this.destinations.push(keeper);
    return keeper;
  }

  /** Looks for what an earlier start has left; not now, the app is starting. */
  start(): void {
    const adopt = (): void => {
      for (const destination of this.destinations) void destination.adopt();
    };
    this.options.runDetached(() => void setTimer(adopt, 0).unref());
  }

  /** The process ends, and everything is settled. */
  end(): void {
    this.isOver = true;
    try {
      this.folder.leave();
    } catch (error) {
      this.failed(error);
    }
  }

  get isUsable(): boolean {
    return this.options.now() >= this.brokenUntil;
  }

  /** True: so much more may be written. The oldest of what nobody holds goes first. May throw. */
  hasRoomFor(size: number): boolean {
    const { maxBytes, now, log } = this.options;
    if (now() - this.countedAt > USAGE_IS_FRESH_MS || this.bytes + size > maxBytes) {
      const { bytes, free } = this.folder.usage();
      this.bytes = bytes + this.bytesUnderWay;
      this.countedAt = now();
      for (const file of free) {
        if (this.bytes + size <= maxBytes) break;
        this.folder.remove(file.path);
        this.bytes -= file.bytes;
        for (const destination of this.destinations) destination.removed(file.name);
        if (!this.fullTold) log.warn('CANVASOPS_SPOOL_DIR is full: the oldest spans in it are dropped');
        this.fullTold = true;
      }
    }
    if (this.bytes + size > maxBytes) return false;
    this.bytes += size;
    return true;
  }

  removed(size: number): void {
    this.bytes -= size;
  }

  writing(size: number): () => void {
    this.bytesUnderWay += size;
    return () => {
      this.bytesUnderWay -= size;
    };
  }

  /** One line, whatever happens from then on. */
  failed(error: unknown): void {
    this.brokenUntil = this.options.now() + PAUSE_MS;
    if (this.failureTold) return;
    this.failureTold = true;
    const why = error instanceof Error ? error.message : String(error);
    this.options.log.warn(
      `spans cannot be kept in CANVASOPS_SPOOL_DIR: ${why}. To fix: name a directory that this process may write to, with free space.`,
    );
  }
}

export type CreateSpool = typeof createSpool;

export function createSpool(options: SpoolOptions): Spool {
  return new Spool(options);
}
