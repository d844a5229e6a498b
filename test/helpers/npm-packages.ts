/** Packages that only some tests need, installed on first use and kept in `.cache/`. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fromRoot } from './paths';

const run = promisify(execFile);
const STAMP = 'installed.json';
export const INSTALL_LIMIT_MS = 5 * 60_000;

/** The user's settings that say how a registry is reached, and where npm keeps what it fetched. */
const PASSED_ON =
  /^npm_config_(cache|registry|userconfig|globalconfig|ca|cafile|strict_ssl|(prefer_)?offline|.*proxy)$/i;

/** Under `npm test` npm leaves its own settings in the environment, and they name this package's folder. */
function npmEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^npm_/i.test(key) || PASSED_ON.test(key)),
  );
}

/**
 * Runs npm without scripts, in a folder that has no part in this repository's workspaces.
 * @throws an error whose message is what npm said, in one line
 */
export async function runNpm(folder: string, args: readonly string[]): Promise<void> {
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-workspaces'];
  try {
    await run('npm', [...args, ...options], {
      cwd: folder,
      env: npmEnvironment(),
      timeout: INSTALL_LIMIT_MS,
      maxBuffer: 2 ** 24,
    });
  } catch (error) {
    throw new Error(reasonOf(error));
  }
}

/** npm writes several lines, of which the last one only names a log file. */
function reasonOf(error: unknown): string {
  const { killed, message, stderr } = error as { killed?: boolean; message: string; stderr?: string };
  if (killed) return `npm was still busy after ${INSTALL_LIMIT_MS / 60_000} minutes`;
  const said = (stderr ?? '').split('\n').flatMap((line) => {
    const text = /^npm (?:error|ERR!) (.*\S)/.exec(line)?.[1];
    return text === undefined || text.startsWith('A complete log') ? [] : [text];
  });
  return said.length > 0 ? said.slice(0, 5).join(', ') : message.trim();
}

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
    await runNpm(aside, ['install', '--prefix', aside, '--no-save', ...specs]);
    writeFileSync(path.join(aside, STAMP), wanted);
    if (!isThere(place, wanted)) {
      rmSync(place, { recursive: true, force: true });
      renameSync(aside, place);
    }
  } catch (error) {
    if (!isThere(place, wanted)) {
      const why = error instanceof Error ? error.message : String(error);
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
