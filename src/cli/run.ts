/** `canvasops run -- <command>`: runs a command with the preload in its NODE_OPTIONS. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { CommandIo } from './command';

const USAGE = 'Usage: canvasops run -- <command> [arguments]';
/** What a shell says for a command that it cannot find (POSIX, 2.8.2). */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
const SIGNAL_BASE = 128;
const PASSED_ON: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];

/** Exit code and signal are the command's. */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  if (args[0] === '--help') {
    io.stdout(`${USAGE}\nRuns the command, and every Node.js process below it, with tracing.\n`);
    return 0;
  }
  const command = args[0] === '--' ? args.slice(1) : args;
  const [file, ...rest] = command;
  if (file === undefined || (args[0] !== '--' && file.startsWith('-'))) {
    io.stderr(`canvasops run: there is no command to run. ${USAGE}\n`);
    return 2;
  }
  const child = spawn(file, rest, {
    stdio: 'inherit',
    env: { ...io.env, NODE_OPTIONS: nodeOptions(io.env) },
  });
  const passOn = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  for (const signal of PASSED_ON) process.on(signal, passOn);
  return new Promise((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      io.stderr(
        `canvasops run: "${file}" cannot be started (${error.code ?? error.message}); check its name and path.\n`,
      );
      resolve(error.code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE);
    });
    child.on('exit', (code, signal) => {
      for (const name of PASSED_ON) process.removeListener(name, passOn);
      if (signal === null) {
        resolve(code ?? 1);
        return;
      }
      // Ends as the command ended; where the signal does not end us, a shell's code for it does.
      process.kill(process.pid, signal);
      setTimeout(() => resolve(SIGNAL_BASE + constants.signals[signal]), 1000);
    });
  });
}

/**
 * `--require`, because any `--import` makes Node load the main file as an ES module (nodejs/node, `shouldUseESMLoader` in
 * lib/internal/modules/run_main.js). The hooks of ts-node and @swc-node for `require` do not see it there, and the program
 * ends with ERR_UNKNOWN_FILE_EXTENSION. `--require` changes nothing about the main file, is faster, and also reaches
 * workers that are made from a string. Node runs it before the command's own `--require` and `--import` flags.
 */
function nodeOptions(env: CommandIo['env']): string {
  const preload = quoted(join(__dirname, '..', 'register.cjs'));
  const before = env.NODE_OPTIONS ?? '';
  return before.includes(preload) ? before : `${before} --require ${preload}`.trim();
}

/** NODE_OPTIONS is split at blanks; in double quotes, a backslash takes the next character as it is. */
function quoted(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replaceAll(/["\\]/g, '\\$&')}"` : path;
}
