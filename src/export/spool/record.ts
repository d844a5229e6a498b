/**
 * One undelivered batch as a file: magic, CRC-32 of what follows, length of the head, the head as JSON, the pieces.
 * The head has what makes the spans readable without the process that made them: form, number, resource. Neither
 * headers nor keys nor addresses are in it: whoever sends it later uses the settings of then.
 */
import type { Resource } from '../../tracing/types';
import type { Batch, Form } from '../types';

const MAGIC = Buffer.from('CANVSP1\n');
const CRC_AT = MAGIC.length;
const LENGTH_AT = CRC_AT + 4;
const HEAD_AT = LENGTH_AT + 4;
const COMMA = Buffer.from(',');

interface Head {
  readonly form: Form;
  readonly spans: number;
  readonly resource: Resource;
}

export interface Spooled {
  readonly batch: Batch;
  /** Of the process that wrote them; the batch itself says 0, since they are none of this process's. */
  readonly spans: number;
}

export function encodeRecord(batch: Batch, resource: Resource): Buffer {
  const { attributes, schemaUrl } = batch.resource ?? resource;
  const head: Head = { form: batch.form, spans: batch.spanCount, resource: { attributes, schemaUrl } };
  const text = Buffer.from(JSON.stringify(head));
  const start = Buffer.alloc(HEAD_AT);
  start.set(MAGIC);
  start.writeUInt32LE(text.length, LENGTH_AT);
  const isText = batch.form.startsWith('json');
  const pieces = isText
    ? batch.pieces.flatMap((piece, i) => (i === 0 ? [piece] : [COMMA, piece]))
    : batch.pieces;
  const record = Buffer.concat([start, text, ...pieces]);
  record.writeUInt32LE(crc32(record.subarray(LENGTH_AT)), CRC_AT);
  return record;
}

/** undefined: not a whole record of this version. */
export function decodeRecord(record: Buffer): Spooled | undefined {
  if (record.length < HEAD_AT || !record.subarray(0, CRC_AT).equals(MAGIC)) return undefined;
  if (crc32(record.subarray(LENGTH_AT)) !== record.readUInt32LE(CRC_AT)) return undefined;
  const piecesAt = HEAD_AT + record.readUInt32LE(LENGTH_AT);
  if (piecesAt > record.length) return undefined;
  try {
    const { form, spans, resource } = JSON.parse(record.toString('utf8', HEAD_AT, piecesAt)) as Head;
    const pieces = [record.subarray(piecesAt)];
    return {
      batch: {
        form,
        first: Number.POSITIVE_INFINITY,
        spanCount: 0,
        bytes: record.length,
        pieces,
        spans: [],
        resource,
      },
      spans,
    };
  } catch {
    return undefined;
  }
}

let table: Uint32Array | undefined;

/** node:zlib has it since 20.15 only. */
function crc32(bytes: Uint8Array): number {
  table ??= makeTable();
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    crc = (table[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** CRC-32 of IEEE 802.3, reflected. */
function makeTable(): Uint32Array {
  const made = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    made[i] = value >>> 0;
  }
  return made;
}
