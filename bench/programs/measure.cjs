'use strict';
// Time and heap of one operation: the medians of several rounds. With --expose-gc and a young generation so large that
// nothing is collected within a round (`HEAP_FLAGS` in test/bench/allocations.ts), what the heap has grown by is what
// was allocated.
const { performance } = require('node:perf_hooks');

/** The first ones are the compiler's. */
const WARM_UP_ROUNDS = 12;
const ROUNDS = 11;

/**
 * @param count calls per round
 * @param operation is called without arguments
 * @param between runs before each round and is not counted
 * @returns per call
 */
async function measure(count, operation, between) {
  const times = [];
  const bytes = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    await between();
    global.gc?.();
    const heap = process.memoryUsage().heapUsed;
    const begun = performance.now();
    for (let i = 0; i < count; i++) operation();
    const time = performance.now() - begun;
    const grown = process.memoryUsage().heapUsed - heap;
    if (round < WARM_UP_ROUNDS) continue;
    times.push((time * 1e6) / count);
    bytes.push(grown / count);
  }
  return { nanoseconds: median(times), bytes: median(bytes) };
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

module.exports = { measure };
