/** Every version of every library that has a `library.cjs`, on every line of Node that the tests do not run on. */
import { describe, test } from 'node:test';
import {
  assertConcurrent,
  assertSameOutput,
  assertSpans,
  findLibraries,
  newestAndOldest,
} from '../contract/libraries';
import { skipWithout } from '../helpers/needs';

const otherNodes = ['22', '24', '26'] as const;

for (const library of findLibraries()) {
  const skip = library.server === undefined ? false : skipWithout(library.server);
  const tested = newestAndOldest(library);
  for (const version of library.versions) {
    // What `npm test` has run on its own Node is not repeated on it.
    const nodes = tested.includes(version) ? otherNodes : [undefined, ...otherNodes];
    for (const node of nodes) {
      describe(`${version}, Node ${node ?? process.version}`, { skip, concurrency: 1 }, () => {
        for (const form of ['cjs', 'mjs'] as const)
          test(`${form}: the spans of each route`, () => assertSpans({ library, version, form, node }));
        test('50 requests at once', () => assertConcurrent({ library, version, form: 'mjs', node }, 50));
        test('the app sees what it sees without us', () =>
          assertSameOutput({ library, version, node }, 'behaviour.cjs'));
        test('arguments of every kind', () => assertSameOutput({ library, version, node }, 'hostile.cjs'));
      });
    }
  }
}
