/** What a program can see of itself is the same with us and without. Each of these was found by a test suite of others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { type Flag, runToExit } from '../helpers/run-app';

async function see(flag: Flag, what: string, env: Record<string, string> = {}): Promise<string> {
  const ended = await runToExit({ entry: 'fixtures/programs/unseen.cjs', args: [what], flag, env });
  assert.equal(ended.code, 0, ended.stderr);
  return ended.stdout;
}

test('methods of process, headers of requests, and what runs at the end, with a backend', async () => {
  const receiver = await startOtlpReceiver();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  assert.equal(await see('--require', 'requests', env), await see('none', 'requests'));
  assert.equal(receiver.spans().length, 8);
  await receiver.close();
});

test('the same without an exporter', async () => {
  const env = { OTEL_TRACES_EXPORTER: 'none' };
  assert.equal(await see('--require', 'requests', env), await see('none', 'requests'));
});

test('nothing of ours runs at the end of a program without spans', async () => {
  assert.equal(await see('--require', 'nothing'), await see('none', 'nothing'));
});

test('a program that takes the iterator of arrays away ends as it would', async () => {
  assert.equal(await see('--require', 'iterators'), await see('none', 'iterators'));
});

test('each request tells the other side of its trace, also when its headers are written twice', async () => {
  const told = (await see('--require', 'wire', { OTEL_TRACES_EXPORTER: 'none' }))
    .split('\n')
    .filter((line) => line.startsWith('["/'));
  assert.deepEqual(told, ['["/",true]', '["/",true]', '["/",true]', '["/rewritten",true]']);
});
