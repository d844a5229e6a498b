import dgram from 'node:dgram';
import { performance } from 'node:perf_hooks';
import { clearTimer, setTimer } from '../../../timers';

const now = performance.now.bind(performance);

/**
 * Linux gives a socket 212,992 bytes for what has not been read yet (net.core.rmem_default), and drops the rest. Two of
 * our packets may wait there at a time. More are sent as fast as a busy receiver reads.
 */
const MAX_WAITING_BYTES = 130_000;
const BYTES_PER_MS = 6500;
/** An ICMP answer from the same machine or network is there by then. A later one fails the next send. */
const REFUSAL_MS = 20;
/** After a port was found open, no ICMP answer is waited for during this time. */
const STILL_OPEN_MS = 1000;
/** The address of a host may change, and a connected socket keeps the old one. So it is opened anew after this time. */
const MAX_AGE_MS = 30_000;

/** A connected UDP socket. It sends no faster than a receiver with a usual buffer reads, and notices closed ports. */
export class UdpSocket {
  private readonly host: string;
  private readonly port: number;
  private socket: Promise<dgram.Socket> | undefined;
  private openedAt = 0;
  /** When the receiver has read everything sent so far, at the assumed speed. */
  private readAt = 0;
  private foundOpenAt = Number.NEGATIVE_INFINITY;
  private error: Error | undefined;
  private onError: (() => void) | undefined;

  constructor(host: string, port: number) {
    this.host = host;
    this.port = port;
  }

  /**
   * Passes a packet to the network, after a pause where the receiver needs one.
   *
   * @param timeoutMs Limit of opening and of sending in milliseconds.
   * @throws (rejects with) The error of the system: unknown host, closed port (of this packet or one before), time-out.
   */
  async send(packet: Buffer, timeoutMs: number): Promise<void> {
    await this.pause();
    this.throwError();
    const socket = await withTimeout(this.open(), timeoutMs);
    const sent = new Promise<void>((resolve, reject) => {
      socket.send(packet, (error) => (error === null ? resolve() : reject(error)));
    });
    await withTimeout(sent, timeoutMs).catch((error: unknown) => this.failed(error));
    this.readAt = Math.max(now(), this.readAt) + packet.length / BYTES_PER_MS;
  }

  /**
   * Waits for the ICMP answer of a closed port, at most once a second.
   *
   * @throws (rejects with) That answer.
   */
  async refusal(): Promise<void> {
    if (this.error === undefined && now() - this.foundOpenAt > STILL_OPEN_MS) {
      await new Promise<void>((resolve) => {
        const timer = setTimer(resolve, REFUSAL_MS);
        timer.unref();
        this.onError = () => {
          clearTimer(timer);
          resolve();
        };
      });
      this.onError = undefined;
      if (this.error === undefined) this.foundOpenAt = now();
    }
    this.throwError();
  }

  close(): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.then(
      (open) => open.close(),
      () => undefined, // It was never open.
    );
  }

  private pause(): Promise<void> {
    const ms = this.readAt - now() - MAX_WAITING_BYTES / BYTES_PER_MS;
    return ms <= 0 ? Promise.resolve() : new Promise((resolve) => void setTimer(resolve, ms).unref());
  }

  private throwError(): void {
    const { error } = this;
    if (error === undefined) return;
    this.error = undefined;
    this.foundOpenAt = Number.NEGATIVE_INFINITY;
    throw error;
  }

  private failed(error: unknown): never {
    this.close();
    this.error = undefined;
    this.foundOpenAt = Number.NEGATIVE_INFINITY;
    throw error;
  }

  private open(): Promise<dgram.Socket> {
    if (this.socket !== undefined && now() - this.openedAt > MAX_AGE_MS) this.close();
    if (this.socket !== undefined) return this.socket;
    this.openedAt = now();
    const opening = this.connect();
    this.socket = opening;
    opening.catch(() => {
      if (this.socket === opening) this.socket = undefined;
    });
    return opening;
  }

  private connect(): Promise<dgram.Socket> {
    return new Promise((resolve, reject) => {
      const socket = dgram.createSocket(this.host.includes(':') ? 'udp6' : 'udp4');
      socket.unref();
      socket.on('error', (error) => {
        this.error = error;
        this.close();
        this.onError?.();
      });
      socket.connect(this.port, this.host, (error?: Error) => {
        if (error === undefined) {
          resolve(socket);
        } else {
          socket.close();
          reject(error);
        }
      });
    });
  }
}

async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimer(() => reject(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })), timeoutMs);
    timer.unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    if (timer !== undefined) clearTimer(timer);
  }
}
