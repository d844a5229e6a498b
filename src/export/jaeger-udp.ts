/**
 * Jaeger's agent protocol: Thrift compact `Agent.emitBatch` in UDP datagrams. There is no answer: "delivered"
 * means handed to the network.
 */
import dgram from 'node:dgram';
import timers from 'node:timers';
import type { Destination, JaegerUdpDestination } from '../config/types';
import type { Resource } from '../tracing/types';
import { writeJaegerSpan, writeProcess } from './jaeger-thrift';
import { CompactWriter, Wire } from './thrift-compact';
import type { Batch, SendProgress, SendResult, Transport } from './types';

const { setTimeout: setTimer, clearTimeout: clearTimer } = timers;

const ONEWAY = 4;
/** What Jaeger's agent reads at most; also safely below UDP's own limit of 65,507. */
const MAX_PACKET_BYTES = 65_000;
/** A longer list header, and the two stop bytes at the end. */
const PACKET_OVERHEAD = 8;

class JaegerUdpTransport implements Transport {
  private readonly destination: JaegerUdpDestination;
  private readonly writer = new CompactWriter();
  /** Everything in front of the list of spans. */
  private readonly head: Buffer;
  private socket: dgram.Socket | undefined;

  constructor(destination: JaegerUdpDestination, resource: Resource) {
    this.destination = destination;
    this.head = this.encodeHead(resource);
  }

  async send(batch: Batch, timeoutMs: number, progress?: SendProgress): Promise<SendResult> {
    const { packets, tooLarge } = this.packets(batch);
    try {
      for (const packet of packets) await this.sendPacket(packet, timeoutMs);
    } catch (error) {
      return this.failure(error);
    }
    if (progress !== undefined) progress.written = true;
    const message =
      tooLarge > 0 ? `a span larger than ${MAX_PACKET_BYTES} bytes does not fit into a UDP packet` : '';
    return { outcome: 'delivered', rejected: tooLarge, message, status: 'sent' };
  }

  close(): void {
    const { socket } = this;
    this.socket = undefined;
    try {
      socket?.close();
    } catch {
      // closed by its own error before
    }
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

  /** As many spans per packet as fit. */
  private packets(batch: Batch): { packets: Buffer[]; tooLarge: number } {
    const packets: Buffer[] = [];
    const room = MAX_PACKET_BYTES - this.head.length - PACKET_OVERHEAD;
    let spans: Buffer[] = [];
    let size = 0;
    let tooLarge = 0;
    for (const span of batch.spans) {
      writeJaegerSpan(this.writer, span);
      const encoded = this.writer.take();
      if (encoded.length > room) {
        tooLarge++;
        continue;
      }
      if (size + encoded.length > room) {
        packets.push(this.packet(spans));
        spans = [];
        size = 0;
      }
      spans.push(encoded);
      size += encoded.length;
    }
    if (spans.length > 0) packets.push(this.packet(spans));
    return { packets, tooLarge };
  }

  private packet(spans: readonly Buffer[]): Buffer {
    const { writer } = this;
    writer.raw(this.head);
    writer.listField(1, Wire.Struct, spans.length); // field 2 of Batch: one more than field 1, where the head ends
    for (const span of spans) writer.raw(span);
    writer.structEnd(); // Batch
    writer.structEnd(); // the arguments
    return writer.take();
  }

  private sendPacket(packet: Buffer, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimer(
        () => reject(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
        timeoutMs,
      );
      timer.unref();
      const socket = this.open();
      socket.send(packet, this.destination.port, this.destination.host, (error) => {
        clearTimer(timer);
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  private open(): dgram.Socket {
    if (this.socket !== undefined) return this.socket;
    const socket = dgram.createSocket(this.destination.host.includes(':') ? 'udp6' : 'udp4');
    socket.unref();
    socket.on('error', () => this.close());
    this.socket = socket;
    return socket;
  }

  private failure(error: unknown): SendResult {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    const { host, port } = this.destination;
    return {
      outcome: 'retry',
      status: code,
      reason: `packets to ${host}:${port} cannot be sent (${code})`,
      fix: 'check JAEGER_HOST and DNS; OTLP on port 4318 (JAEGER_PORT=4318) also tells whether spans arrive',
    };
  }
}

export function createTransport(destination: Destination, resource: Resource): Transport {
  if (destination.transport !== 'jaeger-udp')
    throw new TypeError(`not a Jaeger UDP destination: ${destination.id}`);
  return new JaegerUdpTransport(destination, resource);
}
