/** Every version of every library that has a `library.cjs`, on every line of Node. */
import { findLibraries, newestOf } from '../contract/libraries';
import { describeLibrary } from '../contract/library-tests';

for (const library of findLibraries()) {
  for (const version of library.versions) {
    // What `npm test` runs on its own Node is not repeated on it.
    if (version !== newestOf(library)) describeLibrary(library, version);
    for (const node of ['22', '24', '26'] as const) describeLibrary(library, version, node);
  }
}
