// How long a request takes at 80 % of what the bare server can do, counted from when it was due, and how long the event
// loop was held up meanwhile.
import { startApp } from '../processes.mjs';
import { interleaved, summary } from '../samples.mjs';
import { scenarios } from '../scenarios.mjs';
import { variants } from '../variants.mjs';

const CONNECTIONS = 64;
const SECONDS = 6;

export async function latency({ binary, names, rounds, requests, sink, load, env }) {
  const results = [];
  for (const app of ['http', 'express-pg']) {
    const { title, paths } = scenarios[app];
    const start = (name) => startApp(app, { binary, variant: variants[name], sinkPort: sink.port, env });
    const perSecond = Math.round((await capacity(await start('bare'))) * 0.8);
    const samples = await interleaved(names, rounds, async (name) => {
      const running = await start(name);
      const job = { port: running.port, paths };
      await load.run({ ...job, connections: 32, count: Math.round(requests / 2) });
      await running.ask('watch delay');
      const { p50, p99 } = await load.run({ ...job, connections: CONNECTIONS, perSecond, seconds: SECONDS });
      const delay = await running.ask('delay');
      await running.end();
      await sink.take();
      return { p50, p99, delay: delay.p99 };
    });
    const where = `${title}, at ${perSecond} requests a second`;
    results.push(summary(`latency p50, ${where}`, 'ms', samples.p50));
    results.push(summary(`latency p99, ${where}`, 'ms', samples.p99));
    results.push(summary(`event-loop delay p99, ${where}`, 'ms', samples.delay));

    async function capacity(running) {
      const job = { port: running.port, paths, connections: 32 };
      await load.run({ ...job, count: Math.round(requests / 2) });
      const measured = await load.run({ ...job, count: Math.round(requests / 2) });
      await running.end();
      return measured.perSecond;
    }
  }
  return results;
}
