/** Packages that only some tests need, installed on first use and kept in `.cache/`. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fromRoot } from './paths';

const run = promisify(execFile);
const STAMP = 'installed.json';

/**
 * `specs` are names with versions. Returns the `node_modules` folder; another list under the same name replaces it.
 * Test files run at the same time: each installs aside, and the first one to finish moves its copy in.
 */
export async function installPackages(name: string, specs: readonly string[]): Promise<string> {
  const place = fromRoot('.cache', name);
  const wanted = JSON.stringify(specs);
  if (isThere(place, wanted)) return path.join(place, 'node_modules');
  mkdirSync(fromRoot('.cache'), { recursive: true });
  const aside = mkdtempSync(fromRoot('.cache', `${name}-`));
  try {
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--no-workspaces'];
    // Under `npm test` npm leaves its own settings in the environment, and they name this package's folder.
    const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('npm_')));
    const args = ['install', '--prefix', aside, ...options, ...specs];
    await run('npm', args, { cwd: aside, env, timeout: 5 * 60_000 });
    writeFileSync(path.join(aside, STAMP), wanted);
    if (!isThere(place, wanted)) {
      rmSync(place, { recursive: true, force: true });
      renameSync(aside, place);
    }
  } catch (error) {
    if (!isThere(place, wanted)) {
      const why = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
      throw new Error(`${specs.join(' ')} cannot be installed: ${why}`);
    }
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return path.join(place, 'node_modules');
}

function isThere(place: string, wanted: string): boolean {
  const stamp = path.join(place, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}
