'use strict';
// What a span costs in traces of different size, and while other spans are open.
const { span, startSpan } = require('../../dist/api.cjs');
const { delivered } = require('./delivered.cjs');
const { measure } = require('./measure.cjs');

const COUNT = 10000;

async function main() {
  const figures = {};
  for (const size of [1, 10, 100]) {
    const trace = () =>
      span('request', () => {
        for (let i = 1; i < size; i++) startSpan('step').end();
      });
    const { nanoseconds } = await measure(COUNT / size, trace, delivered);
    figures[`in a trace of ${size}`] = nanoseconds / size;
  }
  for (const open of [10, 100, 1000, 10000]) {
    const others = Array.from({ length: open }, () => startSpan('waiting'));
    const { nanoseconds } = await measure(COUNT, () => startSpan('step').end(), delivered);
    figures[`while ${open} are open`] = nanoseconds;
    for (const other of others) other.end();
    await delivered();
  }
  process.stdout.write(JSON.stringify(figures));
}

main();
