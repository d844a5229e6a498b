// What single operations cost, measured inside a program: nanoseconds, and bytes of V8's heap.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { HEAP_FLAGS } from '../../test/bench/allocations.ts';
import { installPeers, serialiserPackages } from '../peers.mjs';
import { interleaved, summary } from '../samples.mjs';

const LIMIT_MS = 5 * 60_000;
const fileOf = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The calls of the API, one at a time; a span with five attributes from its start until it is encoded. */
export async function api(bench) {
  const time = await interleavedFigures(bench, 'ours', 'api.cjs');
  return Object.entries(time).flatMap(([scenario, { nanoseconds, bytes }]) => [
    summary({ figure: 'time of a call', scenario, unit: 'ns' }, { ours: nanoseconds }),
    summary({ figure: 'heap of a call', scenario, unit: 'B' }, { ours: bytes }),
  ]);
}

/** Encoding, beside the official serialiser. */
export async function encode(bench) {
  const programs = { ours: await bundle('encode-ours'), official: programFile('encode-official.cjs') };
  const folder = await installPeers(bench.node, serialiserPackages(bench.node));
  const samples = await interleaved(['ours', 'official'], bench.rounds, (name) => {
    const env = { PATH: process.env.PATH, BENCH_PEERS: folder };
    return run(bench.binary, programs[name], { flags: ['--expose-gc'], env });
  });
  const scenario = 'a span of a query, in a batch of 512';
  return [summary({ figure: 'encoding', scenario, unit: 'ns' }, samples.nanoseconds)];
}

/** Whether a span costs the same in a large trace, and while many others are open. */
export async function scaling(bench) {
  const { flags, env } = bench.command('ours');
  const samples = await interleaved(['ours'], bench.rounds, async () => {
    const figures = run(bench.binary, programFile('scaling.cjs'), { flags: ['--expose-gc', ...flags], env });
    await bench.sink.take();
    return figures;
  });
  return Object.entries(samples).map(([scenario, values]) =>
    summary({ figure: 'time of a span', scenario, unit: 'ns' }, values),
  );
}

/** @returns samples by scenario and figure */
async function interleavedFigures(bench, variant, program) {
  const { flags, env } = bench.command(variant);
  const found = {};
  for (let round = 0; round < bench.rounds; round++) {
    const figures = run(bench.binary, programFile(program), { flags: [...HEAP_FLAGS, ...flags], env });
    await bench.sink.take();
    for (const [scenario, { nanoseconds, bytes }] of Object.entries(figures)) {
      found[scenario] ??= { nanoseconds: [], bytes: [] };
      found[scenario].nanoseconds.push(nanoseconds);
      found[scenario].bytes.push(bytes);
    }
  }
  return found;
}

/** Runs a program that prints figures as JSON. */
function run(binary, file, { flags, env }) {
  const output = execFileSync(binary, [...flags, file], { encoding: 'utf8', env, timeout: LIMIT_MS });
  return JSON.parse(output);
}

function programFile(name) {
  return fileOf(`../programs/${name}`);
}

/** A program that imports from src/, with fields as `scripts/build.mjs` makes them. */
async function bundle(name) {
  const file = fileOf(`../../.cache/bench/${name}.cjs`);
  const bundled = await rolldown({
    input: programFile(`${name}.mjs`),
    platform: 'node',
    external: (id) => id.startsWith('node:') || id.startsWith('@'),
    transform: {
      target: 'node20',
      assumptions: { setPublicClassFields: true },
      typescript: { removeClassFieldsWithoutInitializer: true },
    },
  });
  await bundled.write({ file, format: 'cjs' });
  await bundled.close();
  return file;
}
