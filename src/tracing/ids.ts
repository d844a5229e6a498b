/**
 * Random trace and span ids. They are kept as words of 32 bits, the form that costs nothing to make and to encode; the
 * digits, in lower-case hex, are made when somebody reads them.
 */

const POOL_WORDS = 1024;
const WORD_DIGITS = 8;

export const INVALID_TRACE_ID = '00000000000000000000000000000000';
export const INVALID_SPAN_ID = '0000000000000000';

/** Signed words: V8 keeps these in place, and unsigned ones above 2^31 as objects. */
const pool = new Int32Array(POOL_WORDS);
let position = POOL_WORDS;
let fill: ((buffer: Int32Array) => void) | undefined;

function refill(): void {
  // Loading node:crypto costs about 5 ms, so it waits for the first span.
  fill ??= (require('node:crypto') as typeof import('node:crypto')).randomFillSync;
  fill(pool);
  position = 0;
}

/** 32 random bits. */
export function randomWord(): number {
  if (position === POOL_WORDS) refill();
  return pool[position++] as number;
}

/**
 * The same, and never 0: of two words that make the id of a span one has to be, since an id of zeros is invalid
 * (W3C trace context, section 3.2.2.4).
 */
export function nonZeroWord(): number {
  for (;;) {
    const word = randomWord();
    if (word !== 0) return word;
  }
}

/** Two digits for each byte. */
const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function digitsOf(word: number): string {
  return `${BYTES[word >>> 24]}${BYTES[(word >>> 16) & 255]}${BYTES[(word >>> 8) & 255]}${BYTES[word & 255]}`;
}

function wordAt(hex: string, index: number): number {
  const start = index * WORD_DIGITS;
  return Number.parseInt(hex.slice(start, start + WORD_DIGITS), 16) | 0;
}

/** The id of a trace: 16 bytes in four words, the first one first. */
export class TraceId {
  private text: string | undefined;

  constructor(
    readonly word0: number,
    readonly word1: number,
    readonly word2: number,
    readonly word3: number,
  ) {}

  /** @param hex 32 hex digits */
  static of(hex: string): TraceId {
    const id = new TraceId(wordAt(hex, 0), wordAt(hex, 1), wordAt(hex, 2), wordAt(hex, 3));
    id.text = hex;
    return id;
  }

  /** All 16 bytes are random, which is what the W3C level 2 random flag promises. */
  static random(): TraceId {
    const id = new TraceId(randomWord(), randomWord(), randomWord(), randomWord());
    return (id.word0 | id.word1 | id.word2 | id.word3) === 0 ? TraceId.random() : id;
  }

  /** 32 lower-case hex digits. */
  toString(): string {
    this.text ??= digitsOf(this.word0) + digitsOf(this.word1) + digitsOf(this.word2) + digitsOf(this.word3);
    return this.text;
  }
}

/** 16 lower-case hex digits of the id of a span. */
export function spanIdText(high: number, low: number): string {
  return digitsOf(high) + digitsOf(low);
}

/** The first half of an id of a span. @param hex 16 hex digits */
export function highWord(hex: string): number {
  return wordAt(hex, 0);
}

/** The second half of an id of a span. @param hex 16 hex digits */
export function lowWord(hex: string): number {
  return wordAt(hex, 1);
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
