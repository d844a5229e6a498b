/**
 * The least of a protobuf reader that answers of backends need. One pass over the bytes, no recursion of its
 * own; stops at the first byte that is not protobuf.
 */
type FieldVisitor = (field: number, value: number | Uint8Array) => void;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** Calls `visit` with each varint and each length-delimited field of a message; false = the rest is unreadable. */
export function readFields(bytes: Uint8Array, visit: FieldVisitor): boolean {
  let at = 0;
  let overrun = false;

  /** Above 2^53 inexact, which is as good as any other wrong count. Negative int64 come out as 0. */
  function varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return i === 9 ? 0 : value;
      scale *= 128;
    }
    overrun = true;
    return 0;
  }

  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (overrun || field === 0) return false;
    switch (tag % 8) {
      case VARINT: {
        const value = varint();
        if (overrun) return false;
        visit(field, value);
        break;
      }
      case LENGTH_DELIMITED: {
        const length = varint();
        if (overrun || length > bytes.length - at) return false;
        visit(field, bytes.subarray(at, at + length));
        at += length;
        break;
      }
      case FIXED64:
        at += 8;
        break;
      case FIXED32:
        at += 4;
        break;
      default:
        return false; // groups, which nobody sends any more
    }
  }
  return at === bytes.length;
}
