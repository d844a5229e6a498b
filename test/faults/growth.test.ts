/** Nothing of ours stays on a connection, in the heap or in the event loop. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runToExit } from '../helpers/run-app';

/** What a heap that is collected differs by from one measurement to the next, and per what was added between them. */
const TOLERANCE = 512 * 1024;

interface Left {
  readonly heap: readonly number[];
  readonly created: number;
  readonly open: number;
}

test('10,000 requests over one connection and 2,000 connections leave nothing behind', async () => {
  const receiver = await startOtlpReceiver();
  const run = { entry: 'fixtures/programs/sockets.cjs', nodeArgs: ['--expose-gc'] };
  const bare = await runToExit({ ...run, flag: 'none' });
  const traced = await runToExit({ ...run, otlp: receiver.url });
  await receiver.close();
  assert.deepEqual([traced.code, traced.stderr], [0, bare.stderr]);
  const [seenBare, seen] = [bare, traced].map(({ stdout }) => stdout.split('\n')[0] ?? '');
  // Own properties and listeners of both ends, after 100 and after all requests; handles at rest; global names.
  assert.deepEqual(JSON.parse(seen ?? ''), JSON.parse(seenBare ?? ''));

  const { heap, created, open } = JSON.parse(traced.stdout.split('\n')[1] ?? '') as Left;
  const [half = 0, all = 0, halfSockets = 0, allSockets = 0] = heap;
  assert.ok(all - half < TOLERANCE, `5,000 requests more: ${all - half} bytes more`);
  assert.ok(
    allSockets - halfSockets < TOLERANCE,
    `1,000 connections more: ${allSockets - halfSockets} bytes more`,
  );
  // A span on either side.
  assert.deepEqual({ created, open }, { created: 24_000, open: 0 });
  assert.equal(receiver.spans().length, created);
});
