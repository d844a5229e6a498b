/** From the path of a loaded file to the registry line that wants it. Runs for every file the app loads. */
import { readFileSync } from 'node:fs';
import type { LoadedFile, PackageTarget, PartNames, RegistryEntry } from '../instrumentations/define';

export interface Target {
  readonly entry: RegistryEntry;
  readonly target: PackageTarget;
  /** Name of the file in the entry. */
  readonly part: string;
}

const FOLDER = 'node_modules';

/** What a target is looked at for. */
export type FileKind = 'files' | 'esm';

export class TargetIndex {
  /** By npm name; a package may be hooked for several entries. */
  private readonly byPackage = new Map<string, Omit<Target, 'part'>[]>();
  /**
   * Paths of files by which a package is known under another name, as npm's aliases give it; see {@link aliased}. Made when
   * the first file of another package is looked at: a program without packages starts without it.
   */
  private telling: ReadonlySet<string> | undefined;
  /** By folder: the package's own name. */
  private readonly names = new Map<string, string>();

  constructor(
    entries: readonly RegistryEntry[],
    private readonly kind: FileKind = 'files',
  ) {
    for (const entry of entries) {
      for (const target of entry.packages) {
        if (!(kind in target)) continue;
        const known = this.byPackage.get(target.package);
        if (known === undefined) this.byPackage.set(target.package, [{ entry, target }]);
        else known.push({ entry, target });
      }
    }
  }

  /** Every entry that names this file, with the package's folder. Usually none, and found out in one search. */
  find(filename: string): { targets: Target[]; path: PackagePath } | undefined {
    let path = splitPackagePath(filename);
    if (path === undefined) return undefined;
    if (!this.byPackage.has(path.package) && this.isTelling(path.file)) path = this.aliased(path);
    const known = this.byPackage.get(path.package);
    if (known === undefined) return undefined;
    const targets: Target[] = [];
    for (const { entry, target } of known) {
      const part = partOf(target[this.kind], path.file);
      if (part !== undefined) targets.push({ entry, target, part });
    }
    return targets.length === 0 ? undefined : { targets, path };
  }

  private isTelling(file: string): boolean {
    this.telling ??= new Set(
      [...this.byPackage.values()]
        .flatMap((known) => known.flatMap(({ target }) => Object.values(target[this.kind] ?? {}).flat()))
        .filter((path) => path !== 'index.js'),
    );
    return this.telling.has(file);
  }

  /**
   * `"express-4": "npm:express@4"` lies in a folder of the alias' name. The package.json is read only where a file has the
   * path of one that is wanted, and not for `index.js`, which every package has.
   */
  private aliased(path: PackagePath): PackagePath {
    let name = this.names.get(path.folder);
    if (name === undefined) {
      name = manifestText(path.folder, 'name');
      this.names.set(path.folder, name);
    }
    return this.byPackage.has(name) ? { ...path, package: name } : path;
  }
}

function partOf(files: PartNames | undefined, file: string): string | undefined {
  if (files === undefined) return undefined;
  for (const part in files) if (files[part]?.includes(file)) return part;
  return undefined;
}

export interface PackagePath {
  readonly package: string;
  readonly folder: string;
  /** Inside the package, with `/`. */
  readonly file: string;
}

/** `/a/node_modules/@s/p/lib/x.js` -> `@s/p`, its folder, `lib/x.js`. Also below pnpm's and Yarn PnP's folders. */
export function splitPackagePath(filename: string): PackagePath | undefined {
  // A folder may be called `node_modules_old` or `my-node_modules`: then one further out counts.
  let at = filename.lastIndexOf(FOLDER);
  while (at > 0 && !isWholeFolder(filename, at)) at = filename.lastIndexOf(FOLDER, at - 1);
  if (at < 1) return undefined;
  const separator = filename.charAt(at - 1);
  const start = at + FOLDER.length + 1;
  let end = filename.indexOf(separator, start);
  if (end < 0) return undefined;
  if (filename[start] === '@') {
    end = filename.indexOf(separator, end + 1);
    if (end < 0) return undefined;
  }
  const inPackage = filename.slice(end + 1);
  const name = filename.slice(start, end);
  return {
    package: separator === '/' ? name : name.split(separator).join('/'),
    folder: filename.slice(0, end),
    file: separator === '/' ? inPackage : inPackage.split(separator).join('/'),
  };
}

function isWholeFolder(filename: string, at: number): boolean {
  const separator = filename[at - 1];
  return (separator === '/' || separator === '\\') && filename[at + FOLDER.length] === separator;
}

/** The version is '' where the package.json cannot be read (bundled or hidden: then nothing is patched). */
export function describeFile(path: PackagePath): LoadedFile {
  return { package: path.package, version: installedVersion(path.folder), file: path.file };
}

/** @returns '' where it cannot be told */
export function installedVersion(folder: string): string {
  return manifestText(folder, 'version');
}

function manifestText(folder: string, field: 'name' | 'version'): string {
  try {
    const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Record<string, unknown>;
    const text = manifest[field];
    return typeof text === 'string' ? text : '';
  } catch {
    return '';
  }
}

/** Whether what an entry says of a file is for its version. */
export function fits({ target }: Target, { version }: LoadedFile): boolean {
  return inRange(version, target.versions);
}

/** Whether the entry has files for that version of the package, be it others than the loaded one. */
export function isKnown({ packages }: RegistryEntry, { package: name, version }: LoadedFile): boolean {
  return packages.some((target) => target.package === name && inRange(version, target.versions));
}

/** What is said of a file whose version is left alone. */
export function outOfRange({ entry }: Target, { package: name, version }: LoadedFile): string {
  const lost =
    entry.kind === 'context' ? 'spans below its callbacks may be under another request' : 'no spans from it';
  const ranges = entry.packages.filter((each) => each.package === name).map(({ versions }) => versions);
  return `${name} ${version || '(unknown version)'} is outside the supported range ${ranges.join(' || ')}: ${lost}`;
}

/**
 * Whether `version` satisfies `range` (comparators `>=`, `>`, `<`, `<=`, `=`; blanks mean and, `||` means or).
 * Prereleases count as their release, since a beta of a supported major is better traced than not.
 */
export function inRange(version: string, range: string): boolean {
  const actual = parseVersion(version);
  if (actual === undefined) return false;
  return range.split('||').some((alternative) =>
    alternative
      .trim()
      .split(' ')
      .filter((comparator) => comparator !== '')
      .every((comparator) => holds(actual, comparator)),
  );
}

type Version = readonly [number, number, number];

function parseVersion(text: string): Version | undefined {
  const [core = ''] = text.split(/[-+]/, 1);
  const [major, minor = 0, patch = 0] = core
    .split('.')
    .map((part) => (part === '' ? Number.NaN : Number(part)));
  if (major === undefined || [major, minor, patch].some(Number.isNaN)) return undefined;
  return [major, minor, patch];
}

function holds(actual: Version, comparator: string): boolean {
  const digits = comparator.search(/\d/);
  const bound = digits < 0 ? undefined : parseVersion(comparator.slice(digits));
  if (bound === undefined) return false;
  const order = actual[0] - bound[0] || actual[1] - bound[1] || actual[2] - bound[2];
  switch (comparator.slice(0, digits)) {
    case '>=':
      return order >= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '':
    case '=':
      return order === 0;
    default:
      return false;
  }
}
