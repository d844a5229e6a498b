// A backend that takes everything and counts spans, in a process of its own: OTLP/HTTP with the official generated
// decoder, and the traces endpoint of the Datadog agent (MessagePack; counted by its span_id keys). Decoding waits until
// the parent asks, so that it takes no time from what is measured.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';

const require = createRequire(new URL('../fixtures/official-otlp/package.json', import.meta.url));
const root = require('otlp-generated/build/src/generated/root.js');
const Request = root.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

let bodies = [];
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    bodies.push({ url: request.url, encoding: request.headers['content-encoding'], body: Buffer.concat(chunks) });
    response.setHeader('content-type', request.headers['content-type'] ?? 'application/json');
    response.end(request.headers['content-type'] === 'application/x-protobuf' ? '' : '{}');
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

process.on('message', () => {
  const taken = bodies;
  bodies = [];
  process.send({ spans: taken.reduce((sum, each) => sum + count(each), 0) });
});

function count({ url, encoding, body }) {
  const plain = encoding === 'gzip' ? gunzipSync(body) : body;
  if (url.startsWith('/v1/traces')) {
    const { resourceSpans } = Request.decode(plain);
    return resourceSpans
      .flatMap((resource) => resource.scopeSpans)
      .reduce((sum, scope) => sum + scope.spans.length, 0);
  }
  if (url.includes('/traces')) return occurrences(plain, Buffer.from('span_id'));
  return 0;
}

function occurrences(body, key) {
  let found = 0;
  for (let at = body.indexOf(key); at >= 0; at = body.indexOf(key, at + key.length)) found++;
  return found;
}
