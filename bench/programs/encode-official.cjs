'use strict';
// The serialiser of the official exporter, with spans of the official SDK.
const { createRequire } = require('node:module');
const { makeSpans } = require('./encoded-spans.cjs');
const { measure } = require('./measure.cjs');

const peers = createRequire(`${process.env.BENCH_PEERS}/`);
const { ProtobufTraceSerializer } = peers('@opentelemetry/otlp-transformer');

const BATCHES = 100;

/** The SDK for Node 22.15 and later is another package than the one before. */
function createProvider(spanProcessor) {
  const isNew = Number(process.versions.node.split('.')[0]) >= 22;
  const sdk = peers(isNew ? '@opentelemetry/sdk-trace' : '@opentelemetry/sdk-trace-base');
  const Provider = isNew ? sdk.TracerProvider : sdk.BasicTracerProvider;
  return new Provider({ spanProcessors: [spanProcessor] });
}

async function main() {
  const ended = [];
  const collecting = {
    onStart() {},
    onEnd: (span) => ended.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  makeSpans(createProvider(collecting).getTracer('bench', '1.0.0'));
  const encode = () => ProtobufTraceSerializer.serializeRequest(ended);
  if (ended.length === 0 || encode()?.length < ended.length * 50)
    throw new Error('the spans were not encoded');
  const { nanoseconds } = await measure(BATCHES, encode, async () => {});
  process.stdout.write(JSON.stringify({ nanoseconds: nanoseconds / ended.length }));
}

main();
