/** Node 24 and later carry contexts in another way than Node 20 and 22, and bluebird must find them in both. */
import { test } from 'node:test';
import { assertOwnRequest } from '../contract/bluebird-harness';
import type { NodeVersion } from '../helpers/node-versions';

const nodes: NodeVersion[] = ['20', '22', '24', '26'];

for (const node of nodes) {
  for (const options of ['none', 'cancellation', 'asyncHooks']) {
    test(`callbacks of bluebird run in the request that gave them, Node ${node}, ${options}`, () =>
      assertOwnRequest({ versions: ['2.11.0', '3.7.2'], options, node }));
  }
}
