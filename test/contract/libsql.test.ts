/** The remote client of libSQL: a statement has its span, and its request over HTTP has one beside it. */
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { type RunningApp, runApp } from '../helpers/run-app';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';

interface Statement {
  readonly sql: string;
}

interface PipelineRequest {
  readonly type: string;
  readonly stmt?: Statement;
  readonly batch?: { readonly steps: readonly { readonly stmt: Statement }[] };
}

const result = { cols: [], rows: [], affected_row_count: 1, last_insert_rowid: null };

/** Answers as a server of libSQL does that speaks version 2 of its protocol: https://github.com/tursodatabase/libsql. */
function answer({ type, stmt, batch }: PipelineRequest): object {
  if (stmt?.sql.includes('nowhere') === true)
    return { type: 'error', error: { message: 'no such table: nowhere', code: 'SQLITE_ERROR' } };
  const steps = batch?.steps ?? [];
  const batched = { step_results: steps.map(() => result), step_errors: steps.map(() => null) };
  return { type: 'ok', response: { type, result: type === 'batch' ? batched : result } };
}

const server = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.method === 'GET') return response.writeHead(404).end();
    const { requests } = JSON.parse(Buffer.concat(chunks).toString()) as { requests: PipelineRequest[] };
    response.setHeader('content-type', 'application/json');
    return response.end(
      JSON.stringify({ baton: 'next', base_url: null, results: requests.map((each) => answer(each)) }),
    );
  });
});
let port = 0;
let receiver: OtlpReceiver;
let app: RunningApp;

before(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  ({ port } = server.address() as AddressInfo);
  receiver = await startOtlpReceiver();
  app = await runApp({
    entry: 'fixtures/libsql/remote.cjs',
    env: { LIBSQL_URL: `http://127.0.0.1:${port}` },
    otlp: receiver.url,
  });
  // The client asks once which version the server speaks.
  await app.get('/execute');
});

after(async () => {
  await app.stop();
  for (const { body } of receiver.requests) assert.equal(body.includes('CANARY'), false, 'a value got out');
  await receiver.close();
  server.closeAllConnections();
  server.close();
});

const expected: Readonly<Record<string, readonly string[]>> = {
  '/execute': ['client POST', 'client SELECT people'],
  '/batch': ['client BATCH INSERT people', 'client POST'],
  '/failing': ['client POST', 'client SELECT nowhere error=SQLITE_ERROR'],
  '/transaction': [
    'client BEGIN',
    'client COMMIT',
    'client INSERT people',
    'client POST',
    'client POST',
    'internal transaction',
  ],
};

for (const [route, names] of Object.entries(expected)) {
  test(route, async () => {
    const { traceId, headers } = callerTrace();
    await app.get(route, headers);
    const spans = inTrace(
      await receiver.waitForSpans((all) => inTrace(all, traceId).length > names.length),
      traceId,
    );
    const below = spans.filter(({ kind }) => kind !== 'server');
    const seen = below.map(({ kind, name, attributes }) => {
      const error = attributes['error.type'];
      return `${kind} ${name}${error === undefined ? '' : ` error=${String(error)}`}`;
    });
    assert.deepEqual(seen.sort(), [...names]);
    const above = spans.filter(({ kind, name }) => kind === 'server' || name === 'transaction');
    for (const span of below) {
      assert.ok(above.some(({ spanId }) => spanId === span.parentSpanId));
      if (span.attributes['db.system.name'] === undefined) continue;
      assert.equal(span.attributes['server.address'], '127.0.0.1');
      assert.equal(span.attributes['server.port'], port);
    }
    const batch = below.find(({ name }) => name.startsWith('BATCH'));
    if (batch !== undefined) assert.equal(batch.attributes['db.operation.batch.size'], 2);
  });
}
