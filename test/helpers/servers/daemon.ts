/** Starts a server program, waits until it says that it is ready, and ends it by pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { killWhenWeAreGone } from '../watchdog';
import type { Account } from './account';

export interface DaemonOptions {
  command: string;
  args: string[];
  account: Account | undefined;
  /** Removed at the end. */
  folder: string;
  /** What the server prints once it takes connections. */
  readyLine: string;
  stopSignal: NodeJS.Signals;
}

export interface Daemon {
  stop(): Promise<void>;
}

const startBoundMs = 60_000;
const stopBoundMs = 10_000;

export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const child = spawn(options.command, options.args, {
    ...options.account,
    cwd: options.folder,
    env: { PATH: process.env.PATH, LC_ALL: 'C', HOME: options.folder, TMPDIR: options.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Out of our process group: on Ctrl-C the tests end first, then the servers.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const { pid } = child;
  const callOff = pid === undefined ? () => undefined : killWhenWeAreGone(pid, 'SIGKILL', options.folder);
  const stop = async (): Promise<void> => {
    child.ref();
    child.kill(options.stopSignal);
    const harder = setTimeout(() => child.kill('SIGKILL'), stopBoundMs);
    await ended;
    clearTimeout(harder);
    callOff();
    rmSync(options.folder, { recursive: true, force: true });
  };
  try {
    await ready(child, options.readyLine);
  } catch (error) {
    if (pid !== undefined) await stop();
    throw error;
  }
  // From here on the server must not keep the runner alive.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref();
  return { stop };
}

function ready(child: ChildProcess, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`${why}: ${log.trim().split('\n').slice(-5).join(' | ') || 'it printed nothing'}`));
    };
    const timer = setTimeout(() => fail('the server did not get ready'), startBoundMs);
    const onOutput = (chunk: Buffer): void => {
      log = (log + chunk.toString()).slice(-20_000);
      if (!log.includes(line)) return;
      clearTimeout(timer);
      resolve();
    };
    // The streams stay in flowing mode afterwards: a server whose pipe fills up stands still.
    child.stdout?.on('data', onOutput);
    child.stderr?.on('data', onOutput);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`the server ended with ${signal ?? code}`));
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Between asking for a free port and using it somebody else may take it, so a start gets three tries. */
export async function withFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}
