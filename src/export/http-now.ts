/**
 * One request over a connection that is open and idle, while the event loop does not turn: straight on its file
 * descriptor. For the end of a process, where the other way, a worker thread, costs some 60 ms before it sends the
 * first byte. Only without TLS, whose state nobody outside of the socket has, and not on Windows, where sockets have no
 * descriptors.
 */

import fs from 'node:fs';
import type http from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** As they were when this file was loaded: apps mock `fs`. */
const { readSync, writeSync } = fs;

const POLL_MS = 1;
const MAX_ANSWER_BYTES = 64 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

export interface Answer {
  readonly statusCode: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** undefined: the connection cannot be used, and the backend has not got the request. */
export type Outcome = Answer | 'no answer in time' | undefined;

export function idleDescriptor(agent: http.Agent): number | undefined {
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) {
      const fd = (socket as Socket & { _handle?: { fd?: unknown } })._handle?.fd;
      if (typeof fd === 'number' && fd > 2 && !socket.destroyed && isOpen(fd)) return fd;
    }
  }
  return undefined;
}

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
  let size = 0;
  for (;;) {
    const read = unlessBusy(() => readSync(fd, room, size, room.length - size, null));
    if (read === undefined) {
      if (!pause(deadline)) return 'no answer in time';
      continue;
    }
    size += read;
    const bytes = room.subarray(0, size);
    const answer = parse(bytes, read === 0 || size === room.length);
    if (answer !== undefined) return answer;
    if (read === 0) return undefined;
  }
}

/** undefined: there is more to come. `isAll`: but it will not come, or not be read. */
function parse(bytes: Buffer, isAll: boolean): Answer | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const statusCode = Number(statusLine.split(' ')[1]);
  if (!statusLine.startsWith('HTTP/1.') || !Number.isInteger(statusCode)) return undefined;
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const body = bytes.subarray(headEnd + HEAD_END.length);
  const length = headers['content-length'];
  if (length !== undefined && body.length >= Number(length)) return { statusCode, headers, body };
  if (statusCode === 204) return { statusCode, headers, body: Buffer.alloc(0) };
  const isChunked = headers['transfer-encoding'] === 'chunked';
  if (isChunked && body.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) {
    return { statusCode, headers, body: unchunked(body) };
  }
  // The status decides; only what it says beside that is incomplete.
  return isAll ? { statusCode, headers, body: Buffer.alloc(0) } : undefined;
}

function unchunked(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    if (lineEnd === -1 || !(size > 0)) return Buffer.concat(chunks);
    chunks.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}

/** Nothing to read, not even the end. */
function isOpen(fd: number): boolean {
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
