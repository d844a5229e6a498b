/**
 * When a destination is tried again after a failure. OTLP specification, "Failures": exponential backoff with jitter,
 * `Retry-After` is respected.
 */
import type { SendResult, Trouble } from '../types';

const FIRST_DELAY_MS = 500;
/** A backend that is back gets its spans soon, and a thousand processes do not overload it. */
const MAX_DELAY_MS = 10_000;
/** A longer `Retry-After` of the backend counts as this. */
const MAX_RETRY_AFTER_MS = 300_000;

export class Backoff {
  /** How many batches the destination has taken. */
  deliveries = 0;
  failuresInRow = 0;
  /** Why the last attempt failed. */
  trouble: Trouble = { reason: 'its backend could not be reached', fix: '' };
  private retryAt = 0;
  /** Whether the delay was asked for by the backend. A flush does not shorten it then. */
  private isAskedFor = false;

  /** Whether the last attempt failed. */
  get isFailing(): boolean {
    return this.failuresInRow > 0;
  }

  /** Whether the last attempt succeeded. */
  get isHealthy(): boolean {
    return this.failuresInRow === 0 && this.deliveries > 0;
  }

  /** @param now In milliseconds. */
  mayTry(now: number): boolean {
    return now >= this.retryAt;
  }

  succeeded(): void {
    this.deliveries++;
    this.failuresInRow = 0;
    this.retryAt = 0;
    this.isAskedFor = false;
  }

  failed(trouble: Trouble): void {
    this.failuresInRow++;
    this.trouble = trouble;
  }

  /**
   * Sets the time of the next attempt.
   *
   * @param now In milliseconds.
   * @param random From 0 to 1.
   * @returns Milliseconds until then.
   */
  scheduleRetry(result: Extract<SendResult, { outcome: 'retry' }>, now: number, random: number): number {
    const delay = retryDelayMs(this.failuresInRow, result.retryAfterMs, random);
    this.isAskedFor = result.retryAfterMs !== undefined;
    this.retryAt = now + delay;
    return delay;
  }

  /**
   * Allows the next attempt now, since somebody waits for it.
   *
   * @param isFinal Whether it is the last chance. Then a delay that the backend asked for is skipped as well.
   */
  skipDelay(isFinal: boolean): void {
    if (!this.isAskedFor || isFinal) this.retryAt = 0;
  }
}

/**
 * Half of the delay is jitter, so that processes which failed together do not come back together.
 *
 * @param failures How many attempts in a row have failed, at least 1.
 * @param retryAfterMs What the backend asked for, in milliseconds.
 * @param random From 0 to 1.
 * @returns Milliseconds before the next attempt.
 */
export function retryDelayMs(failures: number, retryAfterMs: number | undefined, random: number): number {
  const step = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 10));
  const delay = step / 2 + (step / 2) * random;
  return retryAfterMs === undefined ? delay : Math.max(delay, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}
