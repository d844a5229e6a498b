/** Builtins that load later are seen however the program asks for them, and are not loaded for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';

for (const node of ['22', '24', '26'] as const) {
  for (const way of ['none', 'import', 'static', 'require', 'getBuiltinModule'] as const) {
    test(`Node ${node}, ${way}`, async () => {
      const receiver = await startOtlpReceiver();
      const run = { entry: 'fixtures/node-sqlite/ways.mjs', args: [way], node };
      const bare = await runToExit({ ...run, flag: 'none' });
      const traced = await runToExit({ ...run, otlp: receiver.url });
      await receiver.close();
      assert.equal(bare.code, 0, bare.stderr);
      assert.equal(traced.stdout, bare.stdout);
      const withoutPid = (text: string): string => text.replaceAll(/^\(node:\d+\)/gm, '(node)');
      assert.equal(withoutPid(traced.stderr), withoutPid(bare.stderr));
      const names = receiver.spans().map(({ name }) => name);
      assert.deepEqual(names, way === 'none' ? [] : ['SELECT']);
    });
  }
}
