/** How a destination's backend has been doing, and when it may be asked again. */

import type { SendResult, Trouble } from '../types';
import { retryDelayMs } from './retry';

export class Health {
  deliveries = 0;
  failuresInRow = 0;
  /** Why the last attempt failed. */
  trouble: Trouble = { reason: 'its backend could not be reached', fix: '' };
  private retryAt = 0;
  /** The backend itself asked to wait; a flush does not override that. */
  private toldToWait = false;

  /** Whether the last attempt failed. */
  get isFailing(): boolean {
    return this.failuresInRow > 0;
  }

  get isHealthy(): boolean {
    return this.failuresInRow === 0 && this.deliveries > 0;
  }

  mayTry(now: number): boolean {
    return now >= this.retryAt;
  }

  succeeded(): void {
    this.deliveries++;
    this.failuresInRow = 0;
    this.retryAt = 0;
    this.toldToWait = false;
  }

  failed(trouble: Trouble): void {
    this.failuresInRow++;
    this.trouble = trouble;
  }

  /** Sets the time of the next attempt. Returns how many milliseconds it is away. */
  backOff(result: Extract<SendResult, { outcome: 'retry' }>, now: number, random: number): number {
    const delay = retryDelayMs(this.failuresInRow, result.retryAfterMs, random);
    this.toldToWait = result.retryAfterMs !== undefined;
    this.retryAt = now + delay;
    return delay;
  }

  /** Somebody waits. `evenIfTold`: it is the last chance. */
  hurry(evenIfTold: boolean): void {
    if (!this.toldToWait || evenIfTold) this.retryAt = 0;
  }
}
