/** What a program sees of every Node line that is supported. */
import { test } from 'node:test';
import type { NodeVersion } from '../helpers/node-versions';
import { assertSameProcess } from '../transparency/process';

const versions: NodeVersion[] = ['20', '22', '24', '26'];

for (const node of versions) {
  for (const flag of ['--import', '--require'] as const) {
    test(`Node's modules, process and globals, Node ${node}, ${flag}`, () => assertSameProcess(flag, node));
  }
}
