/**
 * Addons of fixtures that come as source: packages are installed without their scripts, so `build` in a fixture's package.json
 * names those to compile. It is done for each Node that runs them, once, and kept in `.cache/addons`;
 * what uses Node-API is compiled once for all. The result goes where the package `bindings` looks for that very Node.
 */
import { execFile, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { INSTALL_LIMIT_MS } from './npm-packages';
import { fromRoot } from './paths';

const run = promisify(execFile);
const NEEDED = ['make', 'c++', 'python3'];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly build?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
}

const asked = new Map<string, Promise<void>>();

/** Why addons cannot be compiled here; false: they can. */
export function skipWithoutCompiler(): string | false {
  const missing = NEEDED.filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
  return missing.length > 0 && `no ${missing.join(', ')} to compile its addon with`;
}

/**
 * Compiles packages that the fixture in `folder` names for it, and that the command line names.
 * @param folder with its packages installed
 * @param binary the Node that is to run them
 * @param flags of the compiler; tests do without optimising, which takes longer than all else
 */
export async function buildAddons(
  folder: string,
  binary: string,
  words: readonly string[],
  flags = '-O0',
): Promise<void> {
  for (const name of manifestIn(folder).build ?? []) {
    if (!words.includes(name)) continue;
    const key = `${folder} ${name} ${binary}`;
    const answer = asked.get(key) ?? buildAddon(path.join(folder, 'node_modules', name), binary, flags);
    asked.set(key, answer);
    await answer;
  }
}

async function buildAddon(folder: string, binary: string, flags: string): Promise<void> {
  const { stdout } = await run(binary, ['-p', 'process.versions.node']);
  const node = stdout.trim();
  const { name, version, dependencies = {} } = manifestIn(folder);
  const abi = 'node-addon-api' in dependencies ? 'napi' : `node-${node}`;
  const kept = fromRoot('.cache', 'addons', `${name}-${version}-${abi}${flags}`);
  if (!existsSync(kept)) await compile(folder, binary, kept, flags);
  const place = path.join(folder, 'compiled', node, process.platform, process.arch);
  mkdirSync(place, { recursive: true });
  for (const file of readdirSync(kept)) {
    if (existsSync(path.join(place, file))) continue;
    // Whole at once: another process may look for it.
    const aside = path.join(place, `${file}-${process.pid}`);
    copyFileSync(path.join(kept, file), aside);
    renameSync(aside, path.join(place, file));
  }
}

/** Aside, and beside the packages that it needs for it. */
async function compile(folder: string, binary: string, kept: string, flags: string): Promise<void> {
  const aside = mkdtempSync(path.join(modulesOf(folder), '.compiled-'));
  try {
    cpSync(folder, aside, { recursive: true, dereference: true });
    const headers = path.dirname(path.dirname(binary));
    await run(binary, [await nodeGyp(), 'rebuild', '--release', `--nodedir=${headers}`], {
      cwd: aside,
      env: { ...withoutNpmSettings(), CFLAGS: flags, CXXFLAGS: flags },
      timeout: 2 * INSTALL_LIMIT_MS,
      maxBuffer: 2 ** 26,
    });
    const built = path.join(aside, 'build', 'Release');
    const files = readdirSync(built).filter((file) => file.endsWith('.node'));
    const together = path.join(aside, 'addons');
    mkdirSync(together);
    for (const file of files) copyFileSync(path.join(built, file), path.join(together, file));
    mkdirSync(path.dirname(kept), { recursive: true });
    if (!existsSync(kept)) renameSync(together, kept);
  } catch (error) {
    if (existsSync(kept)) return; // another process did it
    const said = String((error as { stderr?: unknown }).stderr ?? error)
      .trim()
      .split('\n')
      .slice(-12)
      .join('\n');
    throw new Error(`The addon of ${path.basename(folder)} cannot be compiled for ${binary}:\n${said}`);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Below `npm run` they are variables, and node-gyp takes `npm_config_nodedir` in the place of its own argument. */
function withoutNpmSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_config_')));
}

function modulesOf(folder: string): string {
  return folder.slice(0, folder.lastIndexOf(`${path.sep}node_modules${path.sep}`) + '/node_modules'.length);
}

/** npm brings it. */
async function nodeGyp(): Promise<string> {
  const { stdout } = await run('npm', ['root', '--global']);
  return path.join(stdout.trim(), 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
}
