/** What a program does not use is not loaded with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { runToExit } from '../helpers/run-app';

/** The names of our files in `dist` that a program has loaded when it ends. */
async function filesOf(
  entry: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<string[]> {
  const receiver = await startOtlpReceiver();
  const run = {
    entry,
    args,
    env,
    otlp: receiver.url,
    nodeArgs: ['--require', fromRoot('fixtures/library/list-loaded.cjs')],
  };
  const { code, stderr } = await runToExit(run);
  assert.equal(code, 0, stderr);
  assert.ok(receiver.spans().length > 0, 'it was traced');
  await receiver.close();
  return stderr.trim().split('\n');
}

test('a client of Redis needs nothing that reads SQL', { skip: skipWithout('redis') }, async () => {
  const library = fromRoot('fixtures/redis/library.cjs');
  const files = await filesOf('fixtures/library/behaviour.cjs', [library, 'redis'], {
    REDIS_URL: serverUrl('redis'),
  });
  assert.ok(files.includes('instrumentations/redis.cjs') && files.includes('database.cjs'), files.join());
  assert.ok(!files.includes('sql.cjs'), files.join());
});

test('a web app without a database needs nothing of databases', async () => {
  const files = await filesOf('fixtures/library/behaviour.cjs', [
    fromRoot('fixtures/koa/library.cjs'),
    'koa',
  ]);
  assert.ok(files.includes('instrumentations/koa.cjs'), files.join());
  assert.deepEqual(
    files.filter((file) => /database|sql|pg|redis/.test(file)),
    [],
  );
});
