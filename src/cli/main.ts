#!/usr/bin/env node
/** `canvasops`: finds the command, and is the one place that ends the process. */
import { VERSION } from '../version';
import { checkConfig } from './check-config';
import type { Command, CommandIo } from './command';
import { run } from './run';
import { test } from './test';

const USAGE = `canvasops ${VERSION}: tracing for Node.js

Usage: canvasops <command>

  check-config [--all] [--json]   what is wrong, what is set, and where spans go
  test [--json]                   sends one test trace to every destination and shows their answers
  run -- <command>                runs a command, and every Node.js process below it, with tracing

Each command explains itself with --help.
`;

const COMMANDS: Readonly<Record<string, Command>> = { 'check-config': checkConfig, run, test };

async function main(args: readonly string[]): Promise<number> {
  const io: CommandIo = {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    env: process.env,
    cwd: process.cwd(),
    stdoutIsTTY: process.stdout.isTTY === true,
  };
  const [name = '', ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    io.stdout(USAGE);
    return 0;
  }
  if (name === '--version' || name === '-v') {
    io.stdout(`${VERSION}\n`);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const what = name === '' ? 'a command is missing' : `there is no command "${name}"`;
    io.stderr(`canvasops: ${what}; \`canvasops --help\` lists the commands.\n`);
    return 2;
  }
  return command(rest, io);
}

main(process.argv.slice(2)).then(
  (code) => {
    // Not at once: output into a pipe is still on its way.
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`canvasops: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
