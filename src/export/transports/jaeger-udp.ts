/**
 * Jaeger's agent protocol: Thrift compact `Agent.emitBatch` in UDP datagrams. There is no answer, so "sent" means passed
 * to the network. Only a port where nobody listens can be noticed: the system reports ICMP to a connected socket.
 */
import type { Destination, JaegerUdpDestination } from '../../config/types';
import { EncodedResource } from '../../otlp/resource';
import type { Resource } from '../../tracing/types';
import type { Batch, SendProgress, SendResult, Transport } from '../types';
import { CompactWriter, Wire } from './jaeger-udp/compact-writer';
import { UdpSocket } from './jaeger-udp/socket';
import { writeJaegerSpan, writeProcess } from './jaeger-udp/thrift';

const ONEWAY = 4;
/** The limit of Jaeger's agent. UDP's own limit is 65,507. */
const MAX_PACKET_BYTES = 65_000;
/** For a long list header, and the two stop bytes at the end. */
const PACKET_OVERHEAD = 8;

interface Packet {
  readonly bytes: Buffer;
  /** How many spans of the batch are in this packet and those before it. Spans that are too large to be sent count. */
  readonly spansSoFar: number;
}

class JaegerUdpTransport implements Transport {
  private readonly destination: JaegerUdpDestination;
  private readonly writer = new CompactWriter();
  /** What is before the list of spans. It is encoded with the writer, so it must be read while the writer is not in use. */
  private readonly head: EncodedResource<Buffer>;
  private readonly socket: UdpSocket;

  constructor(destination: JaegerUdpDestination, resource: Resource) {
    this.destination = destination;
    this.head = new EncodedResource(resource, {}, (current) => this.encodeHead(current));
    this.socket = new UdpSocket(destination.host, destination.port);
  }

  async send(batch: Batch, timeoutMs: number, progress?: SendProgress): Promise<SendResult> {
    const { packets, tooLarge } = this.packets(batch);
    try {
      for (const { bytes, spansSoFar } of packets) {
        await this.socket.send(bytes, timeoutMs);
        if (progress !== undefined) progress.spansWritten = spansSoFar;
      }
      if (progress !== undefined) progress.written = true;
      if (packets.length > 0) await this.socket.refusal();
    } catch (error) {
      if (progress !== undefined) Object.assign(progress, { written: false, spansWritten: 0 });
      return this.failure(error);
    }
    const message =
      tooLarge > 0 ? `a span larger than ${MAX_PACKET_BYTES} bytes does not fit into a UDP packet` : '';
    return { outcome: 'delivered', rejected: tooLarge, message, status: 'sent' };
  }

  close(): void {
    this.socket.close();
  }

  private encodeHead(resource: Resource): Buffer {
    const { writer } = this;
    writer.messageBegin('emitBatch', ONEWAY, 0);
    writer.structBegin(); // the arguments
    writer.field(1, Wire.Struct);
    writer.structBegin(); // Batch
    writer.field(1, Wire.Struct);
    writeProcess(writer, resource);
    return writer.take();
  }

  /** Puts as many spans into each packet as fit. */
  private packets(batch: Batch): { packets: Packet[]; tooLarge: number } {
    const packets: Packet[] = [];
    const room = MAX_PACKET_BYTES - this.head.current.length - PACKET_OVERHEAD;
    let spans: Buffer[] = [];
    let size = 0;
    let tooLarge = 0;
    batch.spans.forEach((span, index) => {
      writeJaegerSpan(this.writer, span);
      const encoded = this.writer.take();
      if (encoded.length > room) {
        tooLarge++;
        return;
      }
      if (size + encoded.length > room) {
        packets.push({ bytes: this.packet(spans), spansSoFar: index });
        spans = [];
        size = 0;
      }
      spans.push(encoded);
      size += encoded.length;
    });
    if (spans.length > 0) packets.push({ bytes: this.packet(spans), spansSoFar: batch.spans.length });
    return { packets, tooLarge };
  }

  private packet(spans: readonly Buffer[]): Buffer {
    const { writer } = this;
    writer.raw(this.head.current);
    // Field 2 of Batch. It is written as the difference to field 1, where the head ends.
    writer.listField(1, Wire.Struct, spans.length);
    for (const span of spans) writer.raw(span);
    writer.structEnd(); // Batch
    writer.structEnd(); // the arguments
    return writer.take();
  }

  private failure(error: unknown): SendResult {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    const { host, port } = this.destination;
    const address = `${host}:${port}`;
    if (code === 'ECONNREFUSED') {
      return {
        outcome: 'retry',
        status: code,
        reason: `nobody listens on UDP ${address} (${code})`,
        fix: "start Jaeger there with its port 6831/udp exposed; Jaeger's image exposes OTLP on port 4318 (JAEGER_PORT=4318)",
      };
    }
    return {
      outcome: 'retry',
      status: code,
      reason: `packets to ${address} cannot be sent (${code})`,
      fix: 'check JAEGER_HOST and DNS; OTLP on port 4318 (JAEGER_PORT=4318) also tells whether spans arrive',
    };
  }
}

/**
 * @param destination Must be of the transport `jaeger-udp`.
 * @throws {TypeError} The destination is of another transport.
 */
export function createTransport(destination: Destination, resource: Resource): Transport {
  if (destination.transport !== 'jaeger-udp')
    throw new TypeError(`not a Jaeger UDP destination: ${destination.id}`);
  return new JaegerUdpTransport(destination, resource);
}
