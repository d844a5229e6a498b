/** What a decoder of a database protocol finds on the wire, and how the proxy talks to it. */

export interface Statement {
  /** `query`: the text itself was sent; `execute`: a prepared statement was run; `command`: Redis, MongoDB. */
  kind: 'query' | 'execute' | 'command';
  /** SQL as it was sent or prepared; for Redis the command with its arguments, separated by blanks; for MongoDB its name. */
  text: string;
  /** Redis: name and arguments. MongoDB: the database, and all texts of the request, which are names of fields and values. */
  args?: string[];
  /** PostgreSQL: how often more rows were asked of the same portal afterwards (cursors and streams). */
  fetches: number;
  /** Which connection, counted from 1. */
  connection: number;
}

/** One per connection. */
export interface Decoder {
  fromClient(chunk: Buffer): void;
  fromServer(chunk: Buffer): void;
}

export interface DecoderSink {
  statement(statement: Statement): void;
  prepared(text: string): void;
  connection: number;
}

/** Cuts a byte stream into the packets that `length` recognises (undefined: not yet known). */
export class PacketReader {
  private pending: Buffer = Buffer.alloc(0);

  constructor(
    private readonly length: (bytes: Buffer) => number | undefined,
    private readonly onPacket: (packet: Buffer) => void,
  ) {}

  push(chunk: Buffer): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    for (;;) {
      const length = this.length(this.pending);
      if (length === undefined || this.pending.length < length) return;
      const packet = this.pending.subarray(0, length);
      this.pending = this.pending.subarray(length);
      this.onPacket(packet);
    }
  }
}

/** Reads a zero-terminated text; returns it and where the next thing begins. */
export function zeroTerminated(bytes: Buffer, from: number): [text: string, next: number] {
  const end = bytes.indexOf(0, from);
  if (end === -1) throw new Error('a text without an end');
  return [bytes.toString('utf8', from, end), end + 1];
}
