import { gzip, gzipSync } from 'node:zlib';

/** A smaller request fits into one packet without compression. */
const MIN_BYTES = 1024;
/** The fastest level. Spans repeat so much that it compresses nearly as well as the best level. */
const LEVEL = 1;

/**
 * @param size In bytes.
 * @returns Whether compression saves packets.
 */
export function isWorthGzip(size: number): boolean {
  return size >= MIN_BYTES;
}

/** Compresses in a thread of Node's pool. */
export function gzipped(bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gzip(bytes, { level: LEVEL }, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}

/** Compresses on this thread, at the end of the process. */
export function gzippedSync(bytes: Uint8Array): Buffer {
  return gzipSync(bytes, { level: LEVEL });
}
