/** An outage of a minute; a short one is in test/reliability. `node test/run.mjs test/soak/outage --servers none` */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { account, assertConserved } from '../reliability/conservation';

test('60 s without a backend, at 500 spans per second', async () => {
  const first = await startOtlpReceiver();
  const { port } = first;
  await first.close();
  const back = new Promise<OtlpReceiver>((resolve) => {
    setTimeout(() => resolve(startOtlpReceiver({ port })), 60_000);
  });
  const steps = [{ rate: 500, ms: 70_000 }, { flush: 30_000 }];
  const told = await account(steps, { OTEL_EXPORTER_OTLP_ENDPOINT: first.url });
  const receiver = await back;
  assertConserved(told, receiver.spans());
  assert.equal(told.stats.delivered, 35_000);
  await receiver.close();
});
