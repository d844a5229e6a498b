/**
 * Time of day that survives steps of the system clock.
 *
 * A local root span fixes the distance between the monotonic clock and the time of day; everything below it
 * reuses that distance, so one trace is consistent in itself whatever NTP does meanwhile.
 */
import { types } from 'node:util';
import type { HrTime, TimeInput } from '@opentelemetry/api';

// Kept from before the app runs: test tools replace these with fake timers.
const dateNow = Date.now;

/**
 * performance.now(), asked of the prototype, where fakes do not reach. Loaded with the first span: whoever touches
 * `performance` first has Node load what belongs to it, 1 to 2 ms of every start.
 */
let readClock = (): number => {
  const { performance } = require('node:perf_hooks') as typeof import('node:perf_hooks');
  const { now } = Object.getPrototypeOf(performance) as typeof performance;
  readClock = now.bind(performance);
  return readClock();
};

/** Milliseconds on the monotonic clock, as performance.now() has them. */
export function monotonic(): number {
  return readClock();
}

/** A step of the system clock, as opposed to the millisecond resolution of Date.now() and slow drift. */
const STEP_MS = 5;

/** A function that knows the distance between two clocks, both in milliseconds, and notices when it changes. */
export function createOffset(timeOfDay: () => number, steady: () => number): () => number {
  let offset = timeOfDay() - steady();
  let checkedAt = steady();
  return () => {
    const now = steady();
    // Drift is slow: one look a second is enough and spares a system call per request.
    if (now - checkedAt > 1000) {
      checkedAt = now;
      const actual = timeOfDay() - now;
      if (actual - offset > STEP_MS || offset - actual > STEP_MS) offset = actual;
    }
    return offset;
  };
}

let offset: (() => number) | undefined;

/** Milliseconds to add to the monotonic clock; for a new local root span. */
export function clockOffset(): number {
  offset ??= createOffset(dateNow, monotonic);
  return offset();
}

export function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6))];
}

/**
 * Below it a number is a value of performance.now(), from it on a unix time: a process does not run for three years,
 * and nothing to be traced happened before March 1973. performance.timeOrigin, where the official core draws the
 * line, would take the time of an event that is older than the process for a value of performance.now().
 */
const FIRST_UNIX_MS = 1e11;

/**
 * Unix milliseconds of what a user passed as a time: hrtime pair, Date, unix ms, or a value of performance.now().
 * Anything else is `undefined`.
 */
export function fromTimeInput(input: TimeInput | undefined, spanOffset: number): number | undefined {
  if (input === undefined) return undefined;
  if (typeof input === 'number') {
    if (!Number.isFinite(input) || input < 0) return undefined;
    return input < FIRST_UNIX_MS ? input + spanOffset : input;
  }
  const ms = fromTimeObject(input);
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

/** Whether `value` is meant as a time, rather than as attributes. */
export function isTimeInput(value: unknown): value is TimeInput {
  if (typeof value === 'number') return true;
  if (typeof value !== 'object' || value === null) return false;
  try {
    return types.isDate(value) || Array.isArray(value);
  } catch {
    return false; // a revoked Proxy
  }
}

/** Also takes Dates of other realms, as test runners and fake timers make them. */
function fromTimeObject(input: unknown): number {
  try {
    if (types.isDate(input)) return input.getTime();
    if (!Array.isArray(input) || typeof input[0] !== 'number' || typeof input[1] !== 'number')
      return Number.NaN;
    return input[0] * 1000 + input[1] / 1e6;
  } catch {
    return Number.NaN; // a Proxy that refuses
  }
}
