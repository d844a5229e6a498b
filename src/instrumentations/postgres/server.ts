/** Whom a connection of postgres talks to, of which the driver knows the most. */
import { safeGet } from '../../tracing/attributes';
import { type DatabaseServer, describeServer } from '../operations/database';

export interface Options {
  /** As many as there are ports. */
  readonly host: readonly unknown[];
  readonly port: readonly unknown[];
  /** Of a Unix socket. */
  readonly path: unknown;
  readonly database: unknown;
  /** A function of the app's that opens the connection. */
  readonly socket: unknown;
}

export function configuredServer({ database, host, port, path }: Options, index: number): DatabaseServer {
  return describeServer({
    system: 'postgresql',
    database,
    host: host[index],
    port: port[index],
    socketPath: path,
  });
}

/** Of a pool that was closed before it was used, the error alone says where it would have gone. */
export function serverIn(error: unknown): DatabaseServer {
  const [host] = [safeGet(error, 'address')].flat();
  const [port] = [safeGet(error, 'port')].flat();
  return describeServer({ system: 'postgresql', host, port });
}

/**
 * The host that a connection is about to try, where the app gave several. The driver keeps that to itself, but only `connect`
 * reads one of the ports (src/connection.js), so these tell when they are read.
 */
export class WatchedPorts {
  /** What the driver is to take in the place of the app's options. */
  readonly options: Options;
  /** Called with the host's index. */
  onRead: (index: number) => void = () => undefined;

  constructor(options: Options) {
    const port = [...options.port];
    for (const [index, value] of port.entries()) {
      const get = (): unknown => {
        this.onRead(index);
        return value;
      };
      Object.defineProperty(port, index, { get });
    }
    this.options = Object.create(options, { port: { value: port, configurable: true } });
  }

  /** The driver has taken the ports. What reads the options from here on (its errors do) gets the app's. */
  taken(): void {
    Reflect.deleteProperty(this.options, 'port');
  }
}
