/** What `npm run bench` says before it measures anything. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { repoRoot } from '../helpers/paths';

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const command = ['--import', 'tsx', 'bench/run.mjs', ...args];
  return spawnSync(process.execPath, command, { cwd: repoRoot, encoding: 'utf8', timeout: 60_000 });
}

test('--help names every suite and variant, and measures nothing', () => {
  const { status, stdout } = bench('--help');
  assert.equal(status, 0);
  for (const name of ['start-up', 'saturation', 'sampling', 'latency', 'stalls', 'api', 'encode', 'scaling'])
    assert.ok(stdout.includes(name), name);
  for (const name of ['bare', 'als', 'ours', 'official', 'elastic', 'datadog', 'sentry'])
    assert.ok(stdout.includes(name), name);
});

test('what does not exist is named, with the usage', () => {
  const cases: [string[], RegExp][] = [
    [['warp'], /^No suite is called warp\./],
    [['--only', 'bare,nobody'], /^No variant is called nobody\./],
    [['--fast'], /^Unknown option '--fast'/],
    [['--rounds', '0'], /^--rounds 0: a whole number above 0 is expected\./],
  ];
  for (const [args, expected] of cases) {
    const { status, stdout, stderr } = bench(...args);
    assert.equal(status, 2, args.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, expected);
  }
});
