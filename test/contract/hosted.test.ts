/** Instrumentations that the app brings along run on our tracer (CANVASOPS_INSTRUMENTATIONS). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runApp, runToExit } from '../helpers/run-app';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';

const OFFICIAL = '@opentelemetry/instrumentation-pg';

describe('the official instrumentation of pg in the place of ours', () => {
  for (const entry of ['fixtures/express-pg/app.cjs', 'fixtures/express-pg/app.mjs']) {
    test(entry, { skip: skipWithout('postgres') }, async () => {
      const otlp = await startOtlpReceiver();
      const app = await runApp({
        entry,
        otlp: otlp.url,
        env: {
          DATABASE_URL: serverUrl('postgres'),
          UPSTREAM_URL: otlp.url,
          CANVASOPS_INSTRUMENTATIONS: OFFICIAL,
          CANVASOPS_INSTRUMENTATIONS_DISABLED: 'pg',
        },
      });
      const caller = callerTrace();
      await app.get('/literal', caller.headers);
      const spans = await otlp.waitForSpans((all) => {
        const found = inTrace(all, caller.traceId);
        return (
          found.some(({ kind }) => kind === 'server') && found.some(({ scope }) => scope.name === OFFICIAL)
        );
      });
      const found = inTrace(spans, caller.traceId);
      const request = found.find(({ kind }) => kind === 'server');
      const query = found.find(({ scope, name }) => scope.name === OFFICIAL && name.startsWith('pg.query'));
      assert.equal(query?.traceId, request?.traceId);
      assert.ok(
        found.some(({ spanId }) => spanId === query?.parentSpanId),
        'the query hangs below the request',
      );
      await app.stop();
      await otlp.close();
    });
  }
});

test('one that is not installed is named in one line, and the app runs', async () => {
  const { code, stdout, stderr } = await runToExit({
    entry: 'fixtures/programs/nothing.cjs',
    env: { CANVASOPS_INSTRUMENTATIONS: 'not-an-instrumentation', OTEL_TRACES_EXPORTER: 'none' },
  });
  assert.equal(code, 0);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^\[canvasops\] CANVASOPS_INSTRUMENTATIONS names not-an-instrumentation, .*install it/,
  );
  assert.equal(stderr.trim().split('\n').length, 1);
});
