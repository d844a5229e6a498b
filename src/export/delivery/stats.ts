/** Counts what became of spans, and writes the last log line of a process from it. */
import type { DestinationStats, DropCounts, DropReason } from '../types';

/** Of one destination. Each span that has ended is delivered, dropped or pending, and only one of these. */
export class DeliveryStats {
  delivered = 0;
  private readonly isAnswered: boolean;
  private readonly dropped: DropCounts = {};

  /** @param isAnswered Whether the destination answers what it took. */
  constructor(isAnswered: boolean) {
    this.isAnswered = isAnswered;
  }

  /** @param count Number of spans. A negative number takes back what was counted before. */
  drop(reason: DropReason, count: number): void {
    if (count !== 0) this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
  }

  get droppedTotal(): number {
    let total = 0;
    for (const count of Object.values(this.dropped)) total += count;
    return total;
  }

  /**
   * @param created Spans that have ended.
   * @param pending Spans that the destination still has to get.
   * @returns A copy of the counts.
   */
  snapshot(created: number, pending: number): DestinationStats {
    const { delivered } = this;
    const dropped = { ...this.dropped };
    return this.isAnswered
      ? { created, delivered, dropped, pending }
      : { created, delivered, sent: delivered, dropped, pending };
  }
}

/** What {@link statsLine} reads. */
export interface StatsSummary {
  readonly created: number;
  /** Spans that have not ended. */
  readonly open: number;
  readonly delivered: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly destinations: Readonly<Record<string, DestinationSummary>>;
}

interface DestinationSummary {
  readonly delivered: number;
  /** Only of a destination that never answers. */
  readonly sent?: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** @returns `spans: created 7, delivered 5, dropped 2 (exit 2)`; of several destinations, each by its name. */
export function statsLine({ created, open, destinations, ...all }: StatsSummary): string {
  const parts = [`spans: created ${created}`];
  if (open > 0) parts.push(`never ended ${open}`);
  const names = Object.entries(destinations);
  if (names.length < 2) return [...parts, inWords(names[0]?.[1] ?? all)].join(', ');
  return `${parts.join(', ')}; ${names.map(([id, each]) => `${id}: ${inWords(each)}`).join('; ')}`;
}

function inWords({ delivered, sent, dropped }: DestinationSummary): string {
  const reasons = Object.entries(dropped);
  let total = 0;
  for (const [, count] of reasons) total += count;
  const why = total === 0 ? '' : ` (${reasons.map(([reason, count]) => `${reason} ${count}`).join(', ')})`;
  return `${sent === undefined ? `delivered ${delivered}` : `sent ${sent}`}, dropped ${total}${why}`;
}
