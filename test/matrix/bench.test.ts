/** The benchmark runs, on a few requests: every scenario answers, and no span of ours is lost. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { repoRoot } from '../helpers/paths';

const LIMIT_MS = 5 * 60_000;
const titles = [
  'http',
  'express + pg',
  'fastify + mysql2',
  'fetch, 10 per request',
  'ioredis, a pipeline of 10',
];

test('npm run bench measures every scenario, bare and with ours', async () => {
  const options = ['--only', 'bare,ours', '--rounds', '1', '--requests', '200', '--warm-up', '100'];
  const command = ['--import', 'tsx', 'bench/run.mjs', 'saturation', '--node', '24', ...options];
  // Ends with another code where spans were lost.
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    cwd: repoRoot,
    timeout: LIMIT_MS,
  });
  for (const title of titles) {
    const table = new RegExp(
      `CPU per request, ${title.replaceAll('+', '\\+')}\n  nothing .*\n  @canvasops/register `,
    );
    assert.match(stdout, table);
  }
});
