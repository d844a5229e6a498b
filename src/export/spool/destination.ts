/** The spool of one destination: decides when a batch is written to disk and when it is deleted there. */
import fs from 'node:fs';
import { setTimer } from '../../timers';
import type { QueuedBatch } from '../batching/queue';
import type { Batch, Form } from '../types';
import type { SpoolFile } from './files';
import { decodeRecord, encodeRecord } from './record';
import type { SpoolStore } from './store';
import type { SpoolSource, SpoolWriter } from './types';

/**
 * The queue is looked at so often. A batch is written when it is seen for the second time. A healthy backend has
 * answered by then, so it causes no writes. Together with the time in which a batch is collected, that leaves nothing
 * older than a second unwritten when the process is killed.
 */
const LOOK_MS = 150;
const HEARTBEAT_EVERY_MS = 10_000;
/** What an earlier start has left is adopted while the queue is filled less than one part of this many. */
const ADOPT_SHARE = 4;

interface Kept {
  readonly name: string;
  /** What was written, or is being written. The entry may have grown since. */
  batch: Batch;
  bytes: number;
  isWriting: boolean;
  /** Whether the batch was settled while it was being written. */
  isOver: boolean;
}

export class DestinationSpool implements SpoolWriter {
  private readonly store: SpoolStore;
  private readonly id: string;
  private readonly form: Form;
  private readonly kept = new Map<QueuedBatch, Kept>();
  /** How many spans of this process are in each free file that it has left, by the file's name. */
  private readonly left = new Map<string, number>();
  private readonly seen = new WeakSet<QueuedBatch>();
  private source: SpoolSource | undefined;
  private isLooking = false;
  private isAdopting = false;
  /** Whether the folder may contain more for this destination. */
  private hasMore = false;
  private heartbeatAt = 0;

  constructor(store: SpoolStore, id: string, form: Form) {
    this.store = store;
    this.id = id;
    this.form = form;
  }

  attach(source: SpoolSource): void {
    this.source = source;
  }

  wake(): void {
    if (this.isLooking) return;
    this.isLooking = true;
    this.store.options.runDetached(() => void setTimer(this.look, LOOK_MS).unref());
  }

  release(entry: QueuedBatch): void {
    const kept = this.kept.get(entry);
    if (kept !== undefined) {
      this.kept.delete(entry);
      if (kept.isWriting) kept.isOver = true;
      else this.discard(kept);
    }
    if (this.hasMore && this.source?.isFailing() === false) void this.adopt();
  }

  evict(entry: QueuedBatch): boolean {
    const kept = this.kept.get(entry);
    if (kept === undefined) return false;
    if (kept.isWriting) {
      this.kept.delete(entry);
      kept.isOver = true;
      return false;
    }
    this.hasMore = true;
    return this.writeNow(entry);
  }

  writeNow(entry: QueuedBatch): boolean {
    const { store } = this;
    const kept = this.kept.get(entry);
    this.kept.delete(entry);
    try {
      if (kept !== undefined && !kept.isWriting && kept.batch === entry.batch) {
        fs.renameSync(store.files.pathOf(kept.name, true), store.files.pathOf(kept.name, false));
        this.hasLeft(kept.name, entry);
        return true;
      }
      if (kept?.isWriting) kept.isOver = true;
      else if (kept !== undefined) this.discard(kept);
      if (!store.isUsable) return false;
      store.files.prepare();
      const record = encodeRecord(entry.batch, store.options.resource);
      if (!store.reserve(record.length)) return false;
      const name = store.files.nameFor(this.id, this.form);
      store.files.writeNow(name, record);
      this.hasLeft(name, entry);
      return true;
    } catch (error) {
      store.failed(error);
      return false;
    }
  }

  /** Called with the name of a free file that was deleted to make room. */
  deleted(name: string): void {
    const spans = this.left.get(name);
    if (spans === undefined) return;
    this.left.delete(name);
    this.source?.lost(spans);
  }

  private hasLeft(name: string, { batch }: QueuedBatch): void {
    if (batch.spanCount > 0) this.left.set(name, batch.spanCount);
  }

  /** Queues what an earlier start has left, as far as the queue has room for it. */
  async adopt(): Promise<void> {
    const { source, store } = this;
    if (this.isAdopting || source === undefined) return;
    this.isAdopting = true;
    this.hasMore = false;
    try {
      store.files.prepare();
      for (const file of await store.files.unclaimed()) {
        if (file.id !== this.id || file.form !== this.form) continue;
        this.hasMore = source.bytes() > source.maxBytes / ADOPT_SHARE;
        if (this.hasMore || store.isOver) break;
        if (await store.files.claim(file)) await this.takeOver(file, source);
      }
    } catch (error) {
      store.failed(error);
    }
    this.isAdopting = false;
  }

  private async takeOver(file: SpoolFile, source: SpoolSource): Promise<void> {
    const { files, options } = this.store;
    const held = files.pathOf(file.name, true);
    const record = await fs.promises.readFile(held);
    if (this.store.isOver) {
      fs.renameSync(held, files.pathOf(file.name, false)); // The process ends: another one sends it.
      return;
    }
    const spooled = decodeRecord(record);
    if (spooled === undefined) {
      options.log.warn(`a file in CANVASOPS_SPOOL_DIR is damaged, its spans are lost: ${file.name}`);
      files.remove(held);
      return;
    }
    const { batch, spans } = spooled;
    options.log.info(`${spans} spans of an earlier start are sent to ${this.id}`);
    const kept: Kept = { name: file.name, batch, bytes: record.length, isWriting: false, isOver: false };
    this.kept.set(source.adopt(batch), kept);
    this.wake();
  }

  private readonly look = (): void => {
    this.isLooking = false;
    const { source, store } = this;
    if (source === undefined) return;
    let isEmpty = true;
    for (const entry of source.entries()) {
      isEmpty = false;
      const kept = this.kept.get(entry);
      const isDue =
        kept === undefined ? source.isFailing() || this.seen.has(entry) : kept.batch !== entry.batch;
      this.seen.add(entry);
      if (isDue && !kept?.isWriting && store.isUsable) this.write(entry, kept);
    }
    if (isEmpty) return;
    const now = store.options.now();
    if (this.kept.size > 0 && now - this.heartbeatAt > HEARTBEAT_EVERY_MS) {
      this.heartbeatAt = now;
      store.files.heartbeat();
    }
    this.wake();
  };

  /** @param before What is on disk of the batch, which has grown since. It is overwritten. */
  private write(entry: QueuedBatch, before: Kept | undefined): void {
    const { store, id, form } = this;
    try {
      store.files.prepare();
      const { batch } = entry;
      const record = encodeRecord(batch, store.options.resource);
      if (!store.reserve(record.length - (before?.bytes ?? 0))) return;
      const name = before?.name ?? store.files.nameFor(id, form);
      const kept: Kept = { name, batch, bytes: record.length, isWriting: true, isOver: false };
      this.kept.set(entry, kept);
      const written = store.writing(record.length);
      store.files.write(name, record, (error) => {
        written();
        kept.isWriting = false;
        if (error !== null) {
          if (this.kept.get(entry) === kept) this.kept.delete(entry);
          store.failed(error);
        }
        if (error !== null || kept.isOver) this.discard(kept);
      });
    } catch (error) {
      store.failed(error);
    }
  }

  private discard(kept: Kept): void {
    this.store.files.remove(this.store.files.pathOf(kept.name, true));
    this.store.freed(kept.bytes);
  }
}
