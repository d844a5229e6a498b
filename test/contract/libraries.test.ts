/** The newest version of every library with a `library.cjs`, on the Node that runs the tests; the others are in the matrix. */
import { findLibraries, newestOf, nodeFor } from './libraries';
import { describeLibrary } from './library-tests';

for (const library of findLibraries()) {
  const version = newestOf(library);
  describeLibrary(library, version, { node: nodeFor(library, version), isQuick: true });
}
