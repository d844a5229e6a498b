/** A throw-away Redis. */
import { dataFolder, unprivileged } from './account';
import { findProgram } from './binaries';
import { startDaemon, withFreePort } from './daemon';
import type { Recipe, RunningServer } from './recipe';

export const redis: Recipe = {
  name: 'redis',
  packages: ['redis-server'],
  find() {
    const program = findProgram('redis-server', ['/usr/bin', '/usr/local/bin']);
    return program === undefined ? undefined : () => withFreePort((port) => startRedis(program, port));
  },
};

/** @param own settings beside the usual ones */
export async function startRedis(
  program: string,
  port: number,
  own: Record<string, string> = {},
): Promise<RunningServer> {
  const account = unprivileged('redis');
  const folder = dataFolder('redis', account);
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'no',
    databases: '16',
    ...own,
  };
  const { stop } = await startDaemon({
    command: program,
    args: Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]),
    account,
    folder,
    readyLine: 'Ready to accept connections',
    stopSignal: 'SIGTERM',
  });
  return { url: `redis://127.0.0.1:${port}`, stop };
}
