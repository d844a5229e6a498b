// The wall time of an empty program.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { interleaved, summary } from '../samples.mjs';
import { variants } from '../variants.mjs';

const PER_ROUND = 4;
const program = fileURLToPath(new URL('../apps/empty.cjs', import.meta.url));

export async function startUp({ binary, names, rounds, command }) {
  const started = names.filter((name) => !variants[name].onlyRequests);
  const samples = await interleaved(started, rounds * PER_ROUND, (name) => {
    const { flags, env } = command(name);
    const start = process.hrtime.bigint();
    const { status } = spawnSync(binary, [...flags, program], { env, timeout: 60_000 });
    if (status !== 0) throw new Error(`an empty program under ${name} ended with ${status}`);
    return { wall: Number(process.hrtime.bigint() - start) / 1e6 };
  });
  return [summary({ figure: 'start-up', scenario: 'an empty program', unit: 'ms' }, samples.wall)];
}
