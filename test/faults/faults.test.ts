/** Whatever of ours fails, and keeps failing: the program prints, answers and ends as it does without us. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allServers, skipWithout } from '../helpers/needs';
import { driveFaults } from './faults';

test('every part that spans pass, and hooks of each library, may throw at each call', {
  skip: skipWithout(...allServers),
}, async (t) => {
  const from = (): number => 1;
  const runs = await driveFaults([
    // `npm run matrix` has all of them.
    { name: 'at each call', some: { oneIn: 6, from: 0 }, from },
    // The only one that is asked for a promise.
    { name: 'by rejecting', rejects: true, only: 'spans: transport.send', from },
  ]);
  t.diagnostic(`${runs} runs`);
  assert.ok(runs > 80, `only ${runs} points were found`);
});
