// How long the event loop stood still while a program made 10,000 spans a second: encoding and sending happen on the same
// thread, some of it when a span ends and the rest between turns of the loop.
import { interleaved, summary } from '../samples.mjs';

export async function stalls({ rounds, sink, startApp }) {
  const samples = await interleaved(['bare', 'ours', 'official'], rounds, async (name) => {
    const running = await startApp('stalls', name);
    const figures = await running.ask('run');
    await running.close();
    await sink.take();
    return figures;
  });
  const scenario = '10,000 spans a second';
  return [
    summary({ figure: 'one span from start to end, p99', scenario, unit: 'µs' }, samples.spanP99),
    summary({ figure: 'one span from start to end, longest', scenario, unit: 'µs' }, samples.spanMax),
    summary({ figure: 'event loop held up between turns, p99', scenario, unit: 'µs' }, samples.loopP99),
    summary({ figure: 'event loop held up between turns, longest', scenario, unit: 'µs' }, samples.loopMax),
  ];
}
