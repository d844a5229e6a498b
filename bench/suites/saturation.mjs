// CPU time (user and system) that the server's process spends per request when 32 connections ask without a pause, after
// a warm-up and until the last span has been delivered; the most memory it had; and whether every span arrived.
import { interleaved, summary } from '../samples.mjs';
import { queries, scenarios } from '../scenarios.mjs';
import { variants } from '../variants.mjs';

const CONNECTIONS = 32;

export async function* saturation(bench) {
  for (const app of Object.keys(scenarios)) {
    const scenario = scenarios[app].title;
    const { samples, lost } = await measure(bench, app, bench.names);
    yield summary({ figure: 'CPU per request', scenario, unit: 'µs', lost }, samples.cpu);
    yield summary({ figure: 'peak memory', scenario, unit: 'MB' }, samples.memory);
  }
}

/** What a query costs with each driver. */
export async function* drivers(bench) {
  for (const [app, { title: scenario, not }] of Object.entries(queries)) {
    if (bench.node === not) continue;
    const { samples, lost } = await measure(bench, app, ['bare', 'ours']);
    yield summary({ figure: 'CPU per request of 10 queries', scenario, unit: 'µs', lost }, samples.cpu);
  }
}

/** What is left when fewer traces are kept. */
export async function* sampling(bench) {
  for (const app of ['http', 'express-pg']) {
    const names = ['bare', 'ours, none sampled', 'ours, 1 % sampled', 'ours'];
    const { samples, lost } = await measure(bench, app, names);
    const scenario = scenarios[app].title;
    yield summary({ figure: 'CPU per request by sampling', scenario, unit: 'µs', lost }, samples.cpu);
  }
}

async function measure({ rounds, requests, warmUp, sink, load, startApp, delivered }, app, names) {
  const { paths, share: shareOfRequests, spans } = { ...scenarios, ...queries }[app];
  const count = Math.round(requests * shareOfRequests);
  const warmUpCount = Math.round(warmUp * shareOfRequests);
  const lost = [];
  const samples = await interleaved(names, rounds, async (name) => {
    const running = await startApp(app, name);
    const job = { paths, connections: CONNECTIONS, port: running.port };
    await load.run({ ...job, count: warmUpCount });
    await delivered(name);
    const before = await running.ask('usage');
    await load.run({ ...job, count });
    await delivered(name);
    const after = await running.ask('usage');
    await running.close();
    const expected = (warmUpCount + count) * spans;
    const got = await sink.take();
    if (variants[name].share === 1 && got < expected) lost.push(`${name}: ${got} of ${expected} spans`);
    return { cpu: (after.cpu - before.cpu) / count, memory: after.memory / 1e6 };
  });
  return { samples, lost };
}
