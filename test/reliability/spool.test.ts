/** CANVASOPS_SPOOL_DIR: what could not be delivered is there after the next start, once. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { startGrpcReceiver } from '../helpers/grpc-receiver';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { account, assertConserved } from './conservation';
import { killDuringOutage } from './kill9';
import { type Env, files, newFolder, nextStart, outage } from './spooling';

const KEY = 'key-that-belongs-on-no-disk';

describe('spans that could not be delivered', () => {
  const protocols: Record<string, Env> = {
    'http/protobuf': {},
    'http/json': { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    grpc: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  };
  for (const [protocol, env] of Object.entries(protocols)) {
    it(`are sent by the next start, as spans of the process that made them: ${protocol}`, async () => {
      const folder = newFolder();
      const receiver = await (protocol === 'grpc' ? startGrpcReceiver() : startOtlpReceiver());
      const told = await outage(folder, [{ spans: 1000 }], {
        ...env,
        OTEL_SERVICE_NAME: 'of-then',
        OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${KEY}`,
      });
      assert.deepEqual(told.stats.dropped, { spooled: 1000 });
      assert.match(told.lines.at(-1) ?? '', /1000 spans kept on disk for the next start/);
      for (const name of files(folder)) {
        const file = path.join(folder, name);
        assert.ok(!readFileSync(file).includes(KEY));
        assert.equal(statSync(file).mode & 0o077, 0, 'nobody else may read it');
      }
      const next = await nextStart(folder, receiver.url, { ...env, OTEL_SERVICE_NAME: 'of-now' });
      assert.deepEqual(next.stats.dropped, {});
      const spans = receiver.spans();
      assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length);
      const services = (name: string): number =>
        spans.filter(({ resource }) => resource['service.name'] === name).length;
      assert.deepEqual([services('of-then'), services('of-now')], [1000, 1]);
      assert.deepEqual(readdirSync(folder), []);
      await receiver.close();
    });
  }

  it('are sent by the same process if the backend comes back in time, and then are not kept', async () => {
    const folder = newFolder();
    const first = await startOtlpReceiver();
    const { port } = first;
    await first.close();
    const seen: number[] = [];
    const look = setInterval(() => seen.push(files(folder).length), 100);
    const back = new Promise<OtlpReceiver>((resolve) => {
      setTimeout(() => resolve(startOtlpReceiver({ port })), 3000);
    });
    const told = await account([{ rate: 300, ms: 5000 }, { flush: 20_000 }], {
      OTEL_EXPORTER_OTLP_ENDPOINT: first.url,
      CANVASOPS_SPOOL_DIR: folder,
    });
    clearInterval(look);
    const receiver = await back;
    assertConserved(told, receiver.spans());
    assert.equal(told.stats.delivered, 1500);
    assert.ok(Math.max(...seen) > 0, 'they were on disk meanwhile');
    assert.deepEqual(readdirSync(folder), []);
    await receiver.close();
  });

  it('are never written while the backend is healthy', async () => {
    const folder = newFolder();
    const receiver = await startOtlpReceiver();
    let most = 0;
    receiver.answer(() => {
      most = Math.max(most, files(folder).length);
      return {};
    });
    const told = await account([{ rate: 300, ms: 1500 }, { flush: 10_000 }], {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      CANVASOPS_SPOOL_DIR: folder,
    });
    assertConserved(told, receiver.spans());
    assert.equal(most, 0);
    await receiver.close();
  });

  it('are kept up to a bound, and what is too much is counted', async () => {
    const folder = newFolder();
    const env = { CANVASOPS_SPOOL_MAX_BYTES: '100000', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '50' };
    const told = await outage(folder, [{ spans: 1000, text: 'x'.repeat(500) }, { wait: 500 }], env);
    const bytes = files(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
    assert.ok(bytes <= 100_000, `${bytes} bytes`);
    const { spooled = 0, exit = 0, queue_full: replaced = 0 } = told.stats.dropped;
    assert.ok(spooled > 0 && spooled < 1000, JSON.stringify(told.stats));
    assert.equal(spooled + exit + replaced, 1000);
    const receiver = await startOtlpReceiver();
    await nextStart(folder, receiver.url);
    assert.equal(receiver.spans().length, spooled + 1);
    await receiver.close();
  });

  it('that do not fit into memory any more are sent when the backend is back', async () => {
    const folder = newFolder();
    const first = await startOtlpReceiver();
    const { port } = first;
    await first.close();
    const back = new Promise<OtlpReceiver>((resolve) => {
      setTimeout(() => resolve(startOtlpReceiver({ port })), 3000);
    });
    const told = await account(
      [{ rate: 1000, ms: 3500 }, { flush: 20_000 }, { wait: 1000 }, { flush: 20_000 }],
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: first.url,
        CANVASOPS_SPOOL_DIR: folder,
        CANVASOPS_MAX_QUEUE_BYTES: '100000',
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '100',
      },
    );
    const receiver = await back;
    const { created, delivered, dropped } = told.stats;
    const { spooled = 0, queue_full: lost = 0 } = dropped;
    assert.ok(spooled > 0, JSON.stringify(told.stats));
    assert.equal(created, delivered + spooled + lost);
    const ids = receiver.spans().map(({ spanId }) => spanId);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids.length, delivered + spooled);
    await receiver.close();
  });
});

describe('kill -9 during an outage', () => {
  it('damages nothing, and loses nothing older than a second', async (context) => {
    const { due, arrived } = await killDuringOutage(10);
    context.diagnostic(
      `10 kills: ${due} spans were older than a second, ${arrived} arrived, all of those among them`,
    );
  });
});
