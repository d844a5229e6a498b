/** Two copies of the package in one process, of different versions, in both orders. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fromRoot } from '../helpers/paths';
import { unaffected } from './unaffected';

const folder = mkdtempSync(path.join(os.tmpdir(), 'canvasops-old-'));
after(() => rmSync(folder, { recursive: true, force: true }));

before(() => {
  for (const name of ['dist', 'register.cjs', 'package.json']) {
    cpSync(fromRoot(name), path.join(folder, name), { recursive: true });
  }
  const core = path.join(folder, 'dist/core.cjs');
  const text = readFileSync(core, 'utf8');
  const { version } = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')) as { version: string };
  writeFileSync(core, text.replaceAll(`"${version}"`, '"0.0.9"'));
});

const other = ['--require', path.join(folder, 'register.cjs')];
const line = (first: string, second: string): RegExp =>
  new RegExp(
    `^\\[canvasops\\] not tracing: version ${first} is running here already, from .*; this copy \\(${second}, `,
  );
const ours = '\\d+\\.\\d+\\.\\d+[^ ,)]*';

test('an older copy first', unaffected({ by: '--require', before: other, says: line('0\\.0\\.9', ours) }));
test(
  'an older copy afterwards',
  unaffected({ by: '--require', after: other, says: line(ours, '0\\.0\\.9') }),
);
