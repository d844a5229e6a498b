/** Random trace and span ids, in lower-case hex. */

const POOL_BYTES = 4096;
const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;

export const INVALID_TRACE_ID = '00000000000000000000000000000000';
export const INVALID_SPAN_ID = '0000000000000000';

/** Hex digits not used yet. Cutting pieces off one long string costs a tenth of converting each id. */
let pool = '';
let position = 0;
let buffer: Buffer | undefined;
let fill: (buffer: Buffer) => void;

function refill(): void {
  if (buffer === undefined) {
    // Loading node:crypto costs about 5 ms, so it waits for the first span.
    const crypto = require('node:crypto') as typeof import('node:crypto');
    fill = crypto.randomFillSync;
    buffer = Buffer.allocUnsafeSlow(POOL_BYTES);
  }
  fill(buffer);
  pool = buffer.toString('hex');
  position = 0;
}

function randomHex(digits: number): string {
  if (position + digits > pool.length) refill();
  const start = position;
  position = start + digits;
  return pool.slice(start, position);
}

/** All 16 bytes are random, which is what the W3C level 2 random flag promises. */
export function newTraceId(): string {
  const id = randomHex(TRACE_ID_DIGITS);
  return id === INVALID_TRACE_ID ? newTraceId() : id;
}

export function newSpanId(): string {
  const id = randomHex(SPAN_ID_DIGITS);
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
