/**
 * A recursion that the app catches may run out of stack anywhere in our code, and in Node's: where that happens while
 * AsyncLocalStorage.run() of Node 24 and later puts the context back, it stays as it was inside until the current
 * callback is over. That is the same for any AsyncLocalStorage, so there only later requests are looked at.
 */
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
    const deep = (await app.get('/deep')).json<[name: string, overflowed: boolean, isSame: boolean][]>();
    const works = ['span', 'active', 'emit', 'metadata', 'request'];
    assert.deepEqual(
      deep.map(([name, overflowed]) => [name, overflowed]),
      works.map((name) => [name, true]),
    );
    if (node === undefined || node === '22')
      assert.ok(
        deep.every(([, , isSame]) => isSame),
        'the context is as it was',
      );

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
