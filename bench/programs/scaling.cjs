'use strict';
// What a span costs in traces of different size, and while other spans are open.
const { flush, span, startSpan } = require('../../register.cjs');
const { measure } = require('./measure.cjs');

async function main() {
  const figures = {};
  for (const size of [1, 10, 100]) {
    const { nanoseconds } = measure(Math.round(20000 / size), () =>
      span('request', () => {
        for (let i = 1; i < size; i++) startSpan('step').end();
      }),
    );
    figures[`a span in a trace of ${size}`] = nanoseconds / size;
    await flush(30000);
  }
  for (const open of [10, 100, 1000, 10000]) {
    const others = Array.from({ length: open }, () => startSpan('waiting'));
    const { nanoseconds } = measure(20000, () => startSpan('step').end());
    figures[`a span while ${open} are open`] = nanoseconds;
    for (const other of others) other.end();
    await flush(30000);
  }
  process.stdout.write(JSON.stringify(figures));
}

main();
