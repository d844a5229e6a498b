// What single operations cost, measured inside a program under the preload: nanoseconds and bytes of V8's heap.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { interleaved, summary } from '../samples.mjs';
import { variants } from '../variants.mjs';

const programs = new URL('../programs/', import.meta.url);

/** Runs a program that prints figures as JSON. */
function run({ binary, sink }, program, variant, flags = []) {
  const { flags: own, env } = variants[variant];
  const output = execFileSync(binary, [...flags, ...own, fileURLToPath(new URL(program, programs))], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env(sink.port) },
    maxBuffer: 1 << 24,
  });
  return JSON.parse(output);
}

/** The calls of the API, one at a time; a span with five attributes from its start until it is encoded. */
export async function api(bench) {
  const flags = ['--expose-gc', '--max-semi-space-size=128', '--min-semi-space-size=128'];
  const samples = await interleaved(['ours'], bench.rounds, () => run(bench, 'api.cjs', 'ours', flags));
  return Object.entries(samples).map(([what, values]) => summary(what, what.endsWith('bytes') ? 'B' : 'ns', values));
}

/** Spans encoded per second, beside the official serialiser, which makes its objects first. */
export async function encode(bench) {
  const samples = await interleaved(['ours', 'official'], bench.rounds, (name) => run(bench, `encode-${name}.cjs`, 'bare'));
  return [summary('encoding a span of a query', 'ns', samples.nanoseconds)];
}

/** Whether a span costs the same in a large trace, and while many others are open. */
export async function scaling(bench) {
  const samples = await interleaved(['ours'], bench.rounds, () => run(bench, 'scaling.cjs', 'ours'));
  return Object.entries(samples).map(([what, values]) => summary(what, 'ns', values));
}
