/** Who waits until one destination has everything that was queued so far. */
import type { BatchQueue } from '../batching/queue';

interface Waiter {
  readonly mark: number;
  readonly lostBefore: number;
  readonly isLastCall: boolean;
  readonly done: (allDelivered: boolean) => void;
}

export class Waiters {
  /** The process is ending: one attempt each, no retries. */
  isLastCall = false;
  /** A last call ended without an answer. */
  waitedInVain = false;
  private readonly waiting = new Set<Waiter>();

  /** Returns how to stop waiting. */
  add(waiter: Waiter): () => void {
    this.waiting.add(waiter);
    this.isLastCall = this.isLastCall || waiter.isLastCall;
    return () => {
      if (this.waiting.has(waiter) && waiter.isLastCall) this.waitedInVain = true;
      this.remove(waiter);
    };
  }

  /** `isOver`: nothing more is sent, whatever is in the queue. `lost`: spans of the destination up to now. */
  settle(queue: BatchQueue, isOver: boolean, lost: number): void {
    for (const waiter of this.waiting) {
      const isCleared = queue.isClearedUpTo(waiter.mark);
      if (!isCleared && !isOver) continue;
      this.remove(waiter);
      waiter.done(isCleared && lost === waiter.lostBefore);
    }
  }

  private remove(waiter: Waiter): void {
    this.waiting.delete(waiter);
    if (this.waiting.size === 0) this.isLastCall = false;
  }
}
