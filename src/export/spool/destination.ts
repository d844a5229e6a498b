/** The spool of one destination: which batches are on disk, and when they get there and leave again. */
import fs from 'node:fs';
import timers from 'node:timers';
import type { QueuedBatch } from '../batching/queue';
import type { Batch, Form } from '../types';
import type { Spool } from '.';
import type { SpoolFile } from './files';
import { decodeRecord, encodeRecord } from './record';
import type { Feed } from './source';
import type { Keeper } from './types';

const { setTimeout: setTimer } = timers;

/**
 * So often what waits is looked at; what has been seen before is written. A healthy backend has answered by then, so
 * it costs no disk at all; and with the time a batch takes to fill, nothing older than a second is lost to a kill -9.
 */
const LOOK_MS = 150;
const LIFE_SIGN_EVERY_MS = 10_000;
/** Of the queue, for what an earlier start has left. */
const ADOPT_SHARE = 4;

interface Kept {
  readonly name: string;
  /** What of the entry is on disk, or will be; it may have grown since. */
  batch: Batch;
  bytes: number;
  isWriting: boolean;
  /** Settled while it was being written. */
  isOver: boolean;
}

export class DestinationSpool implements Keeper {
  private readonly spool: Spool;
  private readonly id: string;
  private readonly form: Form;
  private readonly kept = new Map<QueuedBatch, Kept>();
  /** Spans of this process that it has left in the folder, by the name of the file. */
  private readonly left = new Map<string, number>();
  private readonly seen = new WeakSet<QueuedBatch>();
  private feed: Feed | undefined;
  private isLooking = false;
  private isAdopting = false;
  /** There may be more for us in the folder. */
  private hasMore = false;
  private lifeSignAt = 0;

  constructor(spool: Spool, id: string, form: Form) {
    this.spool = spool;
    this.id = id;
    this.form = form;
  }

  attach(feed: Feed): void {
    this.feed = feed;
  }

  wake(): void {
    if (this.isLooking) return;
    this.isLooking = true;
    this.spool.options.runDetached(() => void setTimer(this.look, LOOK_MS).unref());
  }

  release(entry: QueuedBatch): void {
    const kept = this.kept.get(entry);
    if (kept !== undefined) {
      this.kept.delete(entry);
      if (kept.isWriting) kept.isOver = true;
      else this.discard(kept);
    }
    if (this.hasMore && this.feed?.isFailing() === false) void this.adopt();
  }

  leave(entry: QueuedBatch): boolean {
    const kept = this.kept.get(entry);
    if (kept === undefined) return false;
    if (kept.isWriting) {
      this.kept.delete(entry);
      kept.isOver = true;
      return false;
    }
    this.hasMore = true;
    return this.keepNow(entry);
  }

  keepNow(entry: QueuedBatch): boolean {
    const { spool } = this;
    const kept = this.kept.get(entry);
    this.kept.delete(entry);
    try {
      if (kept !== undefined && !kept.isWriting && kept.batch === entry.batch) {
        fs.renameSync(spool.folder.pathOf(kept.name, true), spool.folder.pathOf(kept.name, false));
        this.hasLeft(kept.name, entry);
        return true;
      }
      if (kept?.isWriting) kept.isOver = true;
      else if (kept !== undefined) this.discard(kept);
      if (!spool.isUsable) return false;
      spool.folder.prepare();
      const record = encodeRecord(entry.batch, spool.options.resource);
      if (!spool.hasRoomFor(record.length)) return false;
      const name = spool.folder.nameFor(this.id, this.form);
      spool.folder.writeNow(name, record, false);
      this.hasLeft(name, entry);
      return true;
    } catch (error) {
      spool.failed(error);
      return false;
    }
  }

  /** A file that was free had to go, for newer ones. */
  removed(name: string): void {
    const spans = this.left.get(name);
    if (spans === undefined) return;
    this.left.delete(name);
    this.feed?.lost(spans);
  }

  private hasLeft(name: string, { batch }: QueuedBatch): void {
    if (batch.spanCount > 0) this.left.set(name, batch.spanCount);
  }

  /** Takes over what an earlier start has left, as far as there is room for it. */
  async adopt(): Promise<void> {
    const { feed, spool } = this;
    if (this.isAdopting || feed === undefined) return;
    this.isAdopting = true;
    this.hasMore = false;
    try {
      spool.folder.prepare();
      for (const file of await spool.folder.unclaimed()) {
        if (file.id !== this.id || file.form !== this.form) continue;
        this.hasMore = feed.bytes() > feed.maxBytes / ADOPT_SHARE;
        if (this.hasMore || spool.isOver) break;
        if (await spool.folder.claim(file)) await this.takeOver(file, feed);
      }
    } catch (error) {
      spool.failed(error);
    }
    this.isAdopting = false;
  }

  private async takeOver(file: SpoolFile, feed: Feed): Promise<void> {
    const { folder, options } = this.spool;
    const owned = folder.pathOf(file.name, true);
    const record = await fs.promises.readFile(owned);
    if (this.spool.isOver) {
      fs.renameSync(owned, folder.pathOf(file.name, false)); // the end has come meanwhile: for somebody else
      return;
    }
    const spooled = decodeRecord(record);
    if (spooled === undefined) {
      options.log.warn(`a file in CANVASOPS_SPOOL_DIR is damaged, its spans are lost: ${file.name}`);
      folder.remove(owned);
      return;
    }
    const { batch, spans } = spooled;
    options.log.info(`${spans} spans of an earlier start are sent to ${this.id}`);
    const kept: Kept = { name: file.name, batch, bytes: record.length, isWriting: false, isOver: false };
    this.kept.set(feed.adopt(batch), kept);
    this.wake();
  }

  private readonly look = (): void => {
    this.isLooking = false;
    const { feed, spool } = this;
    if (feed === undefined) return;
    let isEmpty = true;
    for (const entry of feed.entries()) {
      isEmpty = false;
      const kept = this.kept.get(entry);
      const isDue =
        kept === undefined ? feed.isFailing() || this.seen.has(entry) : kept.batch !== entry.batch;
      this.seen.add(entry);
      if (isDue && !kept?.isWriting && spool.isUsable) this.write(entry, kept);
    }
    if (isEmpty) return;
    const now = spool.options.now();
    if (this.kept.size > 0 && now - this.lifeSignAt > LIFE_SIGN_EVERY_MS) {
      this.lifeSignAt = now;
      spool.folder.showLife();
    }
    this.wake();
  };

  /** A batch that has grown since goes over what is there of it. */
  private write(entry: QueuedBatch, before: Kept | undefined): void {
    const { spool, id, form } = this;
    try {
      spool.folder.prepare();
      const { batch } = entry;
      const record = encodeRecord(batch, spool.options.resource);
      if (!spool.hasRoomFor(record.length - (before?.bytes ?? 0))) return;
      const name = before?.name ?? spool.folder.nameFor(id, form);
      const kept: Kept = { name, batch, bytes: record.length, isWriting: true, isOver: false };
      this.kept.set(entry, kept);
      const written = spool.writing(record.length);
      spool.folder.write(name, record, (error) => {
        written();
        kept.isWriting = false;
        if (error !== null) {
          if (this.kept.get(entry) === kept) this.kept.delete(entry);
          spool.failed(error);
        }
        if (error !== null || kept.isOver) this.discard(kept);
      });
    } catch (error) {
      spool.failed(error);
    }
  }

  private discard(kept: Kept): void {
    this.spool.folder.remove(this.spool.folder.pathOf(kept.name, true));
    this.spool.removed(kept.bytes);
  }
}
