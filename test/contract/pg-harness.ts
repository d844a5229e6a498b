/** A fixture of pg under the preload, behind a proxy that lists its statements. */
import assert from 'node:assert/strict';
import { serverUrl } from '../helpers/needs';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { type RunningApp, runApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { type StatementProxy, startStatementProxy } from '../helpers/statement-proxy';
import { startUpstream, type Upstream } from '../helpers/upstream';

export interface Setting {
  app: RunningApp;
  receiver: OtlpReceiver;
  proxy: StatementProxy;
  upstream: Upstream;
}

export async function withApp(
  entry: string,
  env: Record<string, string>,
  use: (setting: Setting) => Promise<void>,
): Promise<void> {
  const [receiver, upstream] = await Promise.all([startOtlpReceiver(), startUpstream()]);
  const proxy = await startStatementProxy('postgres', serverUrl('postgres'));
  const app = await runApp({
    entry,
    otlp: receiver.url,
    env: { DATABASE_URL: proxy.url, UPSTREAM_URL: upstream.url, ...env },
  });
  try {
    await use({ app, receiver, proxy, upstream });
    assert.equal(app.stderr().includes('[canvasops]'), false, app.stderr());
  } finally {
    await app.stop();
    await Promise.all([receiver.close(), proxy.close(), upstream.close()]);
  }
}

export const isQuery = (span: ReceivedSpan): boolean => span.attributes['db.system.name'] === 'postgresql';

/** A text on either side of the masking, so that the proxy's statements and the spans' can be compared. */
export const comparable = (text: unknown): string =>
  String(text)
    .replace(/'[^']*'|(?<![$\w])\d+(\.\d+)?/g, '?')
    .replace(/\s+/g, ' ')
    // Rows of values are one row in ours.
    .replace(/(\((?:\?|DEFAULT)(?:, ?(?:\?|DEFAULT))*\))(?:, ?\1)+/g, '$1');

/** Waits until there is a span for every statement, then demands that there is exactly one. */
export async function queriesOf({ receiver, proxy, app }: Setting): Promise<ReceivedSpan[]> {
  const expected = proxy.statements().map(({ text }) => comparable(text));
  await receiver.waitForSpans((spans) => spans.filter(isQuery).length >= expected.length);
  await app.stop();
  const queries = receiver.spans().filter(isQuery);
  const actual = queries.map((span) => comparable(span.attributes['db.query.text']));
  assert.deepEqual(actual.sort(), expected.sort());
  return queries;
}
