/**
 * The hint that a bundler copied known libraries into the program, where nobody sees them load. Loaded at level debug only.
 *
 * What tells is the path of a library's file: bundlers write it into comments and names of modules, and, where they
 * minify, into the source map. A minified bundle without a source map says nothing, so nothing is said of it.
 */
import { readFileSync, statSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { RegistryEntry } from '../instrumentations/define';

/** A program that its author wrote is smaller; more would hold up the start for too long. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Looks at the program once it has begun to run, and tells what it found in one line.
 *
 * @param entries The libraries that are traced.
 * @param debug Writes the line.
 */
export function hintAtBundledCopies(
  entries: readonly RegistryEntry[],
  debug: (message: string) => void,
): void {
  const file = process.argv[1];
  if (file === undefined || !isMainThread) return;
  setImmediate(() => {
    const packages = copiesIn(file, entries);
    if (packages.length === 0) return;
    debug(
      `${file} has copies of ${packages.join(', ')} in it, which a bundler put there. What is not loaded as a file of its own is not patched, so its spans may be missing; keep these packages external in the bundler's settings`,
    );
  }).unref();
}

/** The packages whose files are part of the program, by their npm names. */
function copiesIn(file: string, entries: readonly RegistryEntry[]): string[] {
  const texts = [contentOf(file), contentOf(`${file}.map`)].filter((text) => text !== undefined);
  const found = new Set<string>();
  for (const { packages } of entries) {
    for (const { package: name, files, esm = {} } of packages) {
      if (
        [files, esm]
          .flatMap((parts) => Object.values(parts).flat())
          .some((path) => texts.some((text) => text.includes(`node_modules/${name}/${path}`)))
      ) {
        found.add(name);
      }
    }
  }
  return [...found];
}

function contentOf(file: string): Buffer | undefined {
  try {
    const stats = statSync(file);
    return stats.isFile() && stats.size <= MOST_BYTES ? readFileSync(file) : undefined;
  } catch {
    // No such file: a folder's name, a name without its extension, or no source map.
    return undefined;
  }
}
