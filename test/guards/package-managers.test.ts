/** npm and its relatives inherit NODE_OPTIONS: they are not traced, what they start is. Yarn and pnpm are in the matrix. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPackageManager } from '../../src/startup-guards';
import { fromRoot } from '../helpers/paths';
import { assertLeftAlone } from './package-managers';

const call = ['--call', `node ${fromRoot('fixtures/guards/app.cjs')}`];

test('npm', () => assertLeftAlone('npm', ['ping', '--silent'], ['run', '--silent', 'work']));
test('npx', () => assertLeftAlone('npx', ['--version'], call));

const paths: [program: string, isOne: boolean][] = [
  ['/usr/lib/node_modules/npm/bin/npm-cli.js', true],
  ['/usr/bin/npm', true],
  ['/usr/bin/npx', true],
  ['C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npx-cli.js', true],
  ['/usr/share/yarn/bin/yarn.js', true],
  ['/app/.yarn/releases/yarn-4.10.3.cjs', true],
  ['C:\\app\\.yarn\\releases\\yarn-4.10.3.cjs', true],
  ['/usr/lib/node_modules/pnpm/bin/pnpm.cjs', true],
  ['/usr/lib/node_modules/pnpm/bin/pnpm.mjs', true],
  ['/usr/lib/node_modules/corepack/dist/pnpx.js', true],
  ['/usr/lib/node_modules/corepack/dist/corepack.js', true],
  ['', false],
  ['/app/server.js', false],
  ['/app/npm/server.js', false],
  ['/app/node_modules/npm-run-all/bin/run-s/index.js', false],
  ['/app/my-yarn.js', false],
  ['/app/yarn.json', false],
  ['/app/pnpm.config.cjs', false],
];

for (const [program, isOne] of paths) {
  test(`${program || 'no program'} is ${isOne ? 'a' : 'no'} package manager`, () => {
    assert.equal(isPackageManager(program), isOne);
  });
}
