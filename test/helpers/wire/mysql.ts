/** MySQL's and MariaDB's protocol, as far as it tells which statements are run. */
import { type Decoder, type DecoderSink, PacketReader, zeroTerminated } from './statement';

const headerLength = 4;
const capabilities = { ssl: 1 << 11, compress: 1 << 5, queryAttributes: 1 << 27 } as const;
const command = { query: 0x03, changeUser: 0x11, prepare: 0x16, execute: 0x17, bulk: 0xfa } as const;
/** MariaDB: the statement that was prepared last, and may not have been answered yet. */
const LAST_PREPARED = 0xffffffff;

export class MysqlDecoder implements Decoder {
  private authenticated = false;
  private serverCapabilities: number | undefined;
  private queryAttributes = false;
  /** Text of the statement that the client asked to prepare and the server has not answered yet. */
  private preparing: string | undefined;
  private lastPrepared: string | undefined;
  private readonly prepared = new Map<number, string>();
  private readonly client: PacketReader;
  private readonly server: PacketReader;

  constructor(private readonly sink: DecoderSink) {
    const length = (bytes: Buffer): number | undefined =>
      bytes.length < headerLength ? undefined : headerLength + bytes.readUIntLE(0, 3);
    this.client = new PacketReader(length, (packet) =>
      this.clientPacket(packet[3] ?? 0, packet.subarray(headerLength)),
    );
    this.server = new PacketReader(length, (packet) =>
      this.serverPacket(packet[3] ?? 0, packet.subarray(headerLength)),
    );
  }

  fromClient(chunk: Buffer): void {
    this.client.push(chunk);
  }

  fromServer(chunk: Buffer): void {
    this.server.push(chunk);
  }

  private clientPacket(sequence: number, body: Buffer): void {
    if (!this.authenticated && sequence === 1) {
      this.handshake(body.readUInt32LE(0));
      return;
    }
    // Each command starts a new sequence; higher numbers belong to the log-in, to files, to long packets.
    if (sequence !== 0) return;
    this.authenticated = true;
    const { connection } = this.sink;
    switch (body[0]) {
      case command.query:
        this.sink.statement({ kind: 'query', text: this.queryText(body), fetches: 0, connection });
        return;
      case command.prepare:
        this.preparing = body.toString('utf8', 1);
        this.lastPrepared = this.preparing;
        this.sink.prepared(this.preparing);
        return;
      case command.execute:
      // MariaDB: one execution with several sets of values.
      case command.bulk: {
        const id = body.readUInt32LE(1);
        const text = id === LAST_PREPARED ? this.lastPrepared : this.prepared.get(id);
        if (text === undefined) throw new Error('a statement is executed that was never prepared');
        this.sink.statement({ kind: 'execute', text, fetches: 0, connection });
        return;
      }
      case command.changeUser:
        this.prepared.clear();
    }
  }

  private serverPacket(sequence: number, body: Buffer): void {
    this.serverCapabilities ??= greetingCapabilities(body);
    if (this.preparing === undefined || sequence !== 1) return;
    // OK with the statement's number; anything else is an error packet.
    if (body[0] === 0) this.prepared.set(body.readUInt32LE(1), this.preparing);
    this.preparing = undefined;
  }

  private handshake(flags: number): void {
    if (flags & capabilities.ssl) throw new Error('the client speaks TLS; the proxy cannot read that');
    if (flags & capabilities.compress) throw new Error('the client compresses; the proxy cannot read that');
    // Clients ask for what their server may not have; only what both have is in force.
    this.queryAttributes = (flags & (this.serverCapabilities ?? 0) & capabilities.queryAttributes) !== 0;
  }

  private queryText(body: Buffer): string {
    if (!this.queryAttributes) return body.toString('utf8', 1);
    // With the capability the text is preceded by the number of attributes and of their sets (always 1).
    if (body[1] !== 0) throw new Error('a query with attributes; the proxy cannot read that');
    return body.toString('utf8', 3);
  }
}

/** The server's first packet: version byte, version text, thread id, 8 + 1 bytes of salt, then the flags in halves. */
function greetingCapabilities(body: Buffer): number {
  const [, at] = zeroTerminated(body, 1);
  const low = body.readUInt16LE(at + 4 + 8 + 1);
  const high = body.readUInt16LE(at + 4 + 8 + 1 + 2 + 1 + 2);
  return (high << 16) | low;
}
