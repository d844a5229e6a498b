/** Runs a real app in a real child process under the real flag, and talks to it over HTTP. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';
import { installFor } from './fixtures';
import { type HttpAnswer, type HttpRequest, httpRequest } from './http-request';
import { type NodeVersion, nodeBinary } from './node-versions';
import { fromRoot } from './paths';
import { killWhenWeAreGone } from './watchdog';

export type Flag = '--import' | '--require' | 'NODE_OPTIONS' | 'none';

export interface RunAppOptions {
  /** Relative to the repository's root: `fixtures/express-pg/app.mjs`. */
  entry: string;
  args?: string[];
  /** All that the child gets, besides PATH and the like; undefined values are left out. */
  env?: Record<string, string | undefined>;
  /** The Node that runs the tests unless told. */
  node?: NodeVersion;
  /** `--import` unless told. */
  flag?: Flag;
  /** Before the entry. */
  nodeArgs?: string[];
  /** The entry's folder unless told. */
  cwd?: string;
  /** Shorthand for an OTLP/HTTP receiver's address, with batches sent at once. */
  otlp?: string;
  /** `listening` (default): resolves when the app prints `listening <port>`; `spawn`: at once. */
  waitFor?: 'listening' | 'spawn';
  /** The child is killed after this, whatever it does. */
  boundMs?: number;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningApp {
  readonly pid: number;
  /** 0 for an app that does not listen. */
  readonly port: number;
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly child: ChildProcess;
  /** Resolves when the process is gone and its output is read to the end; never rejects. */
  readonly exit: Promise<Exit>;
  stdout(): string;
  stderr(): string;
  /** Resolves as soon as stdout or stderr contains the text. */
  waitForOutput(text: string): Promise<void>;
  get(path: string, headers?: Record<string, string>): Promise<HttpAnswer>;
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** SIGTERM unless told, then SIGKILL if the app does not end. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
}

const passedOn = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'TZ'];
const alive = new Set<ChildProcess>();

// Only in a test process; elsewhere importing node:test's hooks would start a test report.
if (process.env.NODE_TEST_CONTEXT !== undefined) after(killAll);
process.on('exit', killAll);

function killAll(): void {
  for (const child of alive) child.kill('SIGKILL');
}

export async function runApp(options: RunAppOptions): Promise<RunningApp> {
  const app = new App(await start(options), options.boundMs ?? 90_000);
  if ((options.waitFor ?? 'listening') === 'listening') await app.listening();
  return app;
}

/** For programs that do their work and end. */
export async function runToExit(options: RunAppOptions): Promise<Exit & { stdout: string; stderr: string }> {
  const app = await runApp({ ...options, waitFor: 'spawn' });
  return { ...(await app.exit), stdout: app.stdout(), stderr: app.stderr() };
}

async function start(options: RunAppOptions): Promise<ChildProcess> {
  const entry = fromRoot(options.entry);
  const nodeArgs = options.nodeArgs ?? [];
  const args = options.args ?? [];
  const binary = options.node === undefined ? process.execPath : await nodeBinary(options.node);
  await installFor(binary, entry, ...nodeArgs, ...args);
  const flag = options.flag ?? '--import';
  // How long a connection takes is not the same twice: no test is to have a span for it unless it asks for one.
  const env: Record<string, string> = { PORT: '0', CANVASOPS_DB_CONNECTION_WAIT: '600000' };
  for (const name of passedOn) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  if (options.otlp !== undefined) {
    env.OTEL_EXPORTER_OTLP_ENDPOINT = options.otlp;
    env.OTEL_BSP_SCHEDULE_DELAY = '50';
  }
  for (const [name, value] of Object.entries(options.env ?? {})) if (value !== undefined) env[name] = value;
  const preload =
    flag === '--require' ? fromRoot('register.cjs') : pathToFileURL(fromRoot('register.mjs')).href;
  if (flag === 'NODE_OPTIONS') env.NODE_OPTIONS = `${env.NODE_OPTIONS ?? ''} --import ${preload}`.trim();
  const flags = flag === '--import' || flag === '--require' ? [flag, preload] : [];
  return spawn(binary, [...flags, ...nodeArgs, entry, ...args], {
    cwd: options.cwd === undefined ? path.dirname(entry) : fromRoot(options.cwd),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

class App implements RunningApp {
  readonly exit: Promise<Exit>;
  port = 0;
  private out = '';
  private err = '';
  private ended: Exit | undefined;
  private readonly lookers = new Set<() => void>();

  constructor(
    readonly child: ChildProcess,
    boundMs: number,
  ) {
    alive.add(child);
    const callOff = child.pid === undefined ? () => undefined : killWhenWeAreGone(child.pid, 'SIGKILL');
    const bound = setTimeout(() => {
      this.err += `\n[killed by the test: still running after ${boundMs} ms]\n`;
      child.kill('SIGKILL');
    }, boundMs);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
      this.look();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
      this.look();
    });
    child.once('exit', () => {
      clearTimeout(bound);
      callOff();
      alive.delete(child);
      // A grandchild may hold the pipes open long after the app itself is gone.
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, 3_000).unref();
    });
    this.exit = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        this.ended = exit;
        this.look();
        resolve(exit);
      };
      child.once('close', (code, signal) => end({ code, signal }));
      child.once('error', (error) => {
        clearTimeout(bound);
        this.err += error.message;
        if (child.pid === undefined) end({ code: null, signal: null });
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  stdout(): string {
    return this.out;
  }

  stderr(): string {
    return this.err;
  }

  async listening(): Promise<void> {
    const pattern = /^listening (\d+)$/m;
    await this.waitUntil(() => pattern.test(this.out), 'it printed "listening <port>"');
    this.port = Number(pattern.exec(this.out)?.[1]);
  }

  waitForOutput(text: string): Promise<void> {
    return this.waitUntil(() => this.out.includes(text) || this.err.includes(text), `it printed "${text}"`);
  }

  get(pathAndQuery: string, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    return this.request({ path: pathAndQuery, headers });
  }

  request(request: HttpRequest): Promise<HttpAnswer> {
    return httpRequest(this.port, request);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (this.ended !== undefined) return this.ended;
    this.child.kill(signal);
    const harder = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    const exit = await this.exit;
    clearTimeout(harder);
    return exit;
  }

  private look(): void {
    for (const looker of [...this.lookers]) looker();
  }

  private waitUntil(done: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const looker = (): void => {
        if (!done() && this.ended === undefined) return;
        this.lookers.delete(looker);
        if (done()) resolve();
        else
          reject(
            new Error(
              `the app ended (${this.ended?.signal ?? this.ended?.code}) before ${what}\n${this.err}`,
            ),
          );
      };
      this.lookers.add(looker);
      looker();
    });
  }
}
