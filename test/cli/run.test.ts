/** `canvasops run`: the command runs as it does without us, and is traced, whatever loads its main file. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { ROUND } from '../guards/unaffected';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type Ended, runNode } from '../helpers/run-node';
import { assertTree } from '../helpers/tree';

const node = process.execPath;
const cwd = fromRoot('fixtures/guards');
const scratch = mkdtempSync(path.join(os.tmpdir(), 'canvasops-run-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

interface Given {
  /** What stands after `node`. */
  program: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Where the package lies. */
  root?: string;
  /** Between `canvasops run` and the program. */
  through?: readonly string[];
}

/** Ends as it does without us, with the spans of one round. */
async function assertRuns({ program, env = {}, root = fromRoot('.'), through = [] }: Given): Promise<Ended> {
  const receiver = await startOtlpReceiver();
  try {
    const bare = await runNode({ binary: node, args: program, env, cwd });
    const args = [path.join(root, 'dist/cli.cjs'), 'run', '--', ...through, node, ...program];
    const traced = await runNode({
      binary: node,
      args,
      env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
      cwd,
    });
    assert.deepEqual(traced, bare);
    assertTree(receiver.spans(), ROUND);
    return traced;
  } finally {
    await receiver.close();
  }
}

test('CommonJS', async () => {
  await assertRuns({ program: ['app.cjs'] });
});

test('an ES module', async () => {
  await assertRuns({ program: ['app.mjs'] });
});

test('TypeScript through a hook for require, as ts-node and @swc-node have it', async () => {
  await assertRuns({ program: ['--require', './transpile.cjs', 'typed.ts'] });
});

test('a worker that is made from a string', async () => {
  await assertRuns({ program: ['threads.cjs'], env: { WAY: 'eval' } });
});

test('what NODE_OPTIONS says already stays in it', async () => {
  const env = { NODE_OPTIONS: '--title=shop' };
  await assertRuns({ program: ['-e', "console.log(process.title); require('./app.cjs')"], env });
});

test('a run within a run', async () => {
  const through = [node, fromRoot('dist/cli.cjs'), 'run', '--'];
  const program = ['-e', "console.error(process.env.NODE_OPTIONS); require('./app.cjs')"];
  const receiver = await startOtlpReceiver();
  const args = [fromRoot('dist/cli.cjs'), 'run', '--', ...through, node, ...program];
  const { stderr } = await runNode({
    binary: node,
    args,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    cwd,
  });
  assert.equal(stderr, `--require ${fromRoot('register.cjs')}\n`);
  assertTree(receiver.spans(), ROUND);
  await receiver.close();
});

test('installed in a folder with blanks, quotes and backslashes in its name', async () => {
  const root = path.join(scratch, 'my "shop" \\ 1');
  mkdirSync(root);
  for (const part of ['dist', 'package.json', 'register.cjs', 'register.mjs'])
    cpSync(fromRoot(part), path.join(root, part), { recursive: true });
  symlinkSync(fromRoot('node_modules'), path.join(root, 'node_modules'));
  await assertRuns({ program: ['app.cjs'], root });
});

for (const [what, script, status] of [
  ['exit code', 'process.exit(7)', { code: 7, signal: null }],
  [
    'signal',
    "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 5000)",
    { code: null, signal: 'SIGTERM' },
  ],
] as const) {
  test(`${what} of the command`, async () => {
    const args = [fromRoot('dist/cli.cjs'), 'run', '--', node, '-e', script];
    const ended = await runNode({ binary: node, args, env: { OTEL_TRACES_EXPORTER: 'none' }, cwd });
    assert.deepEqual(ended, { ...status, stdout: '', stderr: '' });
  });
}
