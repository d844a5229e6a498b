/** The packages of a committed manifest, installed into `.cache/` when somebody first needs them. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fromRoot } from '../helpers/paths';

const run = promisify(execFile);

/** Scripts are not run, so packages with native code cannot be loaded: their errors are compared as well. */
const options = ['--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', '--no-workspaces'];

export interface InstalledPackages {
  readonly folder: string;
  readonly names: string[];
}

export async function installPackages(manifestFile: string): Promise<InstalledPackages> {
  const text = readFileSync(fromRoot(manifestFile), 'utf8');
  const manifest = JSON.parse(text) as { name: string; dependencies: Record<string, string> };
  const folder = fromRoot('.cache', manifest.name);
  const done = path.join(folder, 'installed.json');
  if (textOf(done) !== text) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), text);
    // Under npm its own settings are in the environment, and they name this repository's folder.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
    await run('npm', ['install', ...options], { cwd: folder, env, timeout: 10 * 60_000, maxBuffer: 1e8 });
    writeFileSync(done, text);
  }
  copyFileSync(fromRoot('fixtures/transparency/import-there.mjs'), path.join(folder, 'import-there.mjs'));
  return { folder, names: Object.keys(manifest.dependencies) };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
