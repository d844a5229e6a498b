/** A throw-away memcached. */
import { dataFolder, unprivileged } from './account';
import { findProgram } from './binaries';
import { startDaemon, withFreePort } from './daemon';
import type { Recipe, RunningServer } from './recipe';

export const memcached: Recipe = {
  name: 'memcached',
  packages: ['memcached'],
  find() {
    const program = findProgram('memcached', ['/usr/bin', '/usr/local/bin']);
    return program === undefined ? undefined : () => withFreePort((port) => start(program, port));
  },
};

async function start(program: string, port: number): Promise<RunningServer> {
  const account = unprivileged('memcache');
  const { stop } = await startDaemon({
    command: program,
    // -vv makes it say that it listens; -U 0 is no UDP.
    args: ['-vv', '-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '32'],
    account,
    folder: dataFolder('memcached', account),
    readyLine: 'server listening',
    stopSignal: 'SIGTERM',
  });
  return { url: `memcached://127.0.0.1:${port}`, stop };
}
