/** Hooks that others have in the same process work on, and so does ours, whoever is first. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { NodeVersion } from '../helpers/node-versions';
import { fromRoot } from '../helpers/paths';
import { runEsm, setUpEsm } from './esm-harness';

const versions: NodeVersion[] = ['20', '22', '24', '26'];
const { folder, remove } = setUpEsm();
after(remove);

const others = ['./hooks/register.mjs', './hooks/register-sync.mjs', './hooks/in-the-middle.mjs', 'tsx'];
const preload = pathToFileURL(fromRoot('register.mjs')).href;

for (const node of versions) {
  describe(`Node ${node}`, { concurrency: 2 }, () => {
    for (const other of others) {
      if (node === '20' && other.includes('sync')) continue;
      const run = (...modules: string[]): ReturnType<typeof runEsm> =>
        runEsm(path.join(folder, 'ledger.mjs'), node, {
          flag: 'none',
          nodeArgs: modules.flatMap((module) => ['--import', module]),
        });
      it(other, async () => {
        const expected = await run(other);
        assert.equal(expected.stdout.includes('changed'), other !== 'tsx', expected.stdout + expected.stderr);
        for (const modules of [
          [preload, other],
          [other, preload],
        ]) {
          const { spans, ...ended } = await run(...modules);
          assert.deepEqual({ ...ended, spans: [] }, expected);
          assert.deepEqual(spans, ['ledger add', 'ledger add', 'ledger add']);
        }
      });
    }
  });
}
