/** Pools stop their threads by `worker.terminate()`, between two tasks or when they are closed: no span is lost by it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { installPackages } from '../helpers/npm-packages';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';

const TASKS = 200;

describe('threads of piscina', { concurrency: 1 }, () => {
  let modules = '';
  let receiver: OtlpReceiver;
  before(async () => {
    modules = await installPackages('guard-pools', ['piscina@5', 'jest-worker@30', 'pino@10']);
    receiver = await startOtlpReceiver();
  });
  after(() => receiver.close());

  for (const node of ['20', '22', '24', '26'] as const) {
    for (const end of ['destroy', 'idle', 'exit']) {
      it(`Node ${node}: every span of every task arrives, once (${end})`, async () => {
        receiver.clear();
        const env = {
          MODULES: modules,
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          CANVASOPS_LOG_LEVEL: 'info',
          CANVASOPS_EXIT_TIMEOUT: '10000',
        };
        const { code, stdout, stderr } = await runToExit({
          entry: 'fixtures/endings/pool.cjs',
          args: [end, String(TASKS)],
          env,
          node,
        });
        assert.deepEqual([code, stdout], [0, `${TASKS} tasks\n`], stderr);
        const spans = await receiver.waitForSpans(2 * TASKS);
        const names = Array.from({ length: TASKS }, (_, i) => [`task ${i}`, `step ${i}`]).flat();
        assert.deepEqual(spans.map(({ name }) => name).sort(), names.sort());
      });
    }
  }
});
