/**
 * Frames of ours in the app's stack traces push its own out of the ten that Node keeps. How many there are, and why, is
 * in docs/decisions/0016-stack-frames.md; the other Node lines are in the matrix.
 */
import { test } from 'node:test';
import { skipWithout } from '../helpers/needs';
import { assertFrames } from './frames';

const skip = skipWithout('postgres', 'mariadb', 'redis');

for (const node of ['20', '24'] as const) {
  test(`functions of the app are called with hardly a frame of ours, Node ${node}`, { skip }, () =>
    assertFrames(node),
  );
}
