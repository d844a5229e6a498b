/**
 * Bytes that the hot paths allocate on V8's heap, which is what makes a garbage collector run. They are counted, not
 * timed: under the flags below, a busy machine gets the same figures as an idle one.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { type NodeVersion, nodeBinary } from '../helpers/node-versions';
import { fromRoot } from '../helpers/paths';

const run = promisify(execFile);

/** Nothing is collected while a round is measured. */
export const HEAP_FLAGS = ['--expose-gc', '--max-semi-space-size=128', '--min-semi-space-size=128'];
/** What is compiled when, and in which order the tables are, is the same in every run. */
const REPEATABLE = ['--single-threaded', '--no-concurrent-recompilation', '--random-seed=1', '--hash-seed=1'];
const LIMIT_MS = 120_000;

/** Bytes per operation, by its name. */
export type Allocations = Record<string, number>;

/** Where the expected figures are, by Node line. */
export const RECORD = fromRoot('test/bench/allocations.json');

/** Shares by which a figure may be above the recorded one, and below it. */
const TOLERANCE = 0.05;
const FAR_BELOW = 0.2;

/**
 * Runs the programs of bench/ that count, under the preload and a backend that takes everything.
 * @param binary of the Node to measure on
 */
export async function measureAllocations(binary: string): Promise<Allocations> {
  const backend = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end());
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const { port } = backend.address() as AddressInfo;
  const traced = {
    flags: ['--import', fromRoot('register.mjs')],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
  };
  try {
    const api = await count(binary, ['api.cjs'], traced);
    const bare = await count(binary, ['request.cjs'], { flags: [], env: {} });
    const request = await count(binary, ['request.cjs', 'traced'], traced);
    const added = (request.request ?? Number.NaN) - (bare.request ?? Number.NaN);
    return { ...api, 'a request of node:http, beyond a bare one': Math.round(added) };
  } finally {
    backend.close();
    backend.closeAllConnections();
  }
}

interface Variant {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function count(binary: string, [program, ...args]: string[], variant: Variant): Promise<Allocations> {
  const file = fromRoot('bench/programs', program ?? '');
  const env = { PATH: process.env.PATH, ...variant.env };
  const flags = [...HEAP_FLAGS, ...REPEATABLE, ...variant.flags];
  const { stdout } = await run(binary, [...flags, file, ...args], { env, timeout: LIMIT_MS });
  const figures = JSON.parse(stdout) as Record<string, { bytes: number }>;
  return Object.fromEntries(Object.entries(figures).map(([name, { bytes }]) => [name, Math.round(bytes)]));
}

/**
 * What is not as recorded, one sentence each: more than before is a cost that nobody decided on, and far less leaves room
 * in which the next cost would hide.
 */
export function differences(actual: Allocations, recorded: Allocations | undefined): string[] {
  if (recorded === undefined) return ['Nothing is recorded for this line of Node.'];
  const names = new Set([...Object.keys(actual), ...Object.keys(recorded)]);
  return [...names].flatMap((name) => {
    const now = actual[name];
    const then = recorded[name];
    if (now === undefined) return [`${name} is recorded and was not measured.`];
    if (then === undefined) return [`${name} allocates ${now} bytes, and nothing is recorded for it.`];
    if (now > then * (1 + TOLERANCE)) return [`${name} allocates ${now} bytes, ${then} before.`];
    if (now < then * (1 - FAR_BELOW)) return [`${name} allocates only ${now} bytes, ${then} before.`];
    return [];
  });
}

/**
 * Fails where the Node given allocates otherwise than recorded for its line.
 * @throws AssertionError with what differs, and how it is recorded if it is meant
 */
export async function assertAsRecorded(line: NodeVersion): Promise<void> {
  const actual = await measureAllocations(await nodeBinary(line));
  const recorded = (JSON.parse(readFileSync(RECORD, 'utf8')) as Record<string, Allocations>)[line];
  const found = differences(actual, recorded);
  const how = 'If that is meant: node --import tsx test/bench/record-allocations.ts';
  assert.deepEqual(found, [], `Node ${line}: ${found.join(' ')} ${how}`);
}
