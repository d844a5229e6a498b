/**
 * Packages of fixtures. A folder with a `package-lock.json` has its own packages, which are installed when the first
 * program in it is run: into `.cache/installed/<folder>-<hash of the lock>`, to which `node_modules` in the folder is a
 * link. `require` and `import` find them there as they would in any project.
 *
 * Test files run at the same time, in several processes. Each install is made aside and renamed into its place, and the
 * link is replaced by a rename, so nobody sees half of either.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildAddons } from './native-addons';
import { INSTALL_LIMIT_MS, runNpm } from './npm-packages';
import { fromRoot, repoRoot } from './paths';

const MODULES = 'node_modules';
const LOCK = 'package-lock.json';
/** Not called `fixtures`: stack traces are searched for that name, and packages are none. */
const INSTALLED = '.cache/installed';
/** Followed by the id of the process that works in it. */
const ASIDE = 'aside-';
const POLL_MS = 100;

const asked = new Map<string, Promise<void>>();

/**
 * Installs what the programs among `words` need, unless it is there already.
 * @param words files as paths or `file:` URLs, relative to the repository's root unless absolute; whatever else stands in
 *   a command line is passed over
 * @throws an error that names the folder, why its packages cannot be installed, and what to do
 */
export async function installFixtures(...words: readonly string[]): Promise<void> {
  await installFor(process.execPath, ...words);
}

/** The same for another Node, which matters to what is compiled. @param binary its path */
export async function installFor(binary: string, ...words: readonly string[]): Promise<void> {
  const folders = new Set(words.flatMap(lockedFolders));
  await Promise.all(
    [...folders].map(async (folder) => {
      let answer = asked.get(folder);
      if (answer === undefined) {
        answer = installFolder(folder);
        asked.set(folder, answer);
      }
      await answer;
      await buildAddons(folder, binary, words);
    }),
  );
}

/** Folders below `fixtures/`, and the benchmark's, whose package.json names packages; relative to the root. */
export function fixtureFolders(): string[] {
  const below = (folder: string): string[] => [
    ...(hasDependencies(folder) ? [folder] : []),
    ...readdirSync(fromRoot(folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== MODULES)
      .flatMap(({ name }) => below(`${folder}/${name}`)),
  ];
  return ['fixtures', 'bench'].flatMap(below).sort();
}

function hasDependencies(folder: string): boolean {
  const manifest = fromRoot(folder, 'package.json');
  if (!existsSync(manifest)) return false;
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies?: object };
  return Object.keys(dependencies).length > 0;
}

/** The folders with a lock of their own that a file is in, without the repository's root. */
function lockedFolders(word: string): string[] {
  const file = word.startsWith('file:') ? fileURLToPath(word) : fromRoot(word);
  const inside = path.relative(repoRoot, file).split(path.sep);
  if (inside[0] === '..' || inside[0] === '.cache' || inside.includes(MODULES)) return [];
  return inside
    .slice(0, -1)
    .map((_, index) => fromRoot(...inside.slice(0, index + 1)))
    .filter((folder) => existsSync(path.join(folder, LOCK)));
}

/**
 * Installs the packages of one folder, and links them into it.
 * @param folder absolute, below the repository's root, with a `package-lock.json`
 * @throws as `installFixtures`
 */
export async function installFolder(folder: string): Promise<void> {
  const name = path.relative(repoRoot, folder).split(path.sep).join('-');
  const hash = createHash('sha256')
    .update(readFileSync(path.join(folder, LOCK)))
    .digest('hex')
    .slice(0, 16);
  const place = fromRoot(INSTALLED, `${name}-${hash}`);
  try {
    mkdirSync(fromRoot(INSTALLED), { recursive: true });
    await inOneProcess(place, () => installInto(place, folder));
    link(folder, path.join(place, MODULES));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const shown = path.relative(repoRoot, folder);
    throw new Error(
      `The packages of ${shown} cannot be installed: ${why}. To see all that npm says, run "npm ci --ignore-scripts" in that folder; if ${LOCK} does not fit its package.json, run "npm run lock -- ${shown}".`,
    );
  }
  removeOthers(name, hash);
}

async function installInto(place: string, folder: string): Promise<void> {
  const aside = makeAside();
  try {
    for (const file of ['package.json', LOCK]) copyFileSync(path.join(folder, file), path.join(aside, file));
    await installLocked(aside);
    mkdirSync(path.join(aside, MODULES), { recursive: true }); // npm makes none where there are no packages
    if (!existsSync(place)) renameSync(aside, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** What npm's cache knows of a package is not asked for again: fixtures share many packages. */
async function installLocked(folder: string): Promise<void> {
  const args = ['ci', '--prefix', folder];
  try {
    await runNpm(folder, [...args, '--prefer-offline']);
  } catch (error) {
    // The lock names a version that is newer than what the cache knows.
    if (!String(error).includes('ETARGET')) throw error;
    await runNpm(folder, args);
  }
}

/** Saves work, no more: two processes that install the same at once would both succeed. */
async function inOneProcess(place: string, work: () => Promise<void>): Promise<void> {
  const claim = `${place}.pid`;
  const until = Date.now() + INSTALL_LIMIT_MS;
  while (!existsSync(place)) {
    if (!isClaimed(claim) || Date.now() > until) {
      try {
        return await work();
      } finally {
        rmSync(claim, { force: true });
      }
    }
    await sleep(POLL_MS);
  }
}

/** Whether another process, which is still running, was first. */
function isClaimed(claim: string): boolean {
  try {
    writeFileSync(claim, String(process.pid), { flag: 'wx' });
    return false;
  } catch {
    // The next look takes it.
    if (!isRunning(textOf(claim))) rmSync(claim, { force: true });
    return true;
  }
}

/** @param pid as text; '' is taken for running, as a claim is empty for a moment */
function isRunning(pid: string): boolean {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function makeAside(): string {
  return mkdtempSync(fromRoot(INSTALLED, `${ASIDE}${process.pid}-`));
}

function link(folder: string, target: string): void {
  const place = path.join(folder, MODULES);
  const wanted = path.relative(folder, target);
  if (targetOf(place) === wanted) return;
  const aside = makeAside();
  try {
    const fresh = path.join(aside, 'link');
    symlinkSync(wanted, fresh, 'dir');
    if (isFolder(place)) moveAway(place, path.join(aside, 'folder'));
    renameSync(fresh, place);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** As it is after an `npm install` by hand. No link can replace it. */
function isFolder(place: string): boolean {
  return lstatSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function moveAway(place: string, to: string): void {
  try {
    renameSync(place, to);
  } catch (error) {
    if (isFolder(place)) throw error; // otherwise another process did it
  }
}

function targetOf(place: string): string | undefined {
  try {
    return readlinkSync(place);
  } catch {
    return undefined;
  }
}

/** What earlier locks of the same folder installed, and what processes left that were killed. */
function removeOthers(name: string, hash: string): void {
  const mine = new RegExp(`^${name.replaceAll('.', '\\.')}-[0-9a-f]{16}$`);
  for (const entry of readdirSync(fromRoot(INSTALLED))) {
    const isOld = mine.test(entry) && entry !== `${name}-${hash}`;
    const isLeft = entry.startsWith(ASIDE) && !isRunning(entry.split('-')[1] ?? '');
    if (isOld || isLeft) rmSync(fromRoot(INSTALLED, entry), { recursive: true, force: true });
  }
}
