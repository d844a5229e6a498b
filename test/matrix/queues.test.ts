/** Workers of real queue libraries: only what the jobs ask is traced, and closing them is no error. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { installPackages } from '../helpers/npm-packages';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';

describe('queue libraries on ioredis', { skip: skipWithout('redis') }, () => {
  let modules = '';
  before(async () => {
    modules = await installPackages('queues', ['bullmq@5', 'bull@4', 'ioredis@5']);
  });

  async function spansOf(entry: string, required: string): Promise<ReceivedSpan[]> {
    const receiver = await startOtlpReceiver();
    const env = { MODULES: modules, REDIS_URL: serverUrl('redis'), CANVASOPS_REQUIRE_PARENT: required };
    try {
      const { code, stderr } = await runToExit({ entry, env, otlp: receiver.url });
      assert.deepEqual([code, stderr], [0, '']);
      return receiver.spans();
    } finally {
      await receiver.close();
    }
  }

  for (const entry of ['fixtures/programs/bullmq.mjs', 'fixtures/programs/bull.cjs']) {
    it(`only what the jobs ask is shown, ${entry}`, async () => {
      const names = new Set((await spansOf(entry, '')).map(({ name }) => name));
      assert.deepEqual([...names], ['INCR']);
    });

    it(`nothing fails when the worker closes, ${entry}`, async () => {
      const spans = await spansOf(entry, 'none');
      assert.ok(spans.length > 20);
      // ioredis asks for a script by its hash first, and other tests on the same server empty its cache of scripts.
      const failed = spans.filter(
        ({ status, attributes }) =>
          status.code === 'error' && attributes['db.response.status_code'] !== 'NOSCRIPT',
      );
      assert.deepEqual(
        failed.map(({ name, status }) => `${name}: ${status.message}`),
        [],
      );
    });
  }
});
