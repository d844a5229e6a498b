import { isIP } from 'node:net';
import { URL, urlToHttpOptions } from 'node:url';
import type { OtlpDestination } from '../../../config/types';
import { readTlsFiles } from '../shared/tls';
import { type Address, HttpConnection } from './connection';
import type { Answer } from './response';

/** So many connections are kept open between requests. */
const MAX_IDLE = 1;

/** The connections to one backend. */
export class HttpPool {
  private readonly url: URL;
  private address: Address | undefined;
  private readonly all = new Set<HttpConnection>();
  private readonly idle: HttpConnection[] = [];

  constructor(private readonly destination: OtlpDestination) {
    this.url = new URL(destination.url);
  }

  /** @returns The first lines of a request. */
  requestLines(): string[] {
    const { pathname, search, host } = this.url;
    return [`POST ${pathname}${search} HTTP/1.1`, `host: ${host}`];
  }

  /** The credentials of the URL, as the value of a header; undefined where it has none. */
  get authorization(): string | undefined {
    const { auth } = urlToHttpOptions(this.url);
    return auth ? `Basic ${Buffer.from(auth).toString('base64')}` : undefined;
  }

  /**
   * Sends one request. Sends it once more if its connection was an old one that the backend had just closed.
   *
   * @param head The request's lines and headers, without the empty line at the end.
   * @param body In parts.
   * @param timeoutMs Limit of each of the two in milliseconds.
   * @param onProgress Called with whether the operating system has all of the request.
   * @throws (rejects with) The error of the connection.
   */
  async send(
    head: string,
    body: readonly Uint8Array[],
    timeoutMs: number,
    onProgress: (written: boolean) => void,
  ): Promise<Answer | 'no answer in time'> {
    for (let isSecond = false; ; isSecond = true) {
      const connection = this.idle.pop() ?? this.connect();
      const outcome = await connection.send(head, body, timeoutMs, () => onProgress(true));
      if (outcome !== 'stale') return outcome;
      onProgress(false);
      if (isSecond) throw Object.assign(new Error('connection closed'), { code: 'ECONNRESET' });
    }
  }

  /** The file descriptor of a connection that is open and idle; undefined where there is none, or under TLS. */
  get idleDescriptor(): number | undefined {
    return this.idle[this.idle.length - 1]?.descriptor;
  }

  close(): void {
    this.idle.length = 0;
    for (const connection of this.all) connection.destroy();
  }

  private connect(): HttpConnection {
    this.address ??= this.findAddress();
    const connection = new HttpConnection(this.address, this.onIdle);
    this.all.add(connection);
    return connection;
  }

  private findAddress(): Address {
    const { hostname, port } = urlToHttpOptions(this.url);
    const host = hostname ?? '';
    if (this.url.protocol !== 'https:') return { host, port: Number(port ?? 80), tls: undefined };
    const servername = isIP(host) === 0 ? host : '';
    return {
      host,
      port: Number(port ?? 443),
      tls: { ...readTlsFiles(this.destination.tls), servername },
    };
  }

  /** Called when a connection is idle, or is closed. */
  private readonly onIdle = (connection: HttpConnection): void => {
    const at = this.idle.indexOf(connection);
    if (!connection.isOpen) {
      this.all.delete(connection);
      if (at >= 0) this.idle.splice(at, 1);
    } else if (at < 0) {
      if (this.idle.length < MAX_IDLE) this.idle.push(connection);
      else connection.destroy();
    }
  };
}
