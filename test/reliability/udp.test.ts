/** Jaeger over UDP, where nobody answers: what can be known is told, and what can be kept from getting lost is kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runApp } from '../helpers/run-app';
import { startUdpListener } from '../helpers/udp-listener';
import { account } from './conservation';

const over = (host: string): Record<string, string> => ({
  JAEGER_HOST: host,
  JAEGER_PORT: '6831',
  CANVASOPS_LOG_LEVEL: 'info',
});

test('a burst of 5,000 spans does not overrun the buffer of the receiver, and counts as sent', async () => {
  const listener = await startUdpListener('127.0.0.21', 6831);
  const { stats, lines } = await account([{ spans: 5000 }], over(listener.host));
  const arrived = await listener.stop();
  assert.equal(new Set(arrived.map(({ spanId }) => spanId)).size, 5000);
  assert.equal(arrived.length, 5000);
  assert.deepEqual([stats.created, stats.delivered, stats.sent, stats.pending], [5000, 5000, 5000, 0]);
  assert.equal(lines.at(-1), '[canvasops] spans: created 5000, sent 5000, dropped 0');
  assert.match(lines.join('\n'), /its first spans are sent; UDP gives no answer/);
});

test('a closed port is told of, and its spans count as dropped', async () => {
  const { stats, lines } = await account([{ spans: 10 }, { wait: 300 }], over('127.0.0.22'));
  assert.deepEqual(stats.dropped, { exit: 10 });
  assert.deepEqual([stats.created, stats.delivered, stats.sent], [10, 0, 0]);
  assert.match(lines.join('\n'), /nobody listens on UDP 127\.0\.0\.22:6831 \(ECONNREFUSED\)/);
});

test('spans wait for a port that is closed, and leave once it is open', async () => {
  const host = '127.0.0.23';
  const app = await runApp({
    entry: 'fixtures/conservation/app.cjs',
    env: {
      STEPS: JSON.stringify([{ spans: 10 }, { wait: 60_000 }]),
      OTEL_BSP_SCHEDULE_DELAY: '100',
      ...over(host),
    },
    waitFor: 'spawn',
  });
  await app.waitForOutput('nobody listens');
  const listener = await startUdpListener(host, 6831);
  await app.waitForOutput('works again');
  await app.stop();
  assert.equal((await listener.stop()).length, 10);
  assert.match(app.stderr(), /spans: created 10, sent 10, dropped 0/);
});

test('an end in the middle of a batch sends no packet of it twice', async () => {
  const listener = await startUdpListener('127.0.0.24', 6831);
  const text = 'x'.repeat(1000);
  const { stats } = await account([{ spans: 600, text }, { wait: 30 }, { exit: 0 }], over(listener.host));
  const arrived = await listener.stop();
  assert.equal(stats.created, 600);
  assert.equal(new Set(arrived.map(({ spanId }) => spanId)).size, 600);
  assert.equal(arrived.length, 600);
});
