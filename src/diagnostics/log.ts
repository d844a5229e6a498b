/** Writes log lines to stderr, each with the prefix `[canvasops] `. Nothing here writes to stdout or throws. */
import fs from 'node:fs';
import type { LogLevel } from '../config/types';
import { redactText } from '../redaction/text/free-text';
import { cutText } from '../text/cut';

const STDERR = 2;
const PREFIX = '[canvasops] ';
const MAX_LINE_CHARS = 2000;
/** Writing to a non-blocking pipe fails with EAGAIN while its reader is slow. After this many attempts the line is dropped. */
const MAX_WRITES = 5;
const SEVERITY: Record<LogLevel, number> = { none: 0, error: 1, warn: 2, info: 3, debug: 4 };

/** Taken when this file is loaded, because apps mock `fs` later. */
const { writeSync } = fs;

/** Writes log lines of at least one severity. Its methods never throw. */
export interface Log {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

/**
 * Writes to the file descriptor of stderr, synchronously.
 *
 * `process.stderr` is not used. When stderr is closed, that stream emits an 'error' that nobody handles, and the app
 * ends. In a worker thread it writes only when the main thread runs.
 *
 * @param text Written as it is; a rest that the reader does not take in time is dropped.
 */
export function writeToStderr(text: string): void {
  let bytes: Uint8Array = Buffer.from(text);
  for (let i = 0; i < MAX_WRITES && bytes.length > 0; i++) {
    try {
      bytes = bytes.subarray(writeSync(STDERR, bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}

/**
 * Makes one line of text from outside, which may contain line ends and terminal sequences.
 *
 * @returns The first 2,000 characters, with a space in the place of each control character.
 */
export function singleLine(text: string): string {
  const line = cutText(text, MAX_LINE_CHARS);
  let clean = '';
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    clean += code < 0x20 || (code >= 0x7f && code <= 0x9f) ? ' ' : line[i];
  }
  return clean;
}

/** Redacts the message, because errors of exporters, hosted instrumentations and backends can contain secrets. */
function write(message: string): void {
  try {
    writeToStderr(`${PREFIX}${singleLine(redactText(message))}\n`);
  } catch {
    // The app has removed parts of the language. A message that cannot be redacted is not written.
  }
}

function silent(): void {}

/**
 * @param level Messages below this severity are dropped.
 * @returns A log that writes to stderr.
 */
export function createLog(level: LogLevel): Log {
  const limit = SEVERITY[level];
  return {
    error: limit >= SEVERITY.error ? write : silent,
    warn: limit >= SEVERITY.warn ? write : silent,
    info: limit >= SEVERITY.info ? write : silent,
    debug: limit >= SEVERITY.debug ? write : silent,
  };
}
