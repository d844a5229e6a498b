// The longest stretches for which the event loop stood still while a program made 10,000 spans a second: encoding and
// sending happen on the same thread.
import { startApp } from '../processes.mjs';
import { interleaved, summary } from '../samples.mjs';
import { variants } from '../variants.mjs';

export async function stalls({ binary, rounds, sink }) {
  const samples = await interleaved(['bare', 'ours'], rounds, async (name) => {
    const running = await startApp('stalls', { binary, variant: variants[name], sinkPort: sink.port });
    const figures = await running.ask('run');
    await running.end();
    await sink.take();
    return figures;
  });
  const what = 'event loop held up, 10,000 spans a second';
  return [summary(`${what}, p99`, 'ms', samples.p99), summary(`${what}, longest`, 'ms', samples.max)];
}
