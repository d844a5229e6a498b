/** What an app sees of pg while it is traced: its context in every callback, and otherwise no difference. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';
import { callerTrace } from '../helpers/traceparent';
import { assertTree, inTrace } from '../helpers/tree';
import { isQuery, queriesOf, withApp } from './pg-harness';

const skip = skipWithout('postgres');

/** By route of fixtures/express-pg/callbacks-routes.cjs. */
const callbackTrees = {
  promise: `
    server GET
      client SELECT
      internal then
  `,
  callback: `
    server GET
      client SELECT
      internal callback
  `,
  'callback-of-values': `
    server GET
      client SELECT
      internal callback
  `,
  'callback-of-config': `
    server GET
      client SELECT
      internal callback
  `,
  'callback-of-error': `
    server GET
      client SELECT missing_table  [error]
      internal callback
  `,
  'callback-of-pool': `
    server GET
      client SELECT
      internal callback
  `,
  'callback-of-connect': `
    server GET
      internal connected
      client SELECT
      internal callback
  `,
  'callback-of-own-client': `
    server GET
      internal connected
      client SELECT
      internal callback
  `,
  events: `
    server GET
      client SELECT generate_series
      internal row
      internal row
      internal end
  `,
  'event-of-error': `
    server GET
      client SELECT missing_table  [error]
      internal error
  `,
  cursor: `
    server GET
      client SELECT generate_series
      internal read
      internal closed
  `,
  'cursor-of-error': `
    server GET
      client SELECT generate_series  [error]
      internal read
  `,
  stream: `
    server GET
      client SELECT generate_series
      internal data
      internal data
      internal data
      internal end
      internal close
  `,
  timeout: `
    server GET
      client SELECT  [error]
      internal callback
  `,
} as const;

for (const form of ['cjs', 'mjs'] as const) {
  test(`callbacks and listeners run in the context of their call, ${form}`, { skip }, async () => {
    await withApp(`fixtures/express-pg/callbacks.${form}`, {}, async (setting) => {
      const { app, receiver, proxy } = setting;
      const runs = Object.keys(callbackTrees).flatMap((route) =>
        Array.from({ length: 5 }, () => ({ route, trace: callerTrace() })),
      );
      await Promise.all(runs.map(({ route, trace }) => app.get(`/${route}`, trace.headers)));
      await queriesOf(setting);
      for (const { route, trace } of runs) {
        const spans = inTrace(receiver.spans(), trace.traceId);
        const expected = callbackTrees[route as keyof typeof callbackTrees];
        assertTree(spans, expected, { callers: [trace.spanId] });
      }
      assert.ok(proxy.statements().length > runs.length / 2);
    });
  });

  test(`the app sees the same pg, ${form}`, { skip }, async () => {
    const receiver = await startOtlpReceiver();
    const run = {
      entry: `fixtures/express-pg/behaviour.${form}`,
      env: { DATABASE_URL: serverUrl('postgres') },
    };
    const [bare, traced] = await Promise.all([
      runToExit({ ...run, flag: 'none' }),
      runToExit({ ...run, otlp: receiver.url }),
    ]);
    const observed = JSON.parse(traced.stdout) as { rejections: string[] };
    assert.deepEqual(observed, JSON.parse(bare.stdout));
    assert.equal(observed.rejections.length, 5);
    assert.deepEqual([traced.code, traced.signal], [bare.code, bare.signal]);
    assert.ok(receiver.spans().filter(isQuery).length > 20, 'it was traced');
    await receiver.close();
  });
}
