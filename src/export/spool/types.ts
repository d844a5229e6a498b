/** What the spool and the delivery ask of each other. */
import type { QueuedBatch } from '../batching/queue';
import type { Batch } from '../types';

/** Keeps the undelivered batches of one destination on disk. There is none without CANVASOPS_SPOOL_DIR. */
export interface SpoolWriter {
  /** Called when a batch has been queued. */
  wake(): void;
  /** Called when the batch is delivered or dropped. It is deleted from disk. */
  release(entry: QueuedBatch): void;
  /**
   * Called when the batch has to leave memory.
   *
   * @returns Whether it is on disk, and stays there for later.
   */
  evict(entry: QueuedBatch): boolean;
  /**
   * Called when the process ends. Writes the batch synchronously unless it is on disk, and leaves it there.
   *
   * @returns Whether it is on disk.
   */
  writeNow(entry: QueuedBatch): boolean;
}

/** What the spool may ask of the sender of one destination. */
export interface SpoolSource {
  /** All batches in the queue, those being sent first. */
  entries(): Iterable<QueuedBatch>;
  /** Size of the queue in bytes. */
  bytes(): number;
  /** Limit of the queue in bytes. */
  readonly maxBytes: number;
  /** Whether the last attempt to send failed. */
  isFailing(): boolean;
  /** Called with the number of spans that were counted as spooled, and whose file had to be deleted. */
  lost(spans: number): void;
  /** Queues a batch that another process left in the spool. */
  adopt(batch: Batch): QueuedBatch;
}
