/** The faults of `test/faults`, in the ways in which a part of ours can fail later than at its first call. */
import { test } from 'node:test';
import { driveFaults, type Failing } from '../faults/faults';
import { allServers, skipWithout } from '../helpers/needs';

const middle = (calls: number): number => Math.ceil((calls + 1) / 2);

const ways: readonly Failing[] = [
  { name: 'once, at the first call', once: true, some: { oneIn: 3, from: 1 }, from: () => 1 },
  { name: 'once, half-way', once: true, some: { oneIn: 3, from: 2 }, from: middle },
  { name: 'from half-way on', some: { oneIn: 3, from: 0 }, from: middle },
];

const skip = skipWithout(...allServers);

for (const way of ways) {
  test(`hooks of each library, and every part that spans pass, may throw ${way.name}`, { skip }, async () => {
    await driveFaults([way]);
  });
}

test('every hook may throw at each call on Node 24', { skip }, async () => {
  await driveFaults([{ name: 'at each call', from: () => 1 }], '24');
});
