/**
 * A growing byte buffer that speaks protobuf's wire format, written for the hot path: nothing is allocated
 * per field. Methods named `put…` rely on an earlier {@link ProtobufWriter.reserve}; lengths are minimal varints.
 */
const INITIAL_BYTES = 4096;
/** A reused buffer that one unusual chunk blew up is given back to the collector beyond this size. */
const KEEP_BYTES = 1 << 20;
/** Up to this length a loop over the characters beats the call into the runtime. */
const LOOP_CHARS = 64;
const TWO_32 = 4294967296;

/** Value of each character as a hex digit; other characters count as 0 (the tracer hands over valid ids only). */
const HEX = new Uint8Array(128);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

const doubleValue = new Float64Array(1);
const doubleBytes = new Uint8Array(doubleValue.buffer);
/** Typed arrays have the machine's byte order, protobuf is little-endian. */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  if (value < 0x10000000) return 4;
  return 5;
}

export class ProtobufWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  pos = 0;

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.pos + count > this.bytes.length) this.grow(this.pos + count);
  }

  private grow(needed: number): void {
    const bigger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(bigger, 0, 0, this.pos);
    this.bytes = bigger;
  }

  /** A copy of the bytes from `start` on; the buffer starts anew. */
  take(start: number): Uint8Array {
    const taken = Buffer.allocUnsafeSlow(this.pos - start); // a buffer of its own: it may be kept for long
    this.bytes.copy(taken, 0, start, this.pos);
    this.pos = 0;
    if (this.bytes.length > KEEP_BYTES) this.bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    return taken;
  }

  /** Reserve 1. */
  putByte(value: number): void {
    this.bytes[this.pos++] = value;
  }

  /** An unsigned 32-bit integer. Reserve 5. */
  putVarint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.pos++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.pos++] = rest;
  }

  /** An int64 from a safe integer; negative ones take ten bytes, as protobuf has it. Reserve 10. */
  putInt64(value: number): void {
    if (value >= 0 && value <= 0xffffffff) {
      this.putVarint(value);
      return;
    }
    let low = value >>> 0;
    let high = Math.floor(value / TWO_32) >>> 0;
    while (high !== 0 || low > 0x7f) {
      this.bytes[this.pos++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.bytes[this.pos++] = low;
  }

  /** How many bytes {@link putInt64} takes. */
  static int64Size(value: number): number {
    if (value < 0) return 10;
    if (value < 0x10000000) return varintSize(value);
    let size = 4;
    for (let rest = Math.floor(value / 0x10000000); rest > 0; rest = Math.floor(rest / 128)) size++;
    return size;
  }

  /** Reserve 4. */
  putFixed32(value: number): void {
    const { bytes } = this;
    let at = this.pos;
    bytes[at++] = value;
    bytes[at++] = value >>> 8;
    bytes[at++] = value >>> 16;
    bytes[at++] = value >>> 24;
    this.pos = at;
  }

  /** A word of an id, whose first byte is the highest. Reserve 4. */
  putWord(word: number): void {
    const { bytes } = this;
    let at = this.pos;
    bytes[at++] = word >>> 24;
    bytes[at++] = word >>> 16;
    bytes[at++] = word >>> 8;
    bytes[at++] = word;
    this.pos = at;
  }

  /**
   * Unix time in nanoseconds as fixed64, from milliseconds with a fraction. The product exceeds 2^53, so it
   * is put together from parts that are exact. Reserve 8.
   */
  putNanoseconds(milliseconds: number): void {
    if (!(milliseconds > 0 && milliseconds < 18446744073709)) {
      this.putFixed32(0); // not a time that OTLP can say
      this.putFixed32(0);
      return;
    }
    const whole = Math.floor(milliseconds);
    const nanoseconds = Math.round((milliseconds - whole) * 1e6);
    const upper = Math.floor(whole / 1048576);
    const scaled = upper * 1e6; // in units of 2^20 ns
    const low = (scaled % 4096) * 1048576 + (whole - upper * 1048576) * 1e6 + nanoseconds;
    const carry = Math.floor(low / TWO_32);
    this.putFixed32((low - carry * TWO_32) >>> 0);
    this.putFixed32((Math.floor(scaled / 4096) + carry) >>> 0);
  }

  /** Reserve 8. */
  putDouble(value: number): void {
    doubleValue[0] = value;
    const { bytes } = this;
    const at = this.pos;
    for (let i = 0; i < 8; i++) bytes[at + i] = doubleBytes[LITTLE_ENDIAN ? i : 7 - i] as number;
    this.pos = at + 8;
  }

  /** A hex id as bytes, without tag and length. Reserve half its length. */
  putHex(hex: string): void {
    const { bytes } = this;
    let at = this.pos;
    for (let i = 0; i + 1 < hex.length; i += 2) {
      bytes[at++] =
        ((HEX[hex.charCodeAt(i) & 0x7f] as number) << 4) | (HEX[hex.charCodeAt(i + 1) & 0x7f] as number);
    }
    this.pos = at;
  }

  /** Bytes as they are. Reserve their length. */
  putBytes(source: Uint8Array): void {
    const { length } = source;
    if (length > 64) {
      this.bytes.set(source, this.pos);
    } else {
      const { bytes, pos } = this;
      for (let i = 0; i < length; i++) bytes[pos + i] = source[i] as number;
    }
    this.pos += length;
  }

  /** Text of known UTF-8 size without tag and length; lone surrogates become U+FFFD. Reserve `size`. */
  putUtf8(text: string, size: number): void {
    if (size === text.length) this.bytes.write(text, this.pos, size, 'latin1');
    else this.bytes.write(text, this.pos, size, 'utf8');
    this.pos += size;
  }

  /** Tries `text` as ASCII, one byte a character; false = it is not, and nothing was written. Reserve its length. */
  putAscii(text: string): boolean {
    const { bytes, pos } = this;
    const { length } = text;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[pos + i] = code;
    }
    this.pos = pos + length;
    return true;
  }

  /** A string field: tag, length, text. Makes its own room. */
  string(tag: number, text: string): void {
    const { length } = text;
    if (length <= LOOP_CHARS) {
      this.reserve(2 + length);
      const start = this.pos;
      this.bytes[start] = tag;
      this.bytes[start + 1] = length;
      this.pos = start + 2;
      if (this.putAscii(text)) return;
      this.pos = start;
    }
    const size = Buffer.byteLength(text);
    this.reserve(6 + size);
    this.bytes[this.pos++] = tag;
    this.putVarint(size);
    this.putUtf8(text, size);
  }

  /**
   * Opens a length-delimited field whose size is not known yet; `guess` bytes are kept for its length.
   * Returns where its content starts, for {@link close}. Makes its own room.
   */
  open(tag: number, guess: number): number {
    this.reserve(1 + guess);
    this.bytes[this.pos] = tag;
    this.pos += 1 + guess;
    return this.pos;
  }

  /** Closes a field opened at `start`; moves the content if the guess was wrong, so that lengths stay minimal. */
  close(start: number, guess: number): void {
    const length = this.pos - start;
    const size = varintSize(length);
    if (size !== guess) {
      this.reserve(size);
      this.bytes.copyWithin(start - guess + size, start, this.pos);
      this.pos += size - guess;
    }
    const end = this.pos;
    this.pos = start - guess;
    this.putVarint(length);
    this.pos = end;
  }
}
