/** The requests of Redis's protocol: arrays of bulk strings. */
import { type Decoder, type DecoderSink, PacketReader } from './statement';

export class RedisDecoder implements Decoder {
  private readonly reader: PacketReader;

  constructor(private readonly sink: DecoderSink) {
    const length = (bytes: Buffer): number | undefined => firstRequest(bytes)?.length;
    this.reader = new PacketReader(length, (packet) => {
      const { args } = firstRequest(packet) ?? { args: [] };
      if (args.length === 0) return;
      const { connection } = this.sink;
      this.sink.statement({ kind: 'command', text: args.join(' '), args, fetches: 0, connection });
    });
  }

  fromClient(chunk: Buffer): void {
    this.reader.push(chunk);
  }

  fromServer(): void {}
}

/** The first request and its length in bytes, once all of it is there. */
function firstRequest(bytes: Buffer): { args: string[]; length: number } | undefined {
  const header = lineEnd(bytes, 0);
  if (header === undefined) return undefined;
  const args: string[] = [];
  if (bytes[0] !== '*'.charCodeAt(0)) {
    // An inline command, as typed into telnet.
    args.push(
      ...bytes
        .toString('utf8', 0, header)
        .split(' ')
        .filter((word) => word !== ''),
    );
    return { args, length: header + 2 };
  }
  let at = header + 2;
  for (let left = Number(bytes.toString('latin1', 1, header)); left > 0; left--) {
    const line = lineEnd(bytes, at);
    if (line === undefined) return undefined;
    if (bytes[at] !== '$'.charCodeAt(0)) throw new Error('an argument that is not a bulk string');
    const from = line + 2;
    const to = from + Number(bytes.toString('latin1', at + 1, line));
    if (bytes.length < to + 2) return undefined;
    args.push(bytes.toString('utf8', from, to));
    at = to + 2;
  }
  return { args, length: at };
}

function lineEnd(bytes: Buffer, from: number): number | undefined {
  const at = bytes.indexOf('\r\n', from, 'latin1');
  return at === -1 ? undefined : at;
}
