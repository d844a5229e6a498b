// A backend that takes everything and counts spans: OTLP/HTTP with the official generated decoder, and the traces
// endpoint of the Datadog agent (MessagePack; counted by its span_id keys).
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';

const require = createRequire(new URL('../fixtures/official-otlp/package.json', import.meta.url));
const root = require('otlp-generated/build/src/generated/root.js');
const Request = root.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

export async function startSink() {
  let spans = 0;
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      spans += count(request, request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
      response.setHeader('content-type', request.headers['content-type'] ?? 'application/json');
      response.end(request.headers['content-type'] === 'application/x-protobuf' ? '' : '{}');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    take() {
      const taken = spans;
      spans = 0;
      return taken;
    },
    close: () => server.close(),
  };
}

function count(request, body) {
  if (request.url.startsWith('/v1/traces')) {
    const { resourceSpans } = Request.decode(body);
    return resourceSpans
      .flatMap((resource) => resource.scopeSpans)
      .reduce((sum, scope) => sum + scope.spans.length, 0);
  }
  if (request.url.includes('/traces')) return occurrences(body, Buffer.from('span_id'));
  return 0;
}

function occurrences(body, key) {
  let found = 0;
  for (let at = body.indexOf(key); at >= 0; at = body.indexOf(key, at + key.length)) found++;
  return found;
}
