/** A Jaeger agent's UDP port on loopback: Thrift compact `emitBatch`, decoded by Apache's own library. */
import dgram from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { decodeEmitBatch, type JaegerBatch, type JaegerSpan } from './thrift-official';

export interface ThriftUdpReceiver {
  readonly host: string;
  readonly port: number;
  /** Size in bytes of each datagram, in order of arrival. */
  readonly datagramSizes: number[];
  /** Throws when something undecodable came. */
  batches(): JaegerBatch[];
  spans(): JaegerSpan[];
  waitForSpans(
    condition: number | ((spans: JaegerSpan[]) => boolean),
    boundMs?: number,
  ): Promise<JaegerSpan[]>;
  clear(): void;
  close(): Promise<void>;
}

/**
 * @param host an address of its own, such as 127.0.0.31, where the port has to be a fixed one: other tests run meanwhile
 * @param port a fixed one, for senders that take the port for a choice of protocol
 */
export async function startThriftUdpReceiver(host = '127.0.0.1', port = 0): Promise<ThriftUdpReceiver> {
  const socket = dgram.createSocket('udp4');
  const datagramSizes: number[] = [];
  let received: JaegerBatch[] = [];
  const defects: string[] = [];
  const waiting = new Set<() => void>();

  const batches = (): JaegerBatch[] => {
    if (defects.length > 0) throw new Error(`The receiver got undecodable data: ${defects.join('; ')}`);
    return [...received];
  };
  const spans = (): JaegerSpan[] => batches().flatMap((batch) => batch.spans);

  socket.on('message', (message) => {
    datagramSizes.push(message.length);
    try {
      received.push(decodeEmitBatch(message));
    } catch (error) {
      defects.push(error instanceof Error ? error.message : String(error));
    }
    for (const look of [...waiting]) look();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, resolve);
  });
  // Datagrams that nobody reads fast enough are lost; a burst of full batches must fit.
  socket.setRecvBufferSize(8 * 1024 * 1024);
  socket.unref();

  return {
    host,
    port: (socket.address() as AddressInfo).port,
    datagramSizes,
    batches,
    spans,
    waitForSpans: (condition, boundMs = 20_000) =>
      new Promise((resolve, reject) => {
        const enough = typeof condition === 'number' ? (s: JaegerSpan[]) => s.length >= condition : condition;
        const end = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const look = (): void => {
          try {
            const now = spans();
            if (!enough(now)) return;
            end();
            resolve(now);
          } catch (error) {
            end();
            reject(error);
          }
        };
        const timer = setTimeout(() => {
          end();
          const names = received.flatMap((batch) => batch.spans).map((span) => span.operationName);
          reject(new Error(`the spans waited for did not arrive; got ${names.length}: ${names.join(', ')}`));
        }, boundMs);
        waiting.add(look);
        look();
      }),
    clear: () => {
      received = [];
      datagramSizes.length = 0;
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
