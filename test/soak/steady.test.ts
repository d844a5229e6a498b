/** 20 minutes of load and outages; 40 s of it are in test/reliability. `node test/run.mjs test/soak/steady --servers none` */
import { test } from 'node:test';
import { assertSteady, describeSoak, soak } from './steady';

test('20 minutes at 100 requests per second, the backend away half of the time', async (context) => {
  const report = await soak({ cycles: 20, cycleMs: 60_000, perSecond: 100 });
  for (const line of describeSoak(report)) context.diagnostic(line);
  assertSteady(report, 10);
});
