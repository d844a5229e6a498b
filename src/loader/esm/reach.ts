/**
 * Whether the app can load a library that is hooked as ES modules. A hook of Node's module loader is felt by every file
 * of the app, and below some versions of Node costs a thread; programs that have no such library get none.
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PackageTarget, RegistryEntry } from '../../instrumentations/define';
import { inRange, installedVersion, isKnown } from '../match';
import { IS_WORKER_THREAD } from '../node-features';

/** Where pnpm and Bun lay out what only dependencies depend on. */
const STORES = ['.pnpm/node_modules', '.bun/node_modules'];

/**
 * Looks for the packages by folder. Never throws.
 * @param entries the libraries that are traced
 * @param script the program as Node was told it; undefined where there is none
 * @returns the entries with ES modules of which a package is installed, at or above the script or the working directory
 */
export function entriesInReach(
  entries: readonly RegistryEntry[],
  script: string | undefined,
): readonly RegistryEntry[] {
  // A thread that runs hooks of the app, where `--require` is heeded as well: there is no program in it.
  if (IS_WORKER_THREAD && script === undefined) return [];
  const candidates = entries.filter(({ packages }) => packages.some((target) => 'esm' in target));
  // Yarn PnP has no folders to look at.
  if (candidates.length === 0 || process.versions.pnp !== undefined) return candidates;
  const folders = modulesFolders(script);
  return candidates.filter((entry) =>
    entry.packages.some(
      (target) =>
        'esm' in target && folders.some((folder) => isWanted(join(folder, target.package), entry, target)),
    ),
  );
}

/**
 * A version that the entry takes without ES modules needs no hook: p-limit 3 is below the tools of most projects. One that it
 * does not know is hooked, to be told of.
 */
function isWanted(folder: string, entry: RegistryEntry, { package: name, versions }: PackageTarget): boolean {
  if (!isThere(folder)) return false;
  const version = installedVersion(folder);
  return inRange(version, versions) || !isKnown(entry, { package: name, version, file: '' });
}

function modulesFolders(script: string | undefined): string[] {
  const starts = [script === undefined ? undefined : dirname(script), realFolder(script), workingFolder()];
  const folders = new Set<string>();
  for (const start of starts) {
    let folder = start;
    while (folder !== undefined && !folders.has(folder)) {
      folders.add(folder);
      folder = dirname(folder);
    }
  }
  return [...folders]
    .map((folder) => join(folder, 'node_modules'))
    .filter(isThere)
    .flatMap((folder) => [folder, ...STORES.map((store) => join(folder, store)).filter(isThere)]);
}

/** `existsSync` throws where `--permission` does not let the folder be read. */
function isThere(folder: string): boolean {
  try {
    return existsSync(folder);
  } catch {
    return false;
  }
}

/** A command in `node_modules/.bin` is a link. */
function realFolder(script: string | undefined): string | undefined {
  try {
    return script === undefined ? undefined : dirname(realpathSync.native(script));
  } catch {
    return undefined; // named without its extension
  }
}

function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined; // removed
  }
}
