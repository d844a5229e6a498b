/**
 * The content of a file in the spool, which is one undelivered batch: magic, CRC-32 of what follows, length of the head,
 * the head as JSON, the pieces. The head contains what is needed to send the spans without the process that made them:
 * form, number of spans, resource. It contains no headers, keys or addresses. Whoever sends the batch later uses the
 * settings of that time.
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
  /** How many spans there are. `batch.spanCount` is 0, since another process has counted them. */
  readonly spans: number;
}

/** @param resource Of this process; used where the batch is of this process, too. */
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

/** @returns The batch; undefined where the record is damaged or of another version. */
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

/** node:zlib has a `crc32` only since Node 20.15. */
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
