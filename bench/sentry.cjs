'use strict';
// @sentry/node takes its settings from code: everything is sampled and sent to the backend in SENTRY_DSN.
const { createRequire } = require('node:module');

const Sentry = createRequire(`${process.env.BENCH_PEERS}/`)('@sentry/node');
Sentry.init({
  tracesSampleRate: 1,
  // Its default holds 64 requests and drops what is beyond: a lost span would be a saved one.
  transportOptions: { bufferSize: 100000 },
});
