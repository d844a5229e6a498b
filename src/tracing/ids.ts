/** Random trace and span ids, in lower-case hex. */

const POOL_BYTES = 4096;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

export const INVALID_TRACE_ID = '00000000000000000000000000000000';
export const INVALID_SPAN_ID = '0000000000000000';

let pool: Buffer | undefined;
let position = POOL_BYTES;
let fill: (buffer: Buffer) => void;

function refill(): Buffer {
  if (pool === undefined) {
    // Loading node:crypto costs about 5 ms, so it waits for the first span.
    const crypto = require('node:crypto') as typeof import('node:crypto');
    fill = crypto.randomFillSync;
    pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  }
  fill(pool);
  position = 0;
  return pool;
}

function randomHex(bytes: number): string {
  const from = position + bytes > POOL_BYTES || pool === undefined ? refill() : pool;
  const start = position;
  position = start + bytes;
  return from.toString('hex', start, position);
}

/** All 16 bytes are random, which is what the W3C level 2 random flag promises. */
export function newTraceId(): string {
  const id = randomHex(TRACE_ID_BYTES);
  return id === INVALID_TRACE_ID ? newTraceId() : id;
}

export function newSpanId(): string {
  const id = randomHex(SPAN_ID_BYTES);
  return id === INVALID_SPAN_ID ? newSpanId() : id;
}

/** Whether `text` is `length` lower-case hex digits and not all zeros (W3C trace context, section 3.2.2). */
export function isHexId(text: string, length: number): boolean {
  if (text.length !== length) return false;
  let nonZero = false;
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i);
    if ((c < 48 || c > 57) && (c < 97 || c > 102)) return false;
    if (c !== 48) nonZero = true;
  }
  return nonZero;
}
