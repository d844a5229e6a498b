/** What the tests of undici share: an app with a server to call, and the client spans of each request to it. */
import assert from 'node:assert/strict';
import type { NodeVersion } from '../helpers/node-versions';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { type RunningApp, runApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { drawTree, inTrace } from '../helpers/tree';
import { startUpstream, type Upstream } from '../helpers/upstream';

export interface Setting {
  readonly app: RunningApp;
  readonly receiver: OtlpReceiver;
  readonly upstream: Upstream;
}

export async function withApp(
  entry: string,
  options: { env?: Record<string, string>; node?: NodeVersion },
  use: (setting: Setting) => Promise<void>,
): Promise<void> {
  const [receiver, upstream] = await Promise.all([startOtlpReceiver(), startUpstream()]);
  const env = { ...options.env, UPSTREAM_URL: upstream.url };
  const app = await runApp({ entry, otlp: receiver.url, node: options.node, env });
  try {
    await use({ app, receiver, upstream });
    assert.equal(app.stderr().includes('[canvasops]'), false, app.stderr());
  } finally {
    await app.stop();
    await Promise.all([receiver.close(), upstream.close()]);
  }
}

/** The client spans of a request to the app, all of them children of its server span. */
export async function clientsOf(
  { app, receiver }: Setting,
  path: string,
  count: number,
): Promise<readonly ReceivedSpan[]> {
  const trace = callerTrace();
  await app.get(path, trace.headers);
  const spans = inTrace(
    await receiver.waitForSpans((all) => {
      const own = inTrace(all, trace.traceId);
      return own.length > count && own.some(({ kind }) => kind === 'server');
    }),
    trace.traceId,
  );
  const server = spans.find(({ kind }) => kind === 'server');
  const clients = spans.filter(({ kind }) => kind === 'client');
  assert.equal(clients.length, count, `${path}\n${drawTree(spans)}`);
  for (const client of clients) assert.equal(client.parentSpanId, server?.spanId, path);
  return clients.sort((a, b) => (a.startNs < b.startNs ? -1 : 1));
}
