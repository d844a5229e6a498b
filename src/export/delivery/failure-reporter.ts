/**
 * Logs the failures of one destination: the first one in full, then at most one line a minute, and one line when the
 * destination works again. There is no timer, so a line is written only when something happens.
 */
import type { Destination } from '../../config/types';
import type { Log } from '../../diagnostics/log';
import { answers, isImplicit } from '../destination';
import type { Trouble } from '../types';
import { describe } from './describe';

const LINE_INTERVAL_MS = 60_000;

export class FailureReporter {
  private readonly who: string;
  private readonly isImplicit: boolean;
  private readonly answers: boolean;
  private readonly log: Log;
  private readonly now: () => number;
  private lastLineAt = Number.NEGATIVE_INFINITY;
  private failures = 0;
  private isAnnounced = false;
  private lostSinceLine = 0;
  private partialAt = Number.NEGATIVE_INFINITY;
  private partialLost = 0;
  private hasDelivered = false;
  private isFirstReported = false;
  private isImplicitReported = false;
  private endLost = 0;
  private endKept = 0;
  private endTrouble: Trouble | undefined;

  /** @param now The current time in milliseconds, on a clock that does not jump. */
  constructor(destination: Destination, log: Log, now: () => number) {
    this.who = describe(destination);
    this.isImplicit = isImplicit(destination);
    this.answers = answers(destination);
    this.log = log;
    this.now = now;
  }

  /**
   * An attempt failed.
   *
   * @param waiting Spans that are kept for another attempt.
   * @param lost Spans that are dropped because of it.
   */
  failed(trouble: Trouble, waiting: number, lost: number): void {
    this.failures++;
    this.lostSinceLine += lost;
    if (this.isImplicit && !this.hasDelivered) {
      this.reportImplicit();
      return;
    }
    if (!this.isDue()) return;
    const count = this.isAnnounced ? `still failing after ${this.failures} attempts; ` : '';
    const fate = this.fate(waiting);
    this.log.warn(`${this.who}: ${count}${trouble.reason}. To fix: ${trouble.fix}.${fate}`);
    this.isAnnounced = true;
  }

  /**
   * Spans were dropped to make room for newer ones.
   *
   * @param lost How many.
   * @param waiting Spans that are kept.
   */
  overflowed(lost: number, waiting: number): void {
    this.lostSinceLine += lost;
    if (this.isImplicit && !this.hasDelivered) return;
    if (!this.isDue()) return;
    this.log.warn(`${this.who}: the queue is full, so the oldest spans are dropped.${this.fate(waiting)}`);
    this.isAnnounced = true;
  }

  /** The destination has taken spans. Where it never answers, they were sent. */
  accepted(): void {
    if (this.isFirstReported) return;
    this.isFirstReported = true;
    const what = this.answers ? 'took its first spans' : 'its first spans are sent; UDP gives no answer';
    this.log.info(`${this.who}: ${what}`);
  }

  /** The destination has answered that it took a batch, or a part of it. */
  delivered(): void {
    this.hasDelivered = true;
    if (this.failures > 0 && this.isAnnounced) {
      const lost = this.lostSinceLine > 0 ? `; ${spans(this.lostSinceLine)} lost meanwhile` : '';
      this.log.warn(`${this.who}: works again after ${attempts(this.failures)}${lost}`);
      this.lastLineAt = this.now();
      this.lostSinceLine = 0;
    }
    this.failures = 0;
    this.isAnnounced = false;
  }

  /**
   * The destination has taken a part of a batch. The others are not sent again.
   *
   * @param rejected How many spans it did not take.
   * @param message What it said.
   */
  partialSuccess(rejected: number, message: string): void {
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

  /**
   * Spans were left at the end of the process. {@link reportEnd} reports them.
   *
   * @param lost How many are lost.
   * @param kept How many are kept on disk.
   */
  leftAtEnd(lost: number, kept: number, trouble: Trouble): void {
    if (lost === 0 && kept === 0) return;
    this.endLost += lost;
    this.endKept += kept;
    this.endTrouble ??= trouble;
  }

  /** Writes one line about all spans that were left at the end. */
  reportEnd(): void {
    const { endTrouble, endLost, endKept } = this;
    if (endTrouble === undefined) return;
    this.endTrouble = undefined;
    this.endLost = 0;
    this.endKept = 0;
    if (this.isImplicit && !this.hasDelivered && endKept === 0) {
      this.reportImplicit();
      return;
    }
    const what: string[] = [];
    if (endLost > 0) what.push(`${spans(endLost)} lost at the end of the process`);
    if (endKept > 0) what.push(`${spans(endKept)} kept on disk for the next start`);
    const fix = endTrouble.fix === '' ? '' : `. To fix: ${endTrouble.fix}`;
    this.log.warn(`${this.who}: ${what.join(', ')}: ${endTrouble.reason}${fix}`);
  }

  private reportImplicit(): void {
    if (this.isImplicitReported) return;
    this.isImplicitReported = true;
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
