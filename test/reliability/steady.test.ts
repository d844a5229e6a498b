/** A shorter form of test/soak/steady. */
import { test } from 'node:test';
import { assertSteady, describeSoak, soak } from '../soak/steady';

test('a steady load, the backend away half of the time, one request in ten given up', async (context) => {
  const report = await soak({ cycles: 6, cycleMs: 6_000, perSecond: 100 });
  for (const line of describeSoak(report)) context.diagnostic(line);
  assertSteady(report, 400);
});
