/** Runs the programs of `torture-cases.ts` with and without the preload: output, exit code, and the spans. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type NodeVersion, nodeBinary } from '../helpers/node-versions';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { runToExit } from '../helpers/run-app';
import { drawTree } from '../helpers/tree';
import { nothing, withoutChance } from './observe';
import { type TortureCase, TREE } from './torture-cases';

/** `export const add = (a, b) => a + b`, as WebAssembly. */
const ADD = '0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b';

/** A copy of the programs with what git and the formatter do not keep; below the repository, for its packages. */
export function setUpTorture(): { folder: string; remove(): void } {
  mkdirSync(fromRoot('.cache'), { recursive: true });
  const folder = mkdtempSync(fromRoot('.cache', 'torture-'));
  const inside = (...parts: string[]): string => path.join(folder, ...parts);
  cpSync(fromRoot('fixtures/torture'), folder, { recursive: true });
  cpSync(inside('manifest.json'), inside('package.json'));
  mkdirSync(inside('node_modules'));
  cpSync(inside('packages/cyclic'), inside('node_modules/pg-pool'), { recursive: true });
  cpSync(inside('packages/throwing'), inside('node_modules/pg-cursor'), { recursive: true });
  symlinkSync(inside('packages/linked-source'), inside('node_modules/linked'));
  writeFileSync(inside('add.wasm'), Buffer.from(ADD, 'hex'));
  for (const [name, as] of [
    ['main.mjs', 'detected.js'],
    ['meta.mjs', 'meta.js'],
  ] as const)
    cpSync(inside(name), inside(as));
  for (const form of ['mjs', 'cjs'])
    writeFileSync(inside(`broken.${form}`), 'const a = 1;\nconst b = = 2;\n');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Whether that Node takes the flags, and has what the program needs. */
export async function exists({ before = [], after = [] }: TortureCase, node: NodeVersion): Promise<boolean> {
  const flags = [...before, ...after];
  const binary = await nodeBinary(node);
  if (flags.includes('./register-sync.mjs'))
    return has(binary, 'typeof require("module").registerHooks === "function"');
  const own = flags.filter(
    (flag) => flag.startsWith('--') && !/^--(import|require|experimental-loader)$/.test(flag),
  );
  return own.length === 0 || has(binary, 'true', own);
}

function has(binary: string, condition: string, flags: readonly string[] = []): boolean {
  const { status } = spawnSync(binary, [...flags, '-e', `process.exitCode = ${condition} ? 0 : 1`]);
  return status === 0;
}

export async function assertTortured(
  torture: TortureCase,
  folder: string,
  flag: '--import' | '--require',
  node: NodeVersion,
): Promise<void> {
  const { before = [], after = [], entry } = torture;
  const run = (preload: string, otlp?: string): ReturnType<typeof runToExit> => {
    const file = fromRoot(preload);
    const name = flag === '--import' ? pathToFileURL(file).href : file;
    const nodeArgs = [...before, flag, name, ...after];
    return runToExit({
      entry: path.join(folder, entry),
      nodeArgs,
      flag: 'none',
      node,
      otlp,
      boundMs: 30_000,
    });
  };
  const receiver = await startOtlpReceiver();
  try {
    const bare = await run(nothing[flag]);
    const traced = await run(flag === '--import' ? 'register.mjs' : 'register.cjs', receiver.url);
    assert.equal(withoutChance(traced.stderr), withoutChance(bare.stderr));
    assert.equal(traced.stdout, bare.stdout);
    assert.deepEqual([traced.code, traced.signal], [bare.code, bare.signal]);
    assert.equal(drawTree(receiver.spans()), torture.traced ? TREE : '');
    if (torture.traced)
      assert.deepEqual([bare.code, bare.stdout.includes('{"id":"7"}')], [0, true], bare.stderr);
  } finally {
    await receiver.close();
  }
}
