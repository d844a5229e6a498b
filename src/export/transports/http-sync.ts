/**
 * One request over a connection that is open and idle, while the event loop does not turn: straight on its file
 * descriptor. For the end of a process, where the other way, a worker thread, costs some 60 ms before it sends the
 * first byte. Only without TLS, whose state nobody outside of the socket has, and not on Windows, where sockets have no
 * descriptors.
 */

import fs from 'node:fs';
import { performance } from 'node:perf_hooks';
import { type Answer, AnswerReader, MAX_ANSWER_BYTES } from './http/response';

/** As they were when this file was loaded: apps mock `fs`. */
const { readSync, writeSync } = fs;

const POLL_MS = 1;

/** undefined: the connection cannot be used, and the backend has not got the request. */
export type Outcome = Answer | 'no answer in time' | undefined;

/** `head`: the request's lines and headers, without the empty line at its end. */
export function exchangeNow(fd: number, head: string, body: Buffer, timeoutMs: number): Outcome {
  const deadline = performance.now() + timeoutMs;
  try {
    const request = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
    for (let at = 0; at < request.length; ) {
      const written = unlessBusy(() => writeSync(fd, request, at));
      if (written !== undefined) at += written;
      else if (!pause(deadline)) return undefined; // not a whole request: the backend cannot take it
    }
    return readNow(fd, deadline);
  } catch {
    return undefined; // closed meanwhile
  }
}

function readNow(fd: number, deadline: number): Outcome {
  const room = Buffer.alloc(MAX_ANSWER_BYTES);
  const reader = new AnswerReader();
  for (;;) {
    const { size } = reader;
    const read = unlessBusy(() => readSync(fd, room, size, room.length - size, null));
    if (read === undefined) {
      if (!pause(deadline)) return 'no answer in time';
      continue;
    }
    reader.add(room.subarray(size, size + read));
    const answer = reader.read(read === 0);
    if (answer !== undefined) return answer;
    if (read === 0) return undefined;
  }
}

/** Whether there is nothing to read of a connection, not even its end. */
export function isIdle(fd: number): boolean {
  try {
    return unlessBusy(() => readSync(fd, Buffer.alloc(1), 0, 1, null)) === undefined;
  } catch {
    return false;
  }
}

function unlessBusy(call: () => number): number | undefined {
  try {
    return call();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

function pause(deadline: number): boolean {
  if (performance.now() >= deadline) return false;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  return true;
}
