/** Frames of ours in the app's stack traces, and contexts of requests, on the Node lines that `npm test` leaves out. */
import { test } from 'node:test';
import { skipWithout } from '../helpers/needs';
import { assertConnections } from '../transparency/connections';
import { assertFrames } from '../transparency/frames';

const skip = skipWithout('postgres', 'mariadb', 'redis');

for (const node of ['22', '26'] as const) {
  test(`functions of the app are called with hardly a frame of ours, Node ${node}`, { skip }, () =>
    assertFrames(node),
  );
  test(`contexts of requests that share a connection, Node ${node}`, () => assertConnections(node));
}
