/** What fetch and undici tell the other side of our trace: its ids, unless the app, a signature or a setting forbids. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';
import { clientsOf, withApp } from './undici-harness';

for (const form of ['cjs', 'mjs'] as const) {
  test(`what is told to the other side, ${form}`, async () => {
    await withApp(`fixtures/undici/app.${form}`, {}, async (setting) => {
      await clientsOf(setting, '/signed', 1);
      const signed = setting.upstream.requestTo('/signed').headers;
      assert.deepEqual(
        [signed.traceparent, signed.tracestate, signed.baggage],
        [undefined, undefined, undefined],
      );
      await clientsOf(setting, '/global-fetch', 1);
      assert.equal(setting.upstream.requestTo('/global-fetch').headers['x-own'], 'kept');
    });
    const entry = `fixtures/undici/contexts.${form}`;
    await withApp(entry, {}, async (setting) => {
      const [own] = await clientsOf(setting, '/own-traceparent', 1);
      const { headers } = setting.upstream.requestTo('/own');
      assert.equal(headers.traceparent, `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`);
      assert.deepEqual([headers.tracestate, headers['x-own']], [undefined, 'kept']);
      assert.equal(own?.name, 'GET');
      await clientsOf(setting, '/presigned', 1);
      assert.equal(setting.upstream.requestTo('/presigned').headers.traceparent, undefined);
      for (const { body } of setting.receiver.requests) assert.equal(body.includes('canary'), false);
    });
    for (const [hosts, isTold] of [
      ['example.com', false],
      ['127.*', true],
      ['127.0.0.1:1', false],
    ] as const) {
      await withApp(entry, { env: { CANVASOPS_PROPAGATE_TO: hosts } }, async (setting) => {
        await clientsOf(setting, '/many', 3);
        const told = setting.upstream.requests.filter(({ headers }) => headers.traceparent !== undefined);
        assert.equal(told.length, isTold ? 3 : 0, hosts);
      });
    }
  });
}

test('requests of an ignored request have no spans and no headers', async () => {
  const env = { CANVASOPS_IGNORE_PATHS: '/many' };
  await withApp('fixtures/undici/contexts.mjs', { env }, async (setting) => {
    const { traceId, headers } = callerTrace();
    await setting.app.get('/many', headers);
    assert.deepEqual(
      setting.upstream.requests.map((request) => request.headers.traceparent),
      [undefined, undefined, undefined],
    );
    await clientsOf(setting, '/user-agent', 1);
    assert.deepEqual(inTrace(setting.receiver.spans(), traceId), []);
  });
});

test('of a trace that is not sampled the other side is told so', async () => {
  await withApp('fixtures/undici/contexts.mjs', {}, async ({ app, upstream }) => {
    const { traceId, headers } = callerTrace(false);
    await app.get('/user-agent', headers);
    assert.match(
      String(upstream.requestTo('/agent').headers.traceparent),
      new RegExp(`^00-${traceId}-.*-00$`),
    );
  });
});
