/** bluebird seen from outside: a callback runs in the request that gave it, and the app notices nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Flag, runToExit } from '../helpers/run-app';
import { assertOwnRequest, folderOf, versions } from './bluebird-harness';

for (const version of versions) {
  test(`callbacks run in the request that gave them, ${version}`, () =>
    assertOwnRequest({ versions: [version] }));
}

test('callbacks run in the request that gave them, beside a list of libraries to trace', () =>
  assertOwnRequest({ versions: ['3.7.2'], env: { CANVASOPS_INSTRUMENTATIONS_ENABLED: 'http' } }));

for (const options of ['cancellation', 'longStackTraces', 'asyncHooks', 'copy', 'scheduler']) {
  test(`callbacks run in the request that gave them, with ${options}`, () =>
    assertOwnRequest({ versions: ['3.7.2'], options }));
}

test('callbacks run in the request that gave them, several bluebirds in one program', () =>
  assertOwnRequest({ versions: ['2.0.2', '2.11.0', '3.0.0', '3.7.2'] }));

test('callbacks run in the request that gave them, bluebird loaded before the preload', () =>
  assertOwnRequest({ versions: ['2.11.0', '3.7.2'], before: true }));

/** Before 2.9 the stack of an error that a coroutine throws has frames of ours: docs/decisions/0015. */
for (const version of versions.filter((each) => each !== '2.0.2' && each !== '2.8.2')) {
  for (const debug of ['0', '1']) {
    const title = `bluebird ${version}, BLUEBIRD_DEBUG=${debug}`;
    test(`a program sees the same as without us, ${title}`, async () => {
      const run = await behaviourOf(version, debug, []);
      assertSame(await run({ flag: '--require' }), await run({ flag: 'none' }));
    });

    // What else of ours is in a request is in both runs.
    test(`a request sees the same as without bluebird being watched, ${title}`, async () => {
      const run = await behaviourOf(version, debug, ['request']);
      const bare = await run({ env: { CANVASOPS_INSTRUMENTATIONS_DISABLED: 'bluebird' } });
      assertSame(await run({}), bare);
    });
  }
}

type Observed = Awaited<ReturnType<typeof runToExit>>;

async function behaviourOf(
  version: string,
  debug: string,
  args: string[],
): Promise<(options: { flag?: Flag; env?: Record<string, string> }) => Promise<Observed>> {
  const env = { BLUEBIRD: await folderOf(version), BLUEBIRD_DEBUG: debug, OTEL_TRACES_EXPORTER: 'none' };
  return (options) =>
    runToExit({
      entry: 'fixtures/bluebird/behaviour.cjs',
      args,
      ...options,
      env: { ...env, ...options.env },
    });
}

function assertSame(actual: Observed, expected: Observed): void {
  assert.match(expected.stdout, /store after delay/, expected.stderr);
  assert.equal(withoutAlias(actual.stdout), withoutAlias(expected.stdout));
  assert.equal(actual.stderr, expected.stderr);
  assert.deepEqual([actual.code, actual.signal], [expected.code, expected.signal]);
}

/** In the traces that bluebird keeps for itself, V8 does not find the name of a method that is an accessor. */
function withoutAlias(text: string): string {
  return text.replaceAll(' [as _captureStackTrace]', '');
}
