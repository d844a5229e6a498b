/** When to try again. OTLP specification, "Failures": exponential back-off with jitter, Retry-After honoured. */

const FIRST_DELAY_MS = 500;
/** Short enough that a backend which is back gets its spans soon, long enough for a thousand processes at once. */
const MAX_DELAY_MS = 10_000;
/** A backend that asks for hours is believed for this long; then it is asked again. */
const MAX_RETRY_AFTER_MS = 300_000;

/**
 * Delay before the next attempt. `failures`: how many in a row so far, at least 1. `random`: 0..1. Half of the
 * delay is jitter, so that processes which failed together do not come back together.
 */
export function retryDelayMs(failures: number, retryAfterMs: number | undefined, random: number): number {
  const step = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 10));
  const delay = step / 2 + (step / 2) * random;
  return retryAfterMs === undefined ? delay : Math.max(delay, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}
