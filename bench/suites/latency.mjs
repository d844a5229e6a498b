// How long a request takes at 80 % of what the bare server can do, counted from when it was due, and how long the event
// loop was held up meanwhile. What cannot keep up with that rate shows latencies as long as its queue.
import { interleaved, median, summary } from '../samples.mjs';
import { scenarios } from '../scenarios.mjs';

const CONNECTIONS = 64;
const SECONDS = 6;

export async function* latency({ names, rounds, requests, warmUp, sink, load, startApp, delivered }) {
  for (const app of ['http', 'express-pg']) {
    const { title, paths } = scenarios[app];
    const perSecond = Math.round((await capacity(app)) * 0.8);
    const samples = await interleaved(names, rounds, async (name) => {
      const running = await startApp(app, name);
      const job = { port: running.port, paths, connections: CONNECTIONS };
      await load.run({ ...job, count: warmUp });
      await delivered(name);
      await running.ask('watch delay');
      const count = Math.max(requests, perSecond * SECONDS);
      const { p50, p99 } = await load.run({ ...job, perSecond, count });
      const delay = await running.ask('delay');
      await running.close();
      await sink.take();
      return { p50, p99, delay: delay.p99 };
    });
    const scenario = `${title} at ${perSecond} requests a second`;
    yield summary({ figure: 'latency p50', scenario, unit: 'ms' }, samples.p50);
    yield summary({ figure: 'latency p99', scenario, unit: 'ms' }, samples.p99);
    yield summary({ figure: 'event-loop delay p99', scenario, unit: 'ms' }, samples.delay);
  }

  /** Requests a second of the bare server: the median of three, for everything else depends on it. */
  async function capacity(app) {
    const { paths } = scenarios[app];
    const { rate } = await interleaved(['bare'], 3, async (name) => {
      const running = await startApp(app, name);
      const job = { port: running.port, paths, connections: CONNECTIONS };
      await load.run({ ...job, count: warmUp });
      const { perSecond } = await load.run({ ...job, count: warmUp });
      await running.close();
      return { rate: perSecond };
    });
    return median(rate.bare);
  }
}
