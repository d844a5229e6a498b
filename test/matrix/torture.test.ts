/** The hardest modules there are, under the flags that Node has for loading, on every Node line that is supported. */
import { after, describe, it } from 'node:test';
import type { NodeVersion } from '../helpers/node-versions';
import { assertTortured, exists, setUpTorture } from '../transparency/torture';
import { all, title } from '../transparency/torture-cases';

const versions: NodeVersion[] = ['20', '22', '24', '26'];
/** The oldest and the newest; between them nothing changed in how `--require` is treated. */
const bothFlags: NodeVersion[] = ['20', '26'];
const { folder, remove } = setUpTorture();
after(remove);

for (const node of versions) {
  describe(`Node ${node}`, { concurrency: 2 }, async () => {
    for (const torture of all) {
      if (!(await exists(torture, node))) continue;
      for (const flag of ['--import', '--require'] as const) {
        if (flag === '--require' && !bothFlags.includes(node)) continue;
        it(`${title(torture)}, ${flag}`, () => assertTortured(torture, folder, flag, node));
      }
    }
  });
}
