/** Whatever copy of @opentelemetry/api an app or its dependencies have, it speaks to us, and it speaks to one us. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { installFixtures } from '../helpers/fixtures';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type RunningApp, runApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { assertTree, inTrace, spanNamed } from '../helpers/tree';

const versionSeenBy = (folder: string): string => {
  const entry = createRequire(fromRoot(folder, 'x.js')).resolve('@opentelemetry/api');
  const root = entry.slice(0, entry.lastIndexOf('/api/') + '/api/'.length);
  return (createRequire(__filename)(`${root}package.json`) as { version: string }).version;
};

test('the fixture does have two versions of the API', async () => {
  await installFixtures('fixtures/official-otlp/two-apis.cjs');
  assert.match(versionSeenBy('fixtures/official-otlp'), /^1\.9\./);
  assert.match(versionSeenBy('fixtures/programs'), /^1\.1\d\./);
});

for (const form of ['cjs', 'mjs'] as const) {
  describe(`an app with API 1.9 and 1.10, ${form}`, () => {
    let receiver: OtlpReceiver;
    let app: RunningApp;

    before(async () => {
      receiver = await startOtlpReceiver();
      app = await runApp({ entry: `fixtures/official-otlp/two-apis.${form}`, otlp: receiver.url });
    });
    after(async () => {
      await app.stop();
      assert.equal(app.stderr(), '');
      await receiver.close();
    });

    async function traceOf(
      path: string,
    ): Promise<{ spans: ReceivedSpan[]; answer: Record<string, unknown> }> {
      const trace = callerTrace();
      const answer = (await app.get(path, trace.headers)).json();
      const isDone = (all: ReceivedSpan[]): boolean =>
        inTrace(all, trace.traceId).some(({ kind }) => kind === 'server');
      return { spans: inTrace(await receiver.waitForSpans(isDone), trace.traceId), answer };
    }

    for (const path of ['/old-outside', '/new-outside']) {
      test(`spans of both are in one trace: ${path}`, async () => {
        const { spans, answer } = await traceOf(path);
        const root = spans.find(({ kind }) => kind === 'server');
        const tree = `
          server GET
            internal outer  who=first  [ok]
              internal inner  !seen
        `;
        assertTree(spans, tree, { callers: [root?.parentSpanId ?? ''], attributes: ['who'], events: true });
        const [outer, inner] = [spanNamed(spans, 'outer'), spanNamed(spans, 'inner')];
        assert.deepEqual(outer.scope, { name: 'first', version: '1.0.0', attributes: {} });
        assert.deepEqual(
          answer.ids,
          [inner.spanId, inner.spanId, inner.spanId],
          'both see the same active span',
        );
        assert.deepEqual(answer.carrier, { traceparent: `00-${outer.traceId}-${outer.spanId}-01` });
      });
    }

    test('contexts of one are contexts of the other', async () => {
      const { spans, answer } = await traceOf('/later');
      const server = spans.find(({ kind }) => kind === 'server');
      assert.deepEqual(answer, { here: server?.spanId, bound: server?.spanId, withValue: 1 });
    });

    test('an SDK that registers later is refused, and nothing changes', async () => {
      const { spans, answer } = await traceOf('/register');
      const refused = [false, false, false];
      assert.deepEqual(answer.results, [refused, refused]);
      const root = spans.find(({ kind }) => kind === 'server');
      const tree = `
        server GET
          internal after the registration
      `;
      assertTree(spans, tree, { callers: [root?.parentSpanId ?? ''] });
      const again = await traceOf('/old-outside');
      assert.equal(again.spans.length, 3);
    });
  });
}
