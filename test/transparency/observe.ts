/** Runs a program with and without the preload and compares what it says it sees. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { NodeVersion } from '../helpers/node-versions';
import { fromRoot } from '../helpers/paths';
import { type Exit, type Flag, runToExit } from '../helpers/run-app';

/** Lines that may differ, and why they do. */
export interface Difference {
  readonly lines: RegExp;
  readonly why: string;
  /** It need not be met: what it is about may be out of sight, or not be there. */
  readonly isOptional?: boolean;
}

export interface Program {
  /** Writes its lines into the file that `args` begin with. */
  readonly entry: string;
  readonly args?: (output: string) => string[];
  readonly nodeArgs?: string[];
  readonly flag: Flag;
  readonly node?: NodeVersion;
  readonly cwd?: string;
}

export interface Observed {
  readonly exit: Exit;
  readonly output: string;
  readonly lines: string[];
}

export async function observe({ entry, args, nodeArgs, flag, node, cwd }: Program): Promise<Observed> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'canvasops-seen-'));
  try {
    const file = path.join(folder, 'lines');
    const { code, signal, stdout, stderr } = await runToExit({
      entry,
      args: args === undefined ? [file] : args(file),
      nodeArgs: nodeArgs ?? [],
      flag,
      node,
      cwd,
      env: { OTEL_TRACES_EXPORTER: 'none' },
    });
    const output = withoutChance(`${stdout}\n${stderr}`);
    return { exit: { code, signal }, output, lines: readFileSync(file, 'utf8').split('\n') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Process ids and times. */
export function withoutChance(text: string): string {
  return text
    .replaceAll(/\(node:\d+\)/g, '(node:pid)')
    .replaceAll(/\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT/g, '(time)');
}

const dist = fromRoot('dist') + path.sep;
const entries = ['register.mjs', 'register.cjs', 'package.json'].map((name) => fromRoot(name));

/** A preload that does nothing: the flags alone change what a program sees of Node. */
export const nothing = {
  '--import': 'fixtures/programs/nothing.mjs',
  '--require': 'fixtures/programs/nothing.cjs',
};
entries.push(...Object.values(nothing).map((name) => fromRoot(name)));

/** What every program can see of a preload: the two symbols that its copies find each other by, and its own files. */
function withoutUs(line: string): string | undefined {
  if (line.includes('[Symbol(opentelemetry.js.api.1)]') || line.includes('[Symbol(canvasops.register)]'))
    return undefined;
  const file = line.startsWith('loaded: ') ? line.slice('loaded: '.length) : '';
  if (file.startsWith(dist) || entries.includes(file)) return undefined;
  return line.replace(' Symbol(opentelemetry.js.api.1)', '').replace(' Symbol(canvasops.register)', '');
}

/** Fails unless everything but the differences is the same, in the same order. Returns those that were met. */
export function compare(
  bare: Observed,
  traced: Observed,
  differences: readonly Difference[],
): Set<Difference> {
  assert.deepEqual(traced.exit, bare.exit, traced.output);
  assert.equal(traced.output, bare.output);
  const met = new Set<Difference>();
  const known = new Set(bare.lines);
  const expected = bare.lines
    .map(withoutUs)
    .filter((line) => line !== undefined && !differences.some(({ lines }) => lines.test(line)));
  const actual: string[] = [];
  for (const raw of traced.lines) {
    const line = withoutUs(raw);
    if (line === undefined) continue;
    const difference = differences.find(({ lines }) => lines.test(line));
    if (difference === undefined) actual.push(line);
    else if (!known.has(line)) met.add(difference);
  }
  const at = expected.findIndex((line, index) => line !== actual[index]);
  const end = at < 0 ? actual.length : at + 5;
  // Not all of them: a message of 40,000 lines says nothing.
  assert.deepEqual(actual.slice(at < 0 ? expected.length : at, end), at < 0 ? [] : expected.slice(at, end));
  return met;
}
