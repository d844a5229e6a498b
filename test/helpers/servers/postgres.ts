/** A throw-away PostgreSQL. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { dataFolder, unprivileged } from './account';
import { findPrograms, versionedFolders } from './binaries';
import { startDaemon, withFreePort } from './daemon';
import type { Recipe, RunningServer } from './recipe';

export const postgres: Recipe = {
  name: 'postgres',
  packages: ['postgresql'],
  find() {
    const folders = versionedFolders('/usr/lib/postgresql', 'bin');
    const programs = findPrograms(['initdb', 'postgres'], folders);
    return programs && (() => withFreePort((port) => start(programs, port)));
  },
};

async function start(programs: { initdb: string; postgres: string }, port: number): Promise<RunningServer> {
  const account = unprivileged('postgres');
  const folder = dataFolder('postgres', account);
  const data = path.join(folder, 'data');
  const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(programs.initdb, init, { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '200',
    shared_buffers: '32MB',
  };
  const { stop } = await startDaemon({
    command: programs.postgres,
    args: [
      '-D',
      data,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ],
    account,
    folder,
    readyLine: 'database system is ready to accept connections',
    // "Fast shutdown": SIGTERM would wait for clients that a failed test left behind.
    stopSignal: 'SIGINT',
  });
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop };
}
