/**
 * Writes Thrift's compact protocol, as much of it as Jaeger's spans need.
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export const Wire = { True: 1, False: 2, I32: 5, I64: 6, Double: 7, Binary: 8, List: 9, Struct: 12 } as const;

const PROTOCOL_ID = 0x82;
const VERSION = 1;
const INITIAL_BYTES = 4096;
const TWO_32 = 4294967296;
const LONG_LIST = 15;

export class CompactWriter {
  private bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  private pos = 0;
  /** A field's id is written as the difference to the id before it in the same struct. */
  private lastField = 0;
  private readonly outerFields: number[] = [];

  /** @returns A copy of what was written. The writer is empty then. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, this.pos));
    this.pos = 0;
    this.lastField = 0;
    this.outerFields.length = 0;
    return taken;
  }

  messageBegin(name: string, type: number, sequence: number): void {
    this.byte(PROTOCOL_ID);
    this.byte((type << 5) | VERSION);
    this.varint(sequence);
    this.text(name);
  }

  structBegin(): void {
    this.outerFields.push(this.lastField);
    this.lastField = 0;
  }

  structEnd(): void {
    this.byte(0);
    this.lastField = this.outerFields.pop() ?? 0;
  }

  field(id: number, type: number): void {
    // All structs of Jaeger have fewer than 16 fields, so the difference fits into the short form.
    this.byte(((id - this.lastField) << 4) | type);
    this.lastField = id;
  }

  i32Field(id: number, value: number): void {
    this.field(id, Wire.I32);
    this.varint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  boolField(id: number, value: boolean): void {
    this.field(id, value ? Wire.True : Wire.False);
  }

  doubleField(id: number, value: number): void {
    this.field(id, Wire.Double);
    this.reserve(8);
    this.bytes.writeDoubleLE(value, this.pos);
    this.pos += 8;
  }

  textField(id: number, value: string): void {
    this.field(id, Wire.Binary);
    this.text(value);
  }

  binaryField(id: number, value: Uint8Array): void {
    this.field(id, Wire.Binary);
    this.varint(value.length);
    this.raw(value);
  }

  /** Writes an i64. @param value A safe integer. */
  i64Field(id: number, value: number): void {
    this.i64PartsField(id, Math.floor(value / TWO_32) | 0, value | 0);
  }

  /** Writes an i64 of its 32-bit halves. */
  i64PartsField(id: number, high: number, low: number): void {
    this.field(id, Wire.I64);
    const sign = high >> 31; // zigzag: (n << 1) ^ (n >> 63)
    this.varint64((((high << 1) | (low >>> 31)) ^ sign) >>> 0, ((low << 1) ^ sign) >>> 0);
  }

  listField(id: number, memberType: number, size: number): void {
    this.field(id, Wire.List);
    if (size < LONG_LIST) {
      this.byte((size << 4) | memberType);
    } else {
      this.byte((LONG_LIST << 4) | memberType);
      this.varint(size);
    }
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.pos);
    this.pos += value.length;
  }

  private text(value: string): void {
    const size = Buffer.byteLength(value);
    this.varint(size);
    this.reserve(size);
    this.pos += this.bytes.write(value, this.pos, size, 'utf8');
  }

  private varint(value: number): void {
    this.varint64(0, value);
  }

  private varint64(high: number, low: number): void {
    this.reserve(10);
    while (high !== 0 || low > 0x7f) {
      this.bytes[this.pos++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.bytes[this.pos++] = low;
  }

  private byte(value: number): void {
    this.reserve(1);
    this.bytes[this.pos++] = value;
  }

  private reserve(count: number): void {
    if (this.pos + count <= this.bytes.length) return;
    const bigger = Buffer.allocUnsafeSlow(Math.max(this.pos + count, this.bytes.length * 2));
    this.bytes.copy(bigger, 0, 0, this.pos);
    this.bytes = bigger;
  }
}
