/** 100 times kill -9; ten of them are in test/reliability. `node test/run.mjs test/soak/kill9 --servers none` */
import { test } from 'node:test';
import { killDuringOutage } from '../reliability/kill9';

test('100 processes killed during an outage', async (context) => {
  const { due, arrived } = await killDuringOutage(100);
  context.diagnostic(
    `100 kills: ${due} spans were older than a second, ${arrived} arrived, all of those among them`,
  );
});
