import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { singleLine } from '../../src/diagnostics/log';
import { fromRoot } from '../helpers/paths';

const program = `const { createLog } = require(${JSON.stringify(fromRoot('src/diagnostics/log.ts'))});
const log = createLog(process.argv[1]);
for (const level of ['error', 'warn', 'info', 'debug']) log[level]('a ' + level + '\\nline\\u001b[31m');
process.stdout.write('alive');`;
const args = (level: string): string[] => ['--import', 'tsx', '-e', program, level];

describe('the log', () => {
  const levels = ['none', 'error', 'warn', 'info', 'debug'];
  for (const [count, level] of levels.entries()) {
    it(`writes what level ${level} asks for, each on one line of stderr`, () => {
      const { stdout, stderr } = spawnSync(process.execPath, args(level), { encoding: 'utf8' });
      assert.equal(stdout, 'alive');
      assert.equal(
        stderr,
        levels
          .slice(1, count + 1)
          .map((name) => `[canvasops] a ${name} line [31m\n`)
          .join(''),
      );
    });
  }

  it('does not end the app when nobody reads stderr', async () => {
    const child = spawn(process.execPath, args('debug'), { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.destroy();
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'alive' });
  });

  it('keeps a line bounded', () => {
    assert.equal(singleLine('x'.repeat(1e6)).length, 2000);
  });
});
