/** What a thread had not delivered when it was terminated is delivered by the one that started it, to where it belongs. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';

const COUNT = 20;
const all = Array.from({ length: COUNT }, (_, i) => `thread ${i}`).sort();

describe('a terminated thread', { concurrency: 1 }, () => {
  let one: OtlpReceiver;
  let other: OtlpReceiver;
  before(async () => {
    [one, other] = await Promise.all([startOtlpReceiver(), startOtlpReceiver()]);
  });
  beforeEach(() => {
    for (const receiver of [one, other]) {
      receiver.clear();
      receiver.answer({});
    }
  });
  after(() => Promise.all([one.close(), other.close()]));

  async function run(env: Record<string, string>): Promise<Record<string, unknown>> {
    const ended = await runToExit({
      entry: 'fixtures/endings/leaves-behind.cjs',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: one.url, CANVASOPS_EXIT_TIMEOUT: '5000', ...env },
    });
    assert.equal(ended.code, 0, ended.stderr);
    return JSON.parse(ended.stdout) as Record<string, unknown>;
  }

  const namesAt = (receiver: OtlpReceiver): string[] =>
    receiver
      .spans()
      .map(({ name }) => name)
      .sort();

  it('loses no span, and the account of its starter has them', async () => {
    const account = await run({});
    assert.deepEqual(namesAt(one), all);
    assert.deepEqual(account, { sent: true, created: COUNT, delivered: COUNT, pending: 0, open: 0 });
  });

  it('had delivered everything: nothing is sent twice', async () => {
    await run({ FLUSH_MS: '5000' });
    assert.deepEqual(namesAt(one), all);
  });

  it('had delivered to one of two destinations: the other gets all of it, and neither anything twice', async () => {
    // The thread is refused and cannot try again.
    other.answerNext({ status: 503, headers: { 'retry-after': '60' } });
    await run({ PHOENIX_COLLECTOR_ENDPOINT: other.url, FLUSH_MS: '300' });
    assert.deepEqual(namesAt(one), all);
    assert.deepEqual(namesAt(other), all);
  });

  it('sent to somewhere else than its starter: nothing of it goes to the wrong place', async () => {
    await run({ THREAD_ENV: JSON.stringify({ OTEL_EXPORTER_OTLP_ENDPOINT: other.url }) });
    assert.deepEqual(namesAt(one), []);
  });

  it('shows a custom exporter the spans as the official SDK has them', async () => {
    const { stderr } = await runToExit({
      entry: 'fixtures/endings/leaves-behind.cjs',
      env: { CANVASOPS_EXPORTER: './custom-exporter.mjs', OTEL_SERVICE_NAME: 'shop' },
    });
    const seen = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(seen.map(({ name }) => name).sort(), all);
    const [first] = seen;
    assert.match(String(first?.traceId), /^[0-9a-f]{32}$/);
    assert.match(String(first?.spanId), /^[0-9a-f]{16}$/);
    assert.ok(Array.isArray(first?.startTime) && first.startTime.length === 2);
    assert.deepEqual([first?.service, first?.scope, first?.status], ['shop', 'app', { code: 0 }]);
  });
});
