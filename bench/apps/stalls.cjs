'use strict';
// 10,000 spans a second in steps of a millisecond, through the API of OpenTelemetry, which does nothing without a
// preload. Every turn of the event loop is timed; the work of making the spans itself is not counted.
const { performance } = require('node:perf_hooks');
const { trace } = require('@opentelemetry/api');
const report = require('./report.cjs');

const SECONDS = 8;
const PER_TURN = 10;

report({ listen: (_port, _host, ready) => server(ready) });

function server(ready) {
  setImmediate(ready);
  process.on('message', (message) => {
    if (message === 'run') run();
  });
  return { address: () => ({ port: 0 }), close() {}, closeAllConnections() {} };
}

function run() {
  const tracer = trace.getTracer('stalls');
  const gaps = [];
  const begun = performance.now();
  let made = 0;
  let turnEnded = begun;
  const turn = () => {
    const now = performance.now();
    if (now - begun > 2000) gaps.push(now - turnEnded); // the first seconds are the compiler's
    const due = Math.min(PER_TURN * 20, Math.floor((now - begun) * 10) - made);
    for (let i = 0; i < due; i++) {
      const span = tracer.startSpan('work', { attributes: { 'work.kind': 'bench', 'work.size': 7, 'work.ok': true } });
      span.setAttribute('work.result', 'done');
      span.end();
      made++;
    }
    turnEnded = performance.now();
    if (turnEnded - begun < SECONDS * 1000) setImmediate(turn);
    else answer(gaps.sort((a, b) => a - b));
  };
  turn();
}

function answer(gaps) {
  // Most turns are empty: the share is one of milliseconds that passed, not of turns.
  const long = gaps.filter((gap) => gap > 0.05);
  process.send({ p99: long[Math.floor(long.length * 0.99)] ?? 0.05, max: gaps[gaps.length - 1] });
}
