/** The newest version of every library with a `library.cjs`, on the Node that runs the tests; the others are in the matrix. */
import { findLibraries, newestOf } from './libraries';
import { describeLibrary } from './library-tests';

for (const library of findLibraries()) describeLibrary(library, newestOf(library));
