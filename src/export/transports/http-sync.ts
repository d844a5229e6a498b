/**
 * Sends one request while the event loop does not turn, over a connection that is open and idle, on its file descriptor.
 * It is used at the end of a process. The alternative, a worker thread, takes some 60 ms before it sends the first byte.
 * It cannot be used with TLS, because only the socket knows the state of its encryption. It cannot be used on Windows,
 * where sockets have no descriptors.
 */
import fs from 'node:fs';
import { performance } from 'node:perf_hooks';
import { type Answer, AnswerReader, MAX_ANSWER_BYTES } from './http/response';

/** Taken when this file is loaded, because apps mock `fs` later. */
const { readSync, writeSync } = fs;

const POLL_MS = 1;

/** It is undefined where the connection cannot be used, and the backend has not got the request. */
export type Outcome = Answer | 'no answer in time' | undefined;

/**
 * @param fd Descriptor of the connection.
 * @param head The request's lines and headers, without the empty line at the end.
 * @param timeoutMs Limit in milliseconds.
 */
export function exchangeSync(fd: number, head: string, body: Buffer, timeoutMs: number): Outcome {
  const deadline = performance.now() + timeoutMs;
  try {
    const request = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
    for (let at = 0; at < request.length; ) {
      const written = unlessBusy(() => writeSync(fd, request, at));
      if (written !== undefined) at += written;
      else if (!pause(deadline)) return undefined; // The request is incomplete, so the backend cannot process it.
    }
    return readSyncUntil(fd, deadline);
  } catch {
    return undefined; // The connection was closed meanwhile.
  }
}

function readSyncUntil(fd: number, deadline: number): Outcome {
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

/** @returns Whether there is nothing to read from the connection, not even its end. */
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
