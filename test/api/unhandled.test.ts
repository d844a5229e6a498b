import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { repoRoot } from '../helpers/paths';

function rejectionsOf(kind: 'traced' | 'plain'): { unhandled: number; handledLater: number } {
  const app = path.join(__dirname, 'rejecting-app.ts');
  const output = execFileSync(process.execPath, ['--import', 'tsx', app, kind], {
    cwd: repoRoot,
    encoding: 'utf8',
  });
  return JSON.parse(output) as { unhandled: number; handledLater: number };
}

test('a traced program has exactly as many unhandled rejections as the same program without tracing', () => {
  const plain = rejectionsOf('plain');
  assert.deepEqual(plain, { unhandled: 8, handledLater: 1 });
  assert.deepEqual(rejectionsOf('traced'), plain);
});
