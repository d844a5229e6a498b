/** The fetch that each Node line brings along. */
import { test } from 'node:test';
import { withApp } from '../contract/undici-harness';
import { assertRequests, globalFetch } from '../contract/undici-requests';
import type { NodeVersion } from '../helpers/node-versions';

const versions: NodeVersion[] = ['20', '22', '24', '26'];

for (const node of versions) {
  test(`Node's own fetch, Node ${node}`, async () => {
    await withApp('fixtures/undici/app.mjs', { node }, (setting) => assertRequests(setting, globalFetch));
  });
}
