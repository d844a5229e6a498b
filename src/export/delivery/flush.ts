/** Flushes: somebody waits until the destinations have everything that was queued before. */
import { clearTimer, setTimer } from '../../timers';
import type { BatchQueue } from '../batching/queue';

interface PendingFlush {
  /** Batches of a lower order belong to the flush. */
  readonly mark: number;
  /** Spans that the destination had dropped when the flush began. */
  readonly droppedBefore: number;
  /** The process ends: each batch gets one attempt and no retry. */
  readonly isFinal: boolean;
  readonly done: (allDelivered: boolean) => void;
}

/** The flushes that wait for one destination. */
export class PendingFlushes {
  /** Whether one of them is final. */
  isFinal = false;
  /** Whether the time of a final flush was up before it was done. */
  isTimedOut = false;
  private readonly pending = new Set<PendingFlush>();

  /** @returns Stops waiting. */
  add(flush: PendingFlush): () => void {
    this.pending.add(flush);
    this.isFinal = this.isFinal || flush.isFinal;
    return () => {
      if (this.pending.has(flush) && flush.isFinal) this.isTimedOut = true;
      this.remove(flush);
    };
  }

  /**
   * Ends the flushes that are done.
   *
   * @param isOver Whether nothing more is sent, although there may be batches in the queue.
   * @param dropped Spans that the destination has dropped up to now.
   */
  settle(queue: BatchQueue, isOver: boolean, dropped: number): void {
    for (const flush of this.pending) {
      const isCleared = queue.isClearedUpTo(flush.mark);
      if (!isCleared && !isOver) continue;
      this.remove(flush);
      flush.done(isCleared && dropped === flush.droppedBefore);
    }
  }

  private remove(flush: PendingFlush): void {
    this.pending.delete(flush);
    if (this.pending.size === 0) this.isFinal = false;
  }
}

export interface Flushable {
  /**
   * @param isFinal Whether each batch gets one attempt and no retry.
   * @param done Called with whether all that was queued before has been delivered.
   * @returns Stops waiting.
   */
  flush(isFinal: boolean, done: (allDelivered: boolean) => void): () => void;
}

/**
 * Flushes all destinations in parallel. A timer keeps the process alive meanwhile.
 *
 * @param timeoutMs Limit in milliseconds.
 * @param isFinal Whether each batch gets one attempt and no retry.
 * @returns Whether every destination has taken everything within the time.
 */
export function flushAll(
  destinations: readonly Flushable[],
  timeoutMs: number,
  isFinal: boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    let open = destinations.length;
    let all = true;
    const finish = (delivered: boolean): void => {
      clearTimer(timer);
      for (const stop of stops) stop();
      resolve(delivered);
    };
    const timer = setTimer(() => finish(false), timeoutMs);
    if (open === 0) finish(true);
    for (const destination of destinations) {
      const stop = destination.flush(isFinal, (delivered) => {
        all = all && delivered;
        if (--open === 0) finish(all);
      });
      stops.push(stop);
    }
  });
}
