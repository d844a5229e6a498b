/**
 * Programs under ts-node, before and after us. With `--require` only: any `--import` makes Node 20 load the main file as
 * an ES module, which ts-node's hook for `require` does not see, whether we are there or not.
 */
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { NodeVersion } from '../helpers/node-versions';
import { installPackages } from '../transparency/installed-packages';
import { assertTortured, setUpTorture } from '../transparency/torture';

const versions: NodeVersion[] = ['20', '22', '24', '26'];
const { folder, remove } = setUpTorture();
after(remove);

let hook: string[];
before(async () => {
  const installed = await installPackages('test/matrix/ts-node/package.json');
  hook = ['--require', path.join(installed.folder, 'node_modules/ts-node/register/transpile-only.js')];
});

for (const node of versions) {
  for (const entry of ['typed.ts', 'typed-enum.ts', 'typed-throws.ts']) {
    const traced = entry !== 'typed-throws.ts';
    test(`${entry} under ts-node, Node ${node}`, async () => {
      await assertTortured({ entry, before: hook, traced }, folder, '--require', node);
      await assertTortured({ entry, after: hook, traced }, folder, '--require', node);
    });
  }
}
