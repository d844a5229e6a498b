/** The main road on every Node line that is supported. */
import { test } from 'node:test';
import { driveMainRoad } from '../contract/smoke';
import { skipWithout } from '../helpers/needs';
import type { NodeVersion } from '../helpers/node-versions';

const versions: NodeVersion[] = ['20', '22', '24', '26'];

for (const node of versions) {
  for (const form of ['cjs', 'mjs'] as const) {
    test(`one request is one tree, Node ${node}, ${form}`, { skip: skipWithout('postgres') }, async () => {
      await driveMainRoad({ form, node });
    });
  }
}
