/** Reads the `.env` file. Nothing is put into `process.env` and nothing is printed. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { quote } from './display';
import { problem } from './problem';
import type { Problem } from './types';

export interface EnvFile {
  readonly file?: { readonly path: string; readonly values: Readonly<Record<string, string>> };
  readonly problem?: Problem;
}

/** A settings file is a page of text; whatever is larger is not one, and would hold up the start. */
const MOST_BYTES = 1024 * 1024;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

/** Windows PowerShell writes UTF-16 when told to `echo ... > .env`. */
function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  return bytes.toString('utf8', start);
}

/** `named` is the value of CANVASOPS_ENV_FILE; without it, `.env` in `cwd` is read if there is one. */
export function readEnvFile(named: string | undefined, cwd: string): EnvFile {
  const path = resolve(cwd, named ?? '.env');
  const complain = (what: string): EnvFile => ({
    problem:
      named === undefined
        ? problem(
            'ENV_FILE_SKIPPED',
            '',
            `${quote(path)} ${what}, so it is not read.`,
            'Name the right file with CANVASOPS_ENV_FILE, or ignore this.',
          )
        : problem(
            'ENV_FILE_UNREADABLE',
            'CANVASOPS_ENV_FILE',
            `${quote(path)} ${what}.`,
            'Correct the path in CANVASOPS_ENV_FILE, or remove the variable.',
          ),
  });
  let bytes: Buffer;
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return named === undefined ? {} : complain('does not exist');
    if (stats.isDirectory()) return complain('is a directory');
    // Reading a named pipe would wait for its writer, and take from the app what it was meant to read.
    if (!stats.isFile()) return complain('is not a regular file');
    if (stats.size > MOST_BYTES) return complain('is larger than 1 MiB');
    bytes = readFileSync(path);
  } catch (error) {
    // Under --permission, looking whether there is one is refused already; most likely there is none.
    if (named === undefined && codeOf(error) === 'ERR_ACCESS_DENIED') return {};
    return complain(`cannot be read (${quote(codeOf(error))})`);
  }
  // Required only now, so that a program without a .env file never loads it.
  const { parse } = require('dotenv') as typeof import('dotenv');
  // dotenv's scanner instead of its regular expression, which takes seconds for a file of blank lines (60 kB: 11 s).
  return { file: { path, values: parse(decode(bytes), { fast: true }) } };
}
