/**
 * The faults of `test/faults`, in the ways in which a part of ours can fail later than at its first call, and on another Node.
 * CI takes one hook of libraries in six for each way, and one in three on the other Node; others than `npm test` has.
 */
import { test } from 'node:test';
import { driveFaults, type Failing } from '../faults/faults';
import { allServers, skipWithout } from '../helpers/needs';

const middle = (calls: number): number => Math.ceil((calls + 1) / 2);
const isShort = process.env.TEST_VERSIONS === 'ends';
const oneIn = (count: number, from: number): Pick<Failing, 'some'> =>
  isShort ? { some: { oneIn: count, from } } : {};

const skip = skipWithout(...allServers);

test('hooks of each library, and every part that spans pass, may throw once, or from half-way on', {
  skip,
}, async (t) => {
  const runs = await driveFaults([
    { name: 'once, at the first call', once: true, ...oneIn(6, 2), from: () => 1 },
    { name: 'once, half-way', once: true, ...oneIn(6, 3), from: middle },
    { name: 'from half-way on', ...oneIn(6, 5), from: middle },
  ]);
  t.diagnostic(`${runs} runs`);
});

test('they may throw at each call on Node 24', { skip }, async (t) => {
  const runs = await driveFaults([{ name: 'at each call', ...oneIn(3, 1), from: () => 1 }], '24');
  t.diagnostic(`${runs} runs`);
});
