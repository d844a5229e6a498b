/**
 * What a person reads about one destination: the first failure in full, then at most one line a minute, one
 * line when it works again. Without a timer of its own: a line is due when something happens.
 */

import type { Destination } from '../../config/types';
import type { Log } from '../../diagnostics/log';
import type { Trouble } from '../types';
import { describe } from './describe';

const LINE_INTERVAL_MS = 60_000;

export class FailureLog {
  private readonly who: string;
  private readonly implicit: boolean;
  private readonly answers: boolean;
  private readonly log: Log;
  private readonly now: () => number;
  private lastLineAt = Number.NEGATIVE_INFINITY;
  private failures = 0;
  private announced = false;
  private lostSinceLine = 0;
  private partialAt = Number.NEGATIVE_INFINITY;
  private partialLost = 0;
  private everDelivered = false;
  private toldFirst = false;
  private implicitTold = false;
  private endLost = 0;
  private endKept = 0;
  private endTrouble: Trouble | undefined;

  constructor(destination: Destination, log: Log, now: () => number) {
    this.who = describe(destination);
    this.implicit = destination.transport === 'otlp' && destination.implicit;
    this.answers = destination.transport !== 'jaeger-udp';
    this.log = log;
    this.now = now;
  }

  /** An attempt failed. `waiting`: spans kept for another try. `lost`: spans given up because of it. */
  failed(trouble: Trouble, waiting: number, lost: number): void {
    this.failures++;
    this.lostSinceLine += lost;
    if (this.implicit && !this.everDelivered) {
      this.tellImplicit();
      return;
    }
    if (!this.isDue()) return;
    const count = this.announced ? `still failing after ${this.failures} attempts; ` : '';
    const fate = this.fate(waiting);
    this.log.warn(`${this.who}: ${count}${trouble.reason}. To fix: ${trouble.fix}.${fate}`);
    this.announced = true;
  }

  /** Spans were dropped to make room for newer ones. */
  overflowed(lost: number, waiting: number): void {
    this.lostSinceLine += lost;
    if (this.implicit && !this.everDelivered) return;
    if (!this.isDue()) return;
    this.log.warn(`${this.who}: the queue is full, so the oldest spans are dropped.${this.fate(waiting)}`);
    this.announced = true;
  }

  /** The destination took spans; or they were sent, where it never says. */
  took(): void {
    if (this.toldFirst) return;
    this.toldFirst = true;
    const what = this.answers ? 'took its first spans' : 'its first spans are sent; UDP gives no answer';
    this.log.info(`${this.who}: ${what}`);
  }

  delivered(): void {
    this.everDelivered = true;
    if (this.failures > 0 && this.announced) {
      const lost = this.lostSinceLine > 0 ? `; ${spans(this.lostSinceLine)} lost meanwhile` : '';
      this.log.warn(`${this.who}: works again after ${attempts(this.failures)}${lost}`);
      this.lastLineAt = this.now();
      this.lostSinceLine = 0;
    }
    this.failures = 0;
    this.announced = false;
  }

  /** A partial success: never tried again. */
  partly(rejected: number, message: string): void {
    this.partialLost += rejected;
    const now = this.now();
    if (now - this.partialAt < LINE_INTERVAL_MS) return;
    this.partialAt = now;
    const said = message === '' ? '' : `: ${message}`;
    const what =
      this.partialLost > 0
        ? `took the batch without ${spans(this.partialLost)}`
        : 'took the batch with a remark';
    this.log.warn(`${this.who}: ${what}${said}`);
    this.partialLost = 0;
  }

  /** Spans that the end of the process left behind: `lost`, or `kept` on disk. To be told by {@link tellEnd}. */
  leftAtEnd(lost: number, kept: number, trouble: Trouble): void {
    if (lost === 0 && kept === 0) return;
    this.endLost += lost;
    this.endKept += kept;
    this.endTrouble ??= trouble;
  }

  /** One line on everything left behind. */
  tellEnd(): void {
    const { endTrouble, endLost, endKept } = this;
    if (endTrouble === undefined) return;
    this.endTrouble = undefined;
    this.endLost = 0;
    this.endKept = 0;
    if (this.implicit && !this.everDelivered && endKept === 0) {
      this.tellImplicit();
      return;
    }
    const what: string[] = [];
    if (endLost > 0) what.push(`${spans(endLost)} lost at the end of the process`);
    if (endKept > 0) what.push(`${spans(endKept)} kept on disk for the next start`);
    const fix = endTrouble.fix === '' ? '' : `. To fix: ${endTrouble.fix}`;
    this.log.warn(`${this.who}: ${what.join(', ')}: ${endTrouble.reason}${fix}`);
  }

  private tellImplicit(): void {
    if (this.implicitTold) return;
    this.implicitTold = true;
    this.log.warn(
      `no trace backend is configured and nobody took the spans at ${this.who}. Start one there, ` +
        'or set OTEL_EXPORTER_OTLP_ENDPOINT; OTEL_TRACES_EXPORTER=none turns this off.',
    );
  }

  private isDue(): boolean {
    const now = this.now();
    if (now - this.lastLineAt < LINE_INTERVAL_MS) return false;
    this.lastLineAt = now;
    return true;
  }

  private fate(waiting: number): string {
    const lost = this.lostSinceLine > 0 ? ` ${spans(this.lostSinceLine)} lost.` : '';
    this.lostSinceLine = 0;
    return `${lost}${waiting > 0 ? ` ${spans(waiting)} kept for the next attempt.` : ''}`;
  }
}

function spans(count: number): string {
  return `${count} ${count === 1 ? 'span' : 'spans'}`;
}

function attempts(count: number): string {
  return `${count} failed ${count === 1 ? 'attempt' : 'attempts'}`;
}
