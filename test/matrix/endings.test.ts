/** All endings before all backends, and before a healthy one on every Node line that is supported. */
import { after, before, describe, it } from 'node:test';
import type { NodeVersion } from '../helpers/node-versions';
import { assertEnding, type Backend, type Health, type Protocol, startBackend } from '../reliability/endings';
import { names } from '../reliability/endings-expected';

const ONE_AT_A_TIME = { concurrency: 1 };
const backends: [Protocol, Health][] = [
  ['udp', 'healthy'],
  ...(['http', 'grpc'] as const).flatMap((protocol) =>
    (['healthy', 'slow', 'refused', 'black hole'] as const).map((health): [Protocol, Health] => [
      protocol,
      health,
    ]),
  ),
];
const versions: NodeVersion[] = ['20', '22', '24', '26'];

function suite(title: string, backendOf: () => Promise<Backend>, node?: NodeVersion): void {
  describe(title, ONE_AT_A_TIME, () => {
    let backend: Backend;
    before(async () => {
      backend = await backendOf();
    });
    after(() => backend.close());
    for (const name of names) it(name, () => assertEnding(name, backend, node));
  });
}

describe('all backends', { concurrency: 3 }, () => {
  for (const [protocol, health] of backends) {
    suite(`${protocol}, ${health}`, () => startBackend(protocol, health));
  }
});

describe('all versions', { concurrency: 2 }, () => {
  for (const node of versions) suite(`Node ${node}`, () => startBackend('http', 'healthy'), node);
});
