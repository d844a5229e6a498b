/** What became of a destination's spans. Every span that was created is in exactly one of the three. */
import type { DestinationStats, DropCounts, DropReason } from '../types';

export class Counters {
  delivered = 0;
  private readonly isAnswered: boolean;
  private readonly dropped: DropCounts = {};

  /** @param isAnswered whether the destination says what it took */
  constructor(isAnswered: boolean) {
    this.isAnswered = isAnswered;
  }

  /** A negative count takes back what was counted before. */
  drop(reason: DropReason, count: number): void {
    if (count !== 0) this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
  }

  get droppedTotal(): number {
    let total = 0;
    for (const count of Object.values(this.dropped)) total += count;
    return total;
  }

  stats(created: number, pending: number): DestinationStats {
    const { delivered } = this;
    const dropped = { ...this.dropped };
    return this.isAnswered
      ? { created, delivered, dropped, pending }
      : { created, delivered, sent: delivered, dropped, pending };
  }
}
