'use strict';
// What both serialisers are given: a batch as large as those that leave, each span like one of a query.
const SPANS = 512;

const attributes = {
  'db.system.name': 'postgresql',
  'db.namespace': 'shop',
  'db.operation.name': 'SELECT',
  'db.collection.name': 'orders',
  'app.statement': 'SELECT id, name FROM orders WHERE customer = $1 AND state = $2',
  'app.rows': 12,
};

/** @param tracer of OpenTelemetry's API, whose spans are kept by the caller when they end */
function makeSpans(tracer) {
  const options = { kind: 2, attributes };
  for (let i = 0; i < SPANS; i++) tracer.startSpan('SELECT orders', options).end();
}

module.exports = { makeSpans };
