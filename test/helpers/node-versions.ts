/** Node binaries of other lines, from their npm packages, kept in `.cache/`. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fromRoot } from './paths';

export type NodeVersion = '20' | '22' | '24' | '26';

const run = promisify(execFile);
const asked = new Map<string, Promise<string>>();

/** Path of the newest Node of that line. Installs it on first use; fails with a sentence when it cannot. */
export function nodeBinary(version: NodeVersion): Promise<string> {
  let answer = asked.get(version);
  if (answer === undefined) {
    answer = findOrInstall(version);
    asked.set(version, answer);
  }
  return answer;
}

async function findOrInstall(version: NodeVersion): Promise<string> {
  const given = process.env[`TEST_NODE_${version}`];
  if (given) return given;
  if (isRunning(version)) return process.execPath;
  const binary = cached(version);
  if (!existsSync(binary)) await install(version);
  const actual = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
  if (!actual.startsWith(`v${version}.`)) throw new Error(`${binary} is Node ${actual}, not ${version}`);
  return binary;
}

function isRunning(version: NodeVersion): boolean {
  return process.versions.node.split('.')[0] === version;
}

const packageName = `node-${process.platform}-${process.arch}`;

function cached(version: NodeVersion): string {
  return path.join(fromRoot('.cache', `node-${version}`), 'node_modules', packageName, 'bin', 'node');
}

/** Test files run at the same time: each installs aside, and the first one to finish moves its copy in. */
async function install(version: NodeVersion): Promise<void> {
  mkdirSync(fromRoot('.cache'), { recursive: true });
  const aside = mkdtempSync(fromRoot('.cache', `node-${version}-`));
  try {
    const options = [
      '--prefix',
      aside,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-save',
      '--no-workspaces',
    ];
    // Under `npm test` npm leaves its own settings in the environment, and they name this package's folder.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
    const args = ['install', ...options, `${packageName}@${version}`];
    await run('npm', args, { cwd: aside, env, timeout: 5 * 60_000 });
    if (!existsSync(cached(version))) renameSync(aside, fromRoot('.cache', `node-${version}`));
  } catch (error) {
    if (existsSync(cached(version))) return;
    const why = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    throw new Error(`Node ${version} is not here (set TEST_NODE_${version} to one): ${why}`);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
