/** What a destination's queue asks of whoever keeps undelivered batches on disk. Absent without CANVASOPS_SPOOL_DIR. */
import type { QueuedBatch } from '../batching/queue';

export interface Keeper {
  /** A batch came in. */
  wake(): void;
  /** The batch is settled: it need not be kept any longer. */
  release(entry: QueuedBatch): void;
  /** The batch leaves memory. True: it is on disk already, and stays there for later. */
  leave(entry: QueuedBatch): boolean;
  /** The process ends: writes the batch now, if it is not on disk, and leaves it there. False: it could not be kept. */
  keepNow(entry: QueuedBatch): boolean;
}
