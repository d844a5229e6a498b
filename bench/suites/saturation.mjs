// CPU time (user and system) that the server's process spends per request when 32 connections ask without a pause, after
// a warm-up; the most memory it had; and whether every span arrived.
import { startApp } from '../processes.mjs';
import { interleaved, median, summary } from '../samples.mjs';
import { scenarios } from '../scenarios.mjs';
import { variants } from '../variants.mjs';

const CONNECTIONS = 32;

export async function saturation(bench) {
  const results = [];
  for (const [app, scenario] of Object.entries(scenarios)) {
    const { samples, lost } = await measure(bench, app, scenario, bench.names, () => 1);
    results.push(summary(`CPU per request, ${scenario.title}`, 'µs', samples.cpu, lost));
    results.push(summary(`most memory, ${scenario.title}`, 'MB', samples.memory));
  }
  return results;
}

/** What is left when fewer traces are kept. */
export async function sampling(bench) {
  const names = ['bare', 'ours, none sampled', 'ours, 1 % sampled', 'ours'];
  const shares = { 'ours, none sampled': 0, 'ours, 1 % sampled': 0.01 };
  const { samples } = await measure(bench, 'express-pg', scenarios['express-pg'], names, (name) => shares[name]);
  return [summary('CPU per request, express + pg, by sampling', 'µs', samples.cpu)];
}

async function measure({ binary, rounds, requests, sink, load, env }, app, scenario, names, shareOf) {
  const lost = [];
  const count = Math.round(requests * scenario.share);
  const job = { paths: scenario.paths, connections: CONNECTIONS };
  const samples = await interleaved(names, rounds, async (name) => {
    await sink.take();
    const running = await startApp(app, { binary, variant: variants[name], sinkPort: sink.port, env });
    const { port } = running;
    await load.run({ ...job, port, count: Math.round(count / 2) });
    const before = await running.ask('usage');
    const { perSecond } = await load.run({ ...job, port, count });
    const after = await running.ask('usage');
    await running.end();
    const expected = (Math.round(count / 2) + count) * scenario.spans;
    const got = await sink.take();
    if (shareOf(name) === 1 && name !== 'bare' && got < expected) lost.push(`${name}: ${got} of ${expected} spans`);
    return { cpu: (after.cpu - before.cpu) / count, memory: after.memory / 1e6, perSecond };
  });
  return { samples, lost, perSecond: samples.perSecond && median(samples.perSecond.bare ?? [0]) };
}
