/** The frontend half of PostgreSQL's protocol, as far as it tells which statements are run. */
import { type Decoder, type DecoderSink, PacketReader, type Statement, zeroTerminated } from './statement';

const sslRequest = 80877103;
const gssRequest = 80877104;

export class PostgresDecoder implements Decoder {
  /** Start-up messages have no type byte; after the one that is not a request for encryption the others do. */
  private started = false;
  private readonly prepared = new Map<string, string>();
  private readonly portals = new Map<string, { text: string; statement: Statement | undefined }>();
  private readonly reader: PacketReader;

  constructor(private readonly sink: DecoderSink) {
    this.reader = new PacketReader(
      (bytes) => {
        const at = this.started ? 1 : 0;
        return bytes.length < at + 4 ? undefined : at + bytes.readInt32BE(at);
      },
      (packet) => this.packet(packet),
    );
  }

  fromClient(chunk: Buffer): void {
    this.reader.push(chunk);
  }

  fromServer(): void {}

  private packet(packet: Buffer): void {
    if (!this.started) {
      const code = packet.readInt32BE(4);
      this.started = code !== sslRequest && code !== gssRequest;
      return;
    }
    const type = String.fromCharCode(packet[0] ?? 0);
    if (type === 'Q') {
      const [text] = zeroTerminated(packet, 5);
      this.sink.statement({ kind: 'query', text, fetches: 0, connection: this.sink.connection });
    } else if (type === 'P') {
      const [name, next] = zeroTerminated(packet, 5);
      const [text] = zeroTerminated(packet, next);
      this.prepared.set(name, text);
      this.sink.prepared(text);
    } else if (type === 'B') {
      const [portal, next] = zeroTerminated(packet, 5);
      const [name] = zeroTerminated(packet, next);
      const text = this.prepared.get(name);
      if (text === undefined) throw new Error(`Bind names a statement "${name}" that was never parsed`);
      this.portals.set(portal, { text, statement: undefined });
    } else if (type === 'E') {
      const [name] = zeroTerminated(packet, 5);
      const portal = this.portals.get(name);
      if (portal === undefined) throw new Error(`Execute names a portal "${name}" that was never bound`);
      if (portal.statement !== undefined) {
        portal.statement.fetches++;
        return;
      }
      portal.statement = { kind: 'execute', text: portal.text, fetches: 0, connection: this.sink.connection };
      this.sink.statement(portal.statement);
    }
  }
}
