// A backend that takes everything and counts spans, in a process of its own: OTLP/HTTP with the official generated
// decoder, the traces endpoint of the Datadog agent (MessagePack; counted by its span_id keys), and Sentry's envelopes.
// Decoding waits until the parent asks, so that it takes no time from what is measured.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';

const require = createRequire(import.meta.url);
const root = require('otlp-generated/build/src/generated/root.js');
const Request = root.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
const SPAN_ID = Buffer.from('span_id');
/**
 * What is smaller is no batch, and no sign that more are coming: a tracer may ask its agent for settings time and again,
 * and one that traces its own exports makes another of each.
 */
const SMALL_BYTES = 2000;

let bodies = [];
let requests = 0;
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { url, headers } = request;
    const body = Buffer.concat(chunks);
    if (body.length > SMALL_BYTES) requests++;
    bodies.push({ url, encoding: headers['content-encoding'], body });
    response.setHeader('content-type', headers['content-type'] ?? 'application/json');
    response.end(headers['content-type'] === 'application/x-protobuf' ? '' : '{}');
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

process.on('message', (message) => {
  if (message === 'requests') return process.send({ requests });
  const taken = bodies;
  bodies = [];
  requests = 0;
  try {
    process.send({ spans: taken.reduce((sum, each) => sum + count(each), 0) });
  } catch (error) {
    process.send({ error: String(error) });
  }
});

// The open server would keep it alive.
process.on('disconnect', () => process.exit(0));

function count({ url, encoding, body }) {
  const plain = encoding === 'gzip' ? gunzipSync(body) : body;
  if (url.includes('/envelope')) return countEnvelope(plain);
  if (url.startsWith('/v1/traces')) {
    const { resourceSpans } = Request.decode(plain);
    return resourceSpans
      .flatMap((resource) => resource.scopeSpans)
      .reduce((sum, scope) => sum + scope.spans.length, 0);
  }
  return url.includes('/traces') ? occurrences(plain, SPAN_ID) : 0;
}

/** A header, and then items of a header and a payload, one a line each: spans, or a transaction with its spans. */
function countEnvelope(body) {
  const lines = body.toString('utf8').split('\n');
  let found = 0;
  for (let at = 1; at + 1 < lines.length; at += 2) {
    const { type, item_count: items } = JSON.parse(lines[at]);
    if (type === 'span') found += items;
    if (type === 'transaction') found += 1 + JSON.parse(lines[at + 1]).spans.length;
  }
  return found;
}

function occurrences(body, key) {
  let found = 0;
  for (let at = body.indexOf(key); at >= 0; at = body.indexOf(key, at + key.length)) found++;
  return found;
}
