/** The only voice of the preload: single lines on stderr, `[canvasops] …`. Never stdout, never an exception. */
import fs from 'node:fs';
import type { LogLevel } from '../config/types';
import { redactText } from '../redaction/text/free-text';
import { cutText } from '../text/cut';
import type { Log } from './types';

const STDERR = 2;
const PREFIX = '[canvasops] ';
const MAX_LINE_CHARS = 2000;
/** A non-blocking pipe whose reader is slow says EAGAIN; a lost line beats a blocked app. */
const MAX_WRITES = 5;
const SEVERITY: Record<LogLevel, number> = { none: 0, error: 1, warn: 2, info: 3, debug: 4 };

/** As it was when we were loaded: apps mock `fs`. */
const { writeSync } = fs;

/**
 * Writes to the descriptor and not to `process.stderr`: a closed stderr makes that stream emit an 'error'
 * which nobody handles, and so would end the app; and in a worker thread it needs the main thread's help.
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

/** What a backend or an error says may hold line ends and terminal sequences: each control character becomes a space. */
export function singleLine(text: string): string {
  const line = cutText(text, MAX_LINE_CHARS);
  let clean = '';
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    clean += code < 0x20 || (code >= 0x7f && code <= 0x9f) ? ' ' : line[i];
  }
  return clean;
}

/** Exporters, hosted instrumentations and backends say what they like in their errors. */
function write(message: string): void {
  try {
    writeToStderr(`${PREFIX}${singleLine(redactText(message))}\n`);
  } catch {
    // An app that has taken parts of the language away; what cannot be made safe is not said.
  }
}

function silent(): void {}

export function createLog(level: LogLevel): Log {
  const limit = SEVERITY[level];
  return {
    error: limit >= SEVERITY.error ? write : silent,
    warn: limit >= SEVERITY.warn ? write : silent,
    info: limit >= SEVERITY.info ? write : silent,
    debug: limit >= SEVERITY.debug ? write : silent,
  };
}
