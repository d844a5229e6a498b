/**
 * A throw-away server that speaks the protocol of MongoDB. No package registry has MongoDB itself, so where there is no
 * `mongod` it is FerretDB with SQLite inside, which is built with Go where the machine has none. FerretDB has sessions, but
 * neither transactions nor change streams.
 */
import { existsSync } from 'node:fs';
import { fromRoot } from '../paths';
import { dataFolder } from './account';
import { findProgram } from './binaries';
import { startDaemon, withFreePort } from './daemon';
import { buildGoProgram } from './go';
import type { Recipe, RunningServer } from './recipe';

const VERSION = 'v1.24.2';
const built = fromRoot('.cache/servers', `ferretdb-${VERSION}`);

export const mongodb: Recipe = {
  name: 'mongodb',
  packages: [],
  remedy: 'install mongod, ferretdb 1 or Go 1.24',
  find() {
    const mongod = findProgram('mongod', ['/usr/bin', '/usr/local/bin']);
    if (mongod !== undefined) return () => withFreePort((port) => startMongod(mongod, port));
    const ferretdb = findProgram('ferretdb', ['/usr/bin', '/usr/local/bin']) ?? (existsSync(built) && built);
    return ferretdb ? () => withFreePort((port) => startFerretdb(ferretdb, port)) : undefined;
  },
  build: () =>
    buildGoProgram({
      module: 'github.com/FerretDB/FerretDB',
      version: VERSION,
      program: './cmd/ferretdb',
      // The module's archive lacks it, and the program does not start without it.
      files: { 'build/version/version.txt': `${VERSION}\n` },
      output: built,
    }),
};

async function startMongod(command: string, port: number): Promise<RunningServer> {
  const folder = dataFolder('mongodb', undefined);
  return start(port, folder, 'Waiting for connections', command, [
    `--dbpath=${folder}`,
    `--port=${port}`,
    '--bind_ip=127.0.0.1',
    '--nounixsocket',
  ]);
}

async function startFerretdb(command: string, port: number): Promise<RunningServer> {
  const folder = dataFolder('mongodb', undefined);
  return start(port, folder, 'Listening on TCP', command, [
    '--handler=sqlite',
    `--sqlite-url=file:${folder}/`,
    `--listen-addr=127.0.0.1:${port}`,
    '--debug-addr=-',
    '--telemetry=disable',
    '--state-dir=-',
  ]);
}

async function start(
  port: number,
  folder: string,
  readyLine: string,
  command: string,
  args: string[],
): Promise<RunningServer> {
  const { stop } = await startDaemon({
    command,
    args,
    account: undefined,
    folder,
    readyLine,
    stopSignal: 'SIGTERM',
  });
  return { url: `mongodb://127.0.0.1:${port}/test`, stop };
}
