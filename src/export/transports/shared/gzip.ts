import { gzip, gzipSync } from 'node:zlib';

/** Below this, a request is not smaller in packets. */
const MIN_BYTES = 1024;
/** Spans repeat themselves so much that the fastest level does nearly as well as the best. */
const LEVEL = 1;

export function isWorthGzip(bytes: Uint8Array): boolean {
  return bytes.length >= MIN_BYTES;
}

/** In a thread of the pool. */
export function gzipped(bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gzip(bytes, { level: LEVEL }, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}

/** On this thread, for the end of the process. */
export function gzippedNow(bytes: Uint8Array): Buffer {
  return gzipSync(bytes, { level: LEVEL });
}
