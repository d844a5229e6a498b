/** Installs Debian packages, where that is possible. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isRoot } from './account';
import { findProgram } from './binaries';

const run = promisify(execFile);
// RUNLEVEL=1 keeps the packages from starting services: we start what we need, and end it.
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', LC_ALL: 'C' };
const boundMs = 5 * 60_000;

export function canInstall(): boolean {
  return isRoot() && findProgram('apt-get', ['/usr/bin']) !== undefined;
}

/** The lock's time-out covers somebody else installing something at the same time. */
export async function install(packages: readonly string[]): Promise<void> {
  const options = ['-o', 'DPkg::Lock::Timeout=240', '-qq'];
  await run('apt-get', [...options, 'update'], { env, timeout: boundMs });
  await run('apt-get', [...options, 'install', '-y', '--no-install-recommends', ...packages], {
    env,
    timeout: boundMs,
  });
}
