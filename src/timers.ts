/**
 * Node's timers as they were when the process started. Tests of apps put others in their place, and what waits for a
 * backend is loaded later than that.
 */
import timers from 'node:timers';

export const {
  setTimeout: setTimer,
  clearTimeout: clearTimer,
  setInterval: setTicker,
  clearInterval: clearTicker,
  setImmediate: defer,
} = timers;
