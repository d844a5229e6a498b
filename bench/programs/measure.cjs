'use strict';
// Time and heap of one operation: nanoseconds of the median of several rounds, and bytes of V8's young generation, which
// is so large here that nothing is collected within a round (see the flags in suites/in-process.mjs).
const { performance } = require('node:perf_hooks');

const ROUNDS = 9;

/**
 * @param count calls per round
 * @param operation is called with a running number
 * @param between runs after each round and is not counted
 */
function measure(count, operation, between = () => {}) {
  const times = [];
  const bytes = [];
  for (let round = 0; round < ROUNDS * 2; round++) {
    global.gc?.();
    const heap = process.memoryUsage().heapUsed;
    const begun = performance.now();
    for (let i = 0; i < count; i++) operation(i);
    const time = performance.now() - begun;
    const grown = process.memoryUsage().heapUsed - heap;
    between();
    if (round < ROUNDS) continue; // the compiler's
    times.push((time * 1e6) / count);
    bytes.push(grown / count);
  }
  return { nanoseconds: median(times), bytes: median(bytes) };
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

module.exports = { measure };
