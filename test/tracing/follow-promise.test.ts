/** An app that uses a promise which is followed sees what it sees of one that is not. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { followPromise } from '../../src/tracing/follow-promise';
import { fromRoot } from '../helpers/paths';

const program = fromRoot('fixtures/promises/styles.cjs');
const followed = fromRoot('src/tracing/follow-promise.ts');
const styles = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' })) as string[];

function run(...args: string[]): { stdout: string; error: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: fromRoot('.'),
    encoding: 'utf8',
  });
  // The frames below the first line are those of the program, and ours.
  return {
    stdout,
    error: stderr
      .split('\n')
      .filter((line) => /^\S*Error|^node:/.test(line))
      .join('\n'),
    status,
  };
}

for (const style of styles) {
  test(style, () => {
    assert.deepEqual(run(style, followed), run(style));
  });
}

test('it is told before the app is, once, and of values and errors alike', async () => {
  const told: unknown[] = [];
  const tell = (failed: boolean, value: unknown): void => void told.push([failed, value]);
  await followPromise(Promise.resolve(1), tell).then((value) => told.push(value));
  await followPromise(Promise.reject(2), tell).then(
    () => assert.fail('it was rejected'),
    (error: unknown) => told.push(error),
  );
  assert.deepEqual(told, [[false, 1], 1, [true, 2], 2]);
});
