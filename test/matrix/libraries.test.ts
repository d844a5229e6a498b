/** Every version of every library that has a `library.cjs`, on every line of Node. */
import { findLibraries, newestOf, nodeFor } from '../contract/libraries';
import { describeLibrary } from '../contract/library-tests';

for (const library of findLibraries()) {
  for (const version of library.versions) {
    // What `npm test` runs on its own Node is not repeated on it.
    const isNewest = version === newestOf(library);
    if (!isNewest) describeLibrary(library, version);
    for (const node of ['22', '24', '26'] as const)
      if (!isNewest || node !== nodeFor(library, version)) describeLibrary(library, version, node);
  }
}
