/** The main road on the Node that runs the tests, by every way of bringing the preload in. */
import { test } from 'node:test';
import { skipWithout } from '../helpers/needs';
import type { Flag } from '../helpers/run-app';
import { driveMainRoad } from './smoke';

const flags: Flag[] = ['--import', '--require', 'NODE_OPTIONS'];

for (const form of ['cjs', 'mjs'] as const) {
  for (const flag of flags) {
    test(`one request is one tree, ${form} with ${flag}`, { skip: skipWithout('postgres') }, async () => {
      await driveMainRoad({ form, flag });
    });
  }
}
