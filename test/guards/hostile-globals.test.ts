/** Prototypes, globals and builtins that others have changed, before the preload or after it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oddWorlds } from './hostile-globals';
import { assertUnaffected, unaffected } from './unaffected';

for (const [name, given] of oddWorlds) test(name, unaffected(given));

test('spans have the right times where the app has stopped the clocks before the first of them', async () => {
  const [, given] = oddWorlds.find(([name]) => name === 'a stopped clock, after the preload') ?? [];
  assert.ok(given !== undefined);
  const before = Date.now();
  const { spans } = await assertUnaffected(given);
  for (const { name, startNs, endNs } of spans) {
    const startMs = Number(startNs / 1_000_000n);
    assert.ok(startMs >= before - 1000 && startMs <= Date.now() + 1000, `${name} began at ${startMs}`);
    assert.ok(endNs > startNs, `${name} took no time`);
  }
});
