/**
 * Programs under ts-node, before and after us. With `--require` only: any `--import` makes Node load the main file as
 * an ES module, which ts-node's hook for `require` does not see, whether we are there or not. `canvasops run` works
 * for ts-node's own command.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type NodeVersion, nodeBinary } from '../helpers/node-versions';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { runNode } from '../helpers/run-node';
import { assertTree } from '../helpers/tree';
import { installPackages } from '../transparency/installed-packages';
import { assertTortured, setUpTorture } from '../transparency/torture';
import { TREE } from '../transparency/torture-cases';

const versions: NodeVersion[] = ['20', '22', '24', '26'];
const { folder, remove } = setUpTorture();
after(remove);

let hook: string[];
let command: string;
before(async () => {
  const installed = await installPackages('test/matrix/ts-node/package.json');
  hook = ['--require', path.join(installed.folder, 'node_modules/ts-node/register/transpile-only.js')];
  command = path.join(installed.folder, 'node_modules/ts-node/dist/bin-transpile.js');
});

for (const node of versions) {
  for (const entry of ['typed.ts', 'typed-enum.ts', 'typed-throws.ts']) {
    const traced = entry !== 'typed-throws.ts';
    test(`${entry} under ts-node, Node ${node}`, async () => {
      await assertTortured({ entry, before: hook, traced }, folder, '--require', node);
      await assertTortured({ entry, after: hook, traced }, folder, '--require', node);
    });
  }

  test(`canvasops run -- ts-node typed.ts, Node ${node}`, async () => {
    const receiver = await startOtlpReceiver();
    const binary = await nodeBinary(node);
    const program = [command, path.join(folder, 'typed.ts')];
    const bare = await runNode({ binary, args: program, cwd: folder });
    const args = [fromRoot('dist/cli.cjs'), 'run', '--', binary, ...program];
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    const traced = await runNode({ binary, args, env, cwd: folder });
    await receiver.close();
    assert.deepEqual(traced, bare);
    assert.equal(traced.code, 0);
    assertTree(receiver.spans(), TREE);
  });
}
