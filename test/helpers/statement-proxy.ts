/**
 * A TCP proxy in front of a real database that lists the statements on the wire, so that a test can demand
 * exactly one database span for each of them.
 */
import net, { type AddressInfo, type Socket } from 'node:net';
import { MongodbDecoder } from './wire/mongodb';
import { MysqlDecoder } from './wire/mysql';
import { PostgresDecoder } from './wire/postgres';
import { RedisDecoder } from './wire/redis';
import type { Decoder, DecoderSink, Statement } from './wire/statement';

export type { Statement } from './wire/statement';
export type ProxyKind = 'postgres' | 'mysql' | 'redis' | 'mongodb';

export interface StatementProxy {
  /** The database's URL with the proxy's host and port in it. */
  readonly url: string;
  readonly port: number;
  /** In the order in which they went over the wire. Throws when the traffic could not be read. */
  statements(): Statement[];
  /** Texts that were sent for preparation (PostgreSQL Parse, MySQL COM_STMT_PREPARE). */
  prepared(): string[];
  /** Connections made so far. */
  readonly connectionCount: number;
  /** Forgets the statements; what is prepared stays known. */
  clear(): void;
  /** Resets all connections, as a failing network does. */
  breakConnections(): void;
  close(): Promise<void>;
}

const decoders: Record<ProxyKind, new (sink: DecoderSink) => Decoder> = {
  postgres: PostgresDecoder,
  mysql: MysqlDecoder,
  redis: RedisDecoder,
  mongodb: MongodbDecoder,
};
const usualPorts: Record<ProxyKind, number> = { postgres: 5432, mysql: 3306, redis: 6379, mongodb: 27017 };

export async function startStatementProxy(kind: ProxyKind, databaseUrl: string): Promise<StatementProxy> {
  const target = new URL(databaseUrl);
  const targetPort = Number(target.port) || usualPorts[kind];
  const sockets = new Set<Socket>();
  const preparedTexts: string[] = [];
  const defects: string[] = [];
  let statements: Statement[] = [];
  let connectionCount = 0;

  const server = net.createServer((client) => {
    connectionCount++;
    const decoder = new decoders[kind]({
      statement: (statement) => statements.push(statement),
      prepared: (text) => preparedTexts.push(text),
      connection: connectionCount,
    });
    const upstream = net.connect(targetPort, target.hostname);
    const forward = (from: Socket, to: Socket, decode: (chunk: Buffer) => void): void => {
      sockets.add(from);
      from.unref();
      from.setNoDelay(true);
      let readable = true;
      from.on('data', (chunk: Buffer) => {
        try {
          // After a failure the stream is out of step; the rest would only repeat the complaint.
          if (readable) decode(chunk);
        } catch (error) {
          readable = false;
          defects.push(error instanceof Error ? error.message : String(error));
        }
        if (!to.write(chunk)) from.pause();
      });
      to.on('drain', () => from.resume());
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    };
    forward(client, upstream, (chunk) => decoder.fromClient(chunk));
    forward(upstream, client, (chunk) => decoder.fromServer(chunk));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);

  return {
    url: url.href,
    port,
    statements: () => {
      if (defects.length > 0) throw new Error(`The proxy could not read the traffic: ${defects.join('; ')}`);
      return [...statements];
    },
    prepared: () => [...preparedTexts],
    get connectionCount() {
      return connectionCount;
    },
    clear: () => {
      statements = [];
    },
    breakConnections: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
