/** Node binaries of other lines, from their npm packages, kept in `.cache/`. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { installPackages } from './npm-packages';

/** The lines that are supported, and some that are too old. */
export type NodeVersion = '14' | '16' | '18' | '20' | '22' | '24' | '26';

export const SUPPORTED_LINES = ['20', '22', '24', '26'] as const satisfies readonly NodeVersion[];

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
  const binary = path.join(await install(version), packageName, 'bin', 'node');
  const actual = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
  if (!actual.startsWith(`v${version}.`)) throw new Error(`${binary} is Node ${actual}, not ${version}`);
  return binary;
}

export function isRunning(version: NodeVersion): boolean {
  return process.versions.node.split('.')[0] === version;
}

const packageName = `node-${process.platform}-${process.arch}`;

async function install(version: NodeVersion): Promise<string> {
  try {
    return await installPackages(`node-${version}`, [`${packageName}@${version}`]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Node ${version} is not here (set TEST_NODE_${version} to one): ${why}`);
  }
}
