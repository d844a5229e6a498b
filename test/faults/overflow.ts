/** A recursion that the app catches may run out of stack anywhere in our code. */
import assert from 'node:assert/strict';
import type { NodeVersion } from '../helpers/node-versions';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runApp } from '../helpers/run-app';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';

export async function driveOverflow(node?: NodeVersion): Promise<void> {
  const receiver = await startOtlpReceiver();
  const app = await runApp({ entry: 'fixtures/programs/overflow.cjs', otlp: receiver.url, node });
  try {
    const deep = await app.get('/deep');
    const works = ['span', 'active', 'emit', 'metadata', 'request'].map((name) => [name, true, true]);
    assert.deepEqual(deep.json(), [...works, ['later', true]], 'it overflowed, and the context is as it was');

    const traces = Array.from({ length: 8 }, callerTrace);
    await Promise.all(traces.map(({ headers }) => app.get('/', headers)));
    const spans = await receiver.waitForSpans((all) =>
      traces.every(({ traceId }) => inTrace(all, traceId).length >= 4),
    );
    for (const { traceId, spanId } of traces) {
      const own = inTrace(spans, traceId);
      const server = own.find(({ parentSpanId }) => parentSpanId === spanId);
      assert.ok(server);
      const below = own.filter(({ parentSpanId }) => parentSpanId === server.spanId);
      assert.deepEqual(below.map(({ name }) => name).sort(), ['GET', 'after']);
      assert.equal(own.length, 4, 'with the request that the call made');
    }
    assert.doesNotMatch(app.stderr(), /canvasops/);
  } finally {
    await app.stop();
    await receiver.close();
  }
}
