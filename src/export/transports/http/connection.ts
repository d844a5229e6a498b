/**
 * A connection to a backend that speaks HTTP/1.1, one request at a time, on a socket.
 *
 * node:http is not used. Its client and its server share code (`OutgoingMessage`, its writable side), and V8 keeps one
 * set of inline caches for both. A client in the process makes every response of the app's server slower:
 * docs/decisions/0017-cost-per-span.md.
 */
import net from 'node:net';
import type tls from 'node:tls';
import { clearTimer, setTimer } from '../../../timers';
import { type Answer, AnswerReader } from './response';

export interface Address {
  readonly host: string;
  readonly port: number;
  /** undefined where the connection is without TLS. */
  readonly tls: tls.ConnectionOptions | undefined;
}

/** What became of a request. `stale`: the connection was an old one, and the request did not reach the backend. */
export type Outcome = Answer | 'no answer in time' | 'stale';

interface Exchange {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class HttpConnection {
  private readonly socket: net.Socket;
  private exchange: Exchange | undefined;
  private reader = new AnswerReader();
  private error: Error | undefined;
  /** How many requests have ended. */
  private answered = 0;
  isOpen = true;

  /** @param onIdle Called when it is idle, and when it is closed (`isOpen` says which). */
  constructor(
    address: Address,
    private readonly onIdle: (connection: HttpConnection) => void,
  ) {
    const { host, port } = address;
    if (address.tls === undefined) {
      this.socket = net.connect({ host, port });
    } else {
      // Loaded only now. It takes long to load on the app's thread, and most collectors need no TLS.
      const secure = require('node:tls') as typeof tls;
      this.socket = secure.connect({ ...address.tls, host, port, ALPNProtocols: ['http/1.1'] });
    }
    this.socket.unref();
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk: Buffer) => this.take(chunk));
    this.socket.on('error', (error) => {
      this.error = error;
    });
    this.socket.on('end', () => this.socket.destroy());
    this.socket.on('close', () => this.closed());
  }

  /** Its file descriptor; undefined while it is in use, and under TLS. */
  get descriptor(): number | undefined {
    if (this.exchange !== undefined || !this.isOpen || 'encrypted' in this.socket) return undefined;
    const { _handle: handle } = this.socket as net.Socket & { _handle?: { fd?: unknown } };
    return typeof handle?.fd === 'number' ? handle.fd : undefined;
  }

  /**
   * @param head The request's lines and headers, without the empty line at the end.
   * @param body In parts, of which there is at least one.
   * @param timeoutMs Limit in milliseconds. An answer whose head has come by then counts.
   * @param onWritten Called when the operating system has all of the request.
   * @throws (rejects with) The error of the connection.
   */
  send(
    head: string,
    body: readonly Uint8Array[],
    timeoutMs: number,
    onWritten: () => void,
  ): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const timer = setTimer(() => this.settle(this.reader.read(true) ?? 'no answer in time'), timeoutMs);
      timer.unref();
      this.exchange = { resolve, reject, timer };
      this.socket.cork();
      this.socket.write(`${head}\r\n\r\n`, 'latin1');
      const last = body.length - 1;
      for (let i = 0; i < last; i++) this.socket.write(body[i] as Uint8Array);
      this.socket.write(body[last] as Uint8Array, (error) => {
        if (!error) onWritten();
      });
      this.socket.uncork();
    });
  }

  destroy(): void {
    this.isOpen = false;
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    if (this.exchange === undefined) {
      this.destroy(); // It has sent something without a request.
      return;
    }
    try {
      this.reader.add(chunk);
      const answer = this.reader.read(false);
      if (answer !== undefined) this.settle(answer);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private closed(): void {
    this.isOpen = false;
    if (this.exchange === undefined) {
      this.onIdle(this);
      return;
    }
    const answer = this.reader.read(true);
    const code = (this.error as NodeJS.ErrnoException | undefined)?.code;
    const isLost = this.error === undefined || code === 'ECONNRESET' || code === 'EPIPE';
    // An idle connection is lost like this when the backend closes it just when the request is written.
    if (answer !== undefined) this.settle(answer);
    else if (isLost && this.answered > 0 && this.reader.size === 0) this.settle('stale');
    else this.fail(this.error ?? Object.assign(new Error('connection closed'), { code: 'ECONNRESET' }));
  }

  private settle(outcome: Outcome): void {
    const exchange = this.exchange;
    if (exchange === undefined) return;
    this.release(exchange, typeof outcome === 'object' && outcome.isReusable);
    exchange.resolve(outcome);
  }

  private fail(error: Error): void {
    const exchange = this.exchange;
    if (exchange === undefined) return;
    this.release(exchange, false);
    exchange.reject(error);
  }

  private release({ timer }: Exchange, isReusable: boolean): void {
    clearTimer(timer);
    this.exchange = undefined;
    this.reader = new AnswerReader();
    this.answered++;
    if (!isReusable) this.destroy();
    this.onIdle(this);
  }
}
