/** What passes in the test suites of well-known libraries passes under the preload. They are installed on first use. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { brokenBy, count, installSuite, runSuite, type SuiteRun } from './suite';

const suites: Record<string, readonly string[]> = {
  'pino@10.4.0': ['.test.js', '.test.mjs'],
  'fastify@5.12.8': ['.test.js', '.test.mjs'],
};

describe('the test suite of', { concurrency: 1 }, () => {
  for (const [spec, endings] of Object.entries(suites)) {
    it(spec, async (context) => {
      const folder = await installSuite(spec);
      const bare = await runSuite({ folder, endings });
      const receiver = await startOtlpReceiver();
      const preloaded: SuiteRun = {
        folder,
        endings,
        nodeArgs: ['--import', pathToFileURL(fromRoot('register.mjs')).href],
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
      };
      const ours = await runSuite(preloaded);
      let broken = brokenBy(bare, ours);
      if (broken.size > 0) {
        // Some of these tests measure time, on a machine that does other things: what we break fails each time.
        context.diagnostic(`once more, for ${[...broken.keys()].join('; ')}`);
        const again = brokenBy(bare, await runSuite(preloaded));
        broken = new Map([...broken].filter(([name]) => again.has(name)));
      }
      const spans = receiver.spans().length;
      await receiver.close();
      context.diagnostic(
        `${spec}: ${count(bare, 'pass')} pass without us, ${count(ours, 'pass')} with us, and ${spans} spans`,
      );
      assert.ok(count(bare, 'pass') > 0);
      assert.ok(spans > 0, 'the preload was there');
      assert.deepEqual(Object.fromEntries(broken), {});
    });
  }
});
