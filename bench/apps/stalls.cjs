'use strict';
// 10,000 spans a second through the API of OpenTelemetry, which does nothing without a preload. Both places are timed at
// which a tracer can hold up the program: the calls that make and end a span, and what it does between turns of the loop.
const { performance } = require('node:perf_hooks');
// A tracer that registered itself in 1.9 is invisible to 1.10; the other way round it is seen.
const { trace } = require('otel-api-1.9');

const WARM_UP_MS = 2000;
const RUN_MS = 8000;
const PER_MS = 10;
/** After a stall the program catches up, but not all at once. */
const MOST_PER_TURN = 200;
/** A turn with nothing in it takes less. */
const SHORTEST_US = 20;

process.send({ port: 0 });
process.on('message', () => run());
process.on('disconnect', () => process.exit(0));

function run() {
  const tracer = trace.getTracer('stalls');
  const spans = [];
  const turns = [];
  const begun = performance.now();
  let made = 0;
  let turnEnded = begun;
  const turn = () => {
    const now = performance.now();
    const isCounted = now - begun > WARM_UP_MS;
    if (isCounted) turns.push((now - turnEnded) * 1000);
    const due = Math.min(MOST_PER_TURN, Math.floor((now - begun) * PER_MS) - made);
    for (let i = 0; i < due; i++) {
      const spanBegun = performance.now();
      makeSpan(tracer);
      if (isCounted) spans.push((performance.now() - spanBegun) * 1000);
      made++;
    }
    turnEnded = performance.now();
    if (turnEnded - begun < RUN_MS) setImmediate(turn);
    else process.send(figuresOf(spans, turns));
  };
  turn();
}

function makeSpan(tracer) {
  const attributes = { 'work.kind': 'bench', 'work.size': 7, 'work.ok': true };
  const span = tracer.startSpan('work', { attributes });
  span.setAttribute('work.result', 'done');
  span.end();
}

function figuresOf(spans, turns) {
  const held = turns.filter((each) => each > SHORTEST_US);
  return {
    spanP99: percentile99(spans),
    spanMax: longest(spans),
    loopP99: percentile99(held),
    loopMax: longest(held),
  };
}

function percentile99(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? SHORTEST_US;
}

function longest(values) {
  return values.reduce((most, each) => Math.max(most, each), 0);
}
