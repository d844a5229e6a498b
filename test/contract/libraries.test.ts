/** Every library with a `library.cjs`: each version that its fixture installs, on the Node that runs the tests. */
import { describe, test } from 'node:test';
import { skipWithout } from '../helpers/needs';
import { assertConcurrent, assertSameOutput, assertSpans, findLibraries, newestAndOldest } from './libraries';

for (const library of findLibraries()) {
  const skip = library.server === undefined ? false : skipWithout(library.server);
  // Those between the newest and the oldest are in the matrix.
  for (const version of newestAndOldest(library)) {
    describe(version, { skip, concurrency: 1 }, () => {
      for (const form of ['cjs', 'mjs'] as const) {
        test(`${form}: the spans of each route`, () => assertSpans({ library, version, form }));
      }
      for (const requests of [5, 50]) {
        test(`${requests} requests at once`, () =>
          assertConcurrent({ library, version, form: 'cjs' }, requests));
      }
      test('the app sees what it sees without us', () =>
        assertSameOutput({ library, version }, 'behaviour.cjs'));
      test('arguments of every kind', () => assertSameOutput({ library, version }, 'hostile.cjs'));
    });
  }
}
