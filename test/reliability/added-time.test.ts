/**
 * What the end of a program takes longer than without us: the figures that docs/reliability.md promises. Measured from
 * the moment the program begins to end, beside a bare run of the same ending, in turn; medians of several rounds.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RunAppOptions, runApp } from '../helpers/run-app';
import { type Backend, type Health, type Protocol, startBackend } from './endings';
import { endings } from './endings-expected';

const ROUNDS = 3;
/** CANVASOPS_EXIT_TIMEOUT's default. */
const EXIT_TIMEOUT_MS = 500;
const HEALTHY_MS = 100;
const names = ['natural', 'process.exit', 'process.exit, connected', 'throw', 'SIGTERM'];
const kinds: [Protocol, Health][] = [
  ['http', 'healthy'],
  ['grpc', 'healthy'],
  ['http', 'refused'],
  ['http', 'black hole'],
  ['grpc', 'black hole'],
];
const backends: Backend[] = [];

before(async () => {
  for (const [protocol, health] of kinds) backends.push(await startBackend(protocol, health));
});
after(() => Promise.all(backends.map((backend) => backend.close())));

interface Times {
  /** From the start of the process. */
  all: number;
  /** From the moment it begins to end. */
  end: number;
}

async function measure(name: string, env: RunAppOptions['env'] | undefined): Promise<Times> {
  const { signal } = endings[name] ?? {};
  const startedAt = performance.now();
  const app = await runApp({
    entry: 'fixtures/endings/app.cjs',
    args: [name],
    waitFor: 'spawn',
    env: { MARK: '1', ...env },
    ...(env === undefined && { flag: 'none' }),
  });
  await app.waitForOutput(signal === undefined ? 'ending\n' : 'ready\n');
  const endsAt = performance.now();
  if (signal !== undefined) app.child.kill(signal);
  await new Promise((resolve) => app.child.once('exit', resolve));
  return { all: performance.now() - startedAt, end: performance.now() - endsAt };
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

for (const name of names) {
  const inTest = (): Backend[] => (name.endsWith('connected') ? backends.slice(0, 1) : backends);
  test(`${name}: little is added`, async (context) => {
    const bare: Times[] = [];
    const ours = inTest().map((): Times[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await measure(name, undefined));
      for (const [index, backend] of inTest().entries()) ours[index]?.push(await measure(name, backend.env));
    }
    const bareEnd = median(bare.map(({ end }) => end));
    // What an empty program takes on this machine just now: where that is slow, so is everything else.
    const slack = median(bare.map(({ all }) => all));
    for (const [index, { name: backendName, health }] of inTest().entries()) {
      const added = median((ours[index] ?? []).map(({ end }) => end)) - bareEnd;
      context.diagnostic(
        `${name}, ${backendName}: +${added.toFixed(0)} ms (an empty program: ${slack.toFixed(0)} ms)`,
      );
      const limit = Math.max(HEALTHY_MS, 2 * slack) + (health === 'healthy' ? 0 : EXIT_TIMEOUT_MS);
      assert.ok(
        added <= limit,
        `${backendName}: ${added.toFixed(0)} ms added, at most ${limit.toFixed(0)} expected`,
      );
    }
  });
}
