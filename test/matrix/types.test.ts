/** The types under the compilers that programs have: TypeScript 5.2, the first with `using`, to 7. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { installPackages } from '../helpers/npm-packages';
import { type Consumer, type Resolution, setUpConsumer } from '../types/consumer';

const versions = ['5.2', '5.6', '6.0', '7.0'];
const resolutions: Resolution[] = ['node10', 'node16', 'nodenext', 'bundler'];

let consumer: Consumer;
let modules: string;
before(async () => {
  modules = await installPackages(
    'typescripts',
    versions.map((version) => `typescript-${version}@npm:typescript@~${version}`),
  );
  consumer = await setUpConsumer();
});
after(() => consumer.remove());

for (const version of versions) {
  describe(`TypeScript ${version}`, () => {
    for (const resolution of resolutions) {
      // TypeScript 7 has no `node10` any more.
      if (resolution === 'node10' && version === '7.0') continue;
      for (const withNode of [true, false]) {
        test(`${resolution}, ${withNode ? 'with' : 'without'} the types of Node`, async () => {
          const tsc = path.join(modules, `typescript-${version}/bin/tsc`);
          assert.equal(await consumer.compile({ resolution, withNode, tsc, version }), '');
        });
      }
    }
  });
}
