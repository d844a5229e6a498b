/**
 * The torture set once more, with the hook for ES modules in the process: a library that is hooked lies in `node_modules`.
 * The programs do not load it; nothing may tell them that the hook is there.
 */
import { after, describe, it } from 'node:test';
import type { NodeVersion } from '../helpers/node-versions';
import { addLedger, INJECT } from '../loader/esm-harness';
import { assertTortured, exists, setUpTorture } from '../transparency/torture';
import { all, title } from '../transparency/torture-cases';

/**
 * What a hook changes that does nothing at all, and ours with it (docs/decisions/0021-esm-files.md): words of Node about what
 * failed to load, and flags of old versions that do not work with hooks.
 */
const DIFFERENT: Partial<Record<NodeVersion, readonly string[]>> = {
  20: [
    'missing-uncaught.mjs',
    'not-there.mjs',
    'missing-name-express.mjs',
    '--experimental-import-meta-resolve meta.mjs',
    '--experimental-network-imports main.mjs',
  ],
  22: ['missing-name-express.mjs', '--experimental-strip-types typed-enum.ts'],
  24: ['--experimental-strip-types typed-enum.ts'],
  26: ['--experimental-strip-types typed-enum.ts'],
};

const versions: NodeVersion[] = ['20', '22', '24', '26'];
const { folder, remove } = setUpTorture();
addLedger(folder);
after(remove);

for (const node of versions) {
  describe(`Node ${node}`, { concurrency: 2 }, async () => {
    for (const torture of all) {
      if (DIFFERENT[node]?.includes(title(torture)) || !(await exists(torture, node))) continue;
      const injected = { ...torture, before: ['--require', INJECT, ...(torture.before ?? [])] };
      it(title(torture), () => assertTortured(injected, folder, '--import', node));
    }
  });
}
