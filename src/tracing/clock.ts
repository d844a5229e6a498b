/**
 * Time of day that survives steps of the system clock.
 *
 * A local root span fixes the distance between the monotonic clock and the time of day; everything below it
 * reuses that distance, so one trace is consistent in itself whatever NTP does meanwhile.
 */
import type { HrTime, TimeInput } from '@opentelemetry/api';

// Kept from before the app runs: test tools replace these with fake timers.
const dateNow = Date.now;
const monotonicNow = performance.now.bind(performance);

/** A step of the system clock, as opposed to the millisecond resolution of Date.now() and slow drift. */
const STEP_MS = 5;

let offset = dateNow() - monotonicNow();
let checkedAt = 0;

/** Milliseconds to add to the monotonic clock; for a new local root span. */
export function clockOffset(): number {
  const monotonic = monotonicNow();
  // Drift is slow: one look a second is enough and spares a system call per request.
  if (monotonic - checkedAt > 1000) {
    checkedAt = monotonic;
    const actual = dateNow() - monotonic;
    if (actual - offset > STEP_MS || offset - actual > STEP_MS) offset = actual;
  }
  return offset;
}

/** Milliseconds on the monotonic clock. */
export function monotonic(): number {
  return monotonicNow();
}

export function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6))];
}

/**
 * Unix milliseconds of what a user passed as a time: hrtime pair, Date, unix ms, or a value of performance.now().
 * Anything else is `undefined`. The split between the last two follows the official SDK: a number smaller than
 * performance.timeOrigin cannot be a present unix time.
 */
export function fromTimeInput(input: TimeInput | undefined, spanOffset: number): number | undefined {
  if (typeof input === 'number') {
    if (!Number.isFinite(input) || input < 0) return undefined;
    return input < performance.timeOrigin ? input + spanOffset : input;
  }
  if (Array.isArray(input)) {
    const [seconds, nanos] = input;
    if (typeof seconds !== 'number' || typeof nanos !== 'number') return undefined;
    const ms = seconds * 1000 + nanos / 1e6;
    return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
  }
  if (input instanceof Date) {
    const ms = input.getTime();
    return Number.isNaN(ms) ? undefined : ms;
  }
  return undefined;
}
