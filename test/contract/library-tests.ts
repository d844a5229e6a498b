/** The tests of one version of a library on one version of Node. */
import { describe, test } from 'node:test';
import type { NodeVersion } from '../helpers/node-versions';
import { assertSameOutput, type Library, skipVersion } from './libraries';
import { assertConcurrent, assertSpans } from './library-databases';
import { assertRequests } from './library-frameworks';

/** @param node the one that runs the tests unless told */
export function describeLibrary(library: Library, version: string, node?: NodeVersion): void {
  const skip = skipVersion(library, version, node);
  const named = version.startsWith(library.name) ? version : `${library.name} ${version}`;
  const title = library.server === undefined ? named : `${named} (${library.server})`;
  describe(node === undefined ? title : `${title}, Node ${node}`, { skip, concurrency: 1 }, () => {
    const subject = { library, version, node };
    for (const form of ['cjs', 'mjs'] as const) {
      if (library.kind === 'framework')
        test(`${form}: the span of each request`, () => assertRequests({ ...subject, form }, 5));
      else test(`${form}: the spans of each route`, () => assertSpans({ ...subject, form }));
    }
    if (library.kind !== 'framework') {
      for (const requests of [5, 50])
        test(`${requests} requests at once`, () => assertConcurrent({ ...subject, form: 'cjs' }, requests));
      test('arguments of every kind', () => assertSameOutput(subject, 'hostile.cjs'));
    }
    test('the app sees what it sees without us', () => assertSameOutput(subject, 'behaviour.cjs'));
  });
}
