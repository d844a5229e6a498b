/** Runs any command line of Node to its end, with what it reads from stdin. */
import { spawn } from 'node:child_process';
import { installFixtures } from './fixtures';
import { killWhenWeAreGone } from './watchdog';

export interface CommandLine {
  binary: string;
  args: readonly string[];
  /** All that the child gets, besides PATH and the like. */
  env?: Readonly<Record<string, string>>;
  cwd: string;
  /** Written to stdin, which is then closed. */
  input?: string;
  /** After this the child is killed, and the promise rejected. */
  boundMs?: number;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

const passedOn = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'TZ'];

export async function runNode(command: CommandLine): Promise<Ended> {
  await installFixtures(...command.args);
  return runInstalled(command);
}

function runInstalled({ binary, args, env, cwd, input, boundMs = 60_000 }: CommandLine): Promise<Ended> {
  const basic = Object.fromEntries(
    passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  ) as Record<string, string>;
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { cwd, env: { ...basic, ...env }, stdio: 'pipe' });
    const callOff = child.pid === undefined ? () => undefined : killWhenWeAreGone(child.pid, 'SIGKILL');
    const output = { stdout: '', stderr: '' };
    const bound = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(`still running after ${boundMs} ms: ${args.join(' ')}\n${output.stdout}${output.stderr}`),
      );
    }, boundMs);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    }
    child.stdin.on('error', () => undefined); // who does not read does not care
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(bound);
      callOff();
      resolve({ code, signal, ...output });
    });
  });
}
