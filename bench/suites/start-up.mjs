// The wall time of an empty program.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { interleaved, summary } from '../samples.mjs';
import { variants } from '../variants.mjs';

const program = fileURLToPath(new URL('../apps/empty.cjs', import.meta.url));

export async function startUp({ binary, names, rounds, sink }) {
  const samples = await interleaved(names, rounds * 4, (name) => {
    const { flags, env } = variants[name];
    const start = process.hrtime.bigint();
    spawnSync(binary, [...flags, program], { env: { PATH: process.env.PATH, ...env(sink.port) } });
    return { wall: Number(process.hrtime.bigint() - start) / 1e6 };
  });
  return [summary('start-up of an empty program', 'ms', samples.wall)];
}
