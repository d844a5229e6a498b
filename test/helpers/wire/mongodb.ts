/** The requests of MongoDB's protocol: OP_MSG, and the OP_QUERY with which a driver says hello. */
import { type Decoder, type DecoderSink, PacketReader, zeroTerminated } from './statement';

const HEADER_LENGTH = 16;
const opcode = { query: 2004, message: 2013 } as const;

/** A field of a document: its name, and its value where that is a text, a document or a list. */
type Field = readonly [name: string, value: string | readonly Field[] | undefined];

export class MongodbDecoder implements Decoder {
  private readonly reader: PacketReader;

  constructor(private readonly sink: DecoderSink) {
    const length = (bytes: Buffer): number | undefined =>
      bytes.length < HEADER_LENGTH ? undefined : bytes.readInt32LE(0);
    this.reader = new PacketReader(length, (packet) => this.packet(packet));
  }

  fromClient(chunk: Buffer): void {
    this.reader.push(chunk);
  }

  fromServer(): void {}

  private packet(packet: Buffer): void {
    const code = packet.readInt32LE(12);
    const sections = code === opcode.query ? [queryDocument(packet)] : [];
    if (code === opcode.message) sections.push(...messageSections(packet));
    else if (code !== opcode.query) throw new Error(`a request of kind ${code}; the proxy cannot read that`);
    const [body = []] = sections;
    const [[name] = ['']] = body;
    // The document of an OP_QUERY does not say it; drivers only send such a query to `admin`.
    const database = textOf(body, '$db') ?? 'admin';
    if (isOfDriver(name, database)) return;
    const { connection } = this.sink;
    const args = [database, ...sections.flatMap(labels)];
    this.sink.statement({ kind: 'command', text: name, args, fetches: 0, connection });
  }
}

/** What a driver sends for itself: to log in, to watch a server, and to tidy up what an app has left. */
function isOfDriver(name: string, database: string): boolean {
  if (/^(?:saslStart|saslContinue|authenticate|endSessions|killCursors)$/.test(name)) return true;
  return database === 'admin' && /^(?:hello|ismaster|ping)$/i.test(name);
}

/** Behind the header: flags, the collection's name, two numbers. */
function queryDocument(packet: Buffer): readonly Field[] {
  const [, next] = zeroTerminated(packet, HEADER_LENGTH + 4);
  return fieldsOf(packet, next + 8);
}

/** The command, and the lists of documents that are sent beside it, each below its name. */
function messageSections(packet: Buffer): (readonly Field[])[] {
  const hasChecksum = (packet.readUInt32LE(HEADER_LENGTH) & 1) !== 0;
  const end = packet.length - (hasChecksum ? 4 : 0);
  const sections: (readonly Field[])[] = [];
  let at = HEADER_LENGTH + 4;
  while (at < end) {
    const isBody = packet[at] === 0;
    const from = at + 1;
    at = from + packet.readInt32LE(from);
    if (isBody) {
      sections.unshift(fieldsOf(packet, from));
      continue;
    }
    const [name, first] = zeroTerminated(packet, from + 4);
    for (let next = first; next < at; next += packet.readInt32LE(next))
      sections.push([[name, fieldsOf(packet, next)]]);
  }
  return sections;
}

/** The texts of a document: names of its fields, and values. */
function labels(fields: readonly Field[]): string[] {
  return fields.flatMap(([name, value]) => {
    if (value === undefined) return [name];
    return typeof value === 'string' ? [name, value] : [name, ...labels(value)];
  });
}

function textOf(fields: readonly Field[], wanted: string): string | undefined {
  const value = fields.find(([name]) => name === wanted)?.[1];
  return typeof value === 'string' ? value : undefined;
}

/** Lengths of the values that always have the same; https://bsonspec.org/spec.html. */
const lengths: Readonly<Record<number, number>> = {
  1: 8,
  6: 0,
  7: 12,
  8: 1,
  9: 8,
  10: 0,
  16: 4,
  17: 8,
  18: 8,
  19: 16,
  127: 0,
  255: 0,
};
const type = {
  text: 2,
  document: 3,
  list: 4,
  bytes: 5,
  expression: 11,
  code: 13,
  symbol: 14,
  scoped: 15,
} as const;

function fieldsOf(bytes: Buffer, from: number): readonly Field[] {
  const fields: Field[] = [];
  let at = from + 4;
  for (;;) {
    const kind = bytes[at];
    if (kind === undefined) throw new Error('a document without an end');
    if (kind === 0) return fields;
    const [name, start] = zeroTerminated(bytes, at + 1);
    const [value, next] = readValue(bytes, kind, start);
    fields.push([name, value]);
    at = next;
  }
}

function readValue(bytes: Buffer, kind: number, at: number): [value: Field[1], next: number] {
  const length = lengths[kind];
  if (length !== undefined) return [undefined, at + length];
  switch (kind) {
    case type.text:
    case type.code:
    case type.symbol: {
      const end = at + 4 + bytes.readInt32LE(at);
      return [bytes.toString('utf8', at + 4, end - 1), end];
    }
    case type.document:
    case type.list:
      return [fieldsOf(bytes, at), at + bytes.readInt32LE(at)];
    case type.bytes:
      return [undefined, at + 5 + bytes.readInt32LE(at)];
    case type.scoped:
      return [undefined, at + bytes.readInt32LE(at)];
    case type.expression: {
      const [source, options] = zeroTerminated(bytes, at);
      return [source, zeroTerminated(bytes, options)[1]];
    }
    default:
      throw new Error(`a value of kind ${kind}; the proxy cannot read that`);
  }
}
