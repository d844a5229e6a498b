import { test } from 'node:test';
import { driveOverflow } from '../faults/overflow';
import type { NodeVersion } from '../helpers/node-versions';

const versions: readonly NodeVersion[] = ['22', '24', '26'];

for (const version of versions) {
  test(`a stack overflow stays catchable on Node ${version}`, () => driveOverflow(version));
}
