/** Every library with a `library.cjs`: its newest and its oldest version, on the Node that runs the tests. */
import { findLibraries, newestAndOldest } from './libraries';
import { describeLibrary } from './library-tests';

// Those between the newest and the oldest are in the matrix.
for (const library of findLibraries())
  for (const version of newestAndOldest(library)) describeLibrary(library, version);
