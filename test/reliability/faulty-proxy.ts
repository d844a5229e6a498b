/** In front of a backend: passes connections on, or does with them what networks and broken servers do. */
import net, { type AddressInfo, type Socket } from 'node:net';

/** Handles one connection; returns false to have it passed on. */
export type Fault = (socket: Socket, index: number) => boolean;

export interface FaultyProxy {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export async function startFaultyProxy(backendPort: number, fault: Fault): Promise<FaultyProxy> {
  const sockets = new Set<Socket>();
  let index = 0;
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.unref();
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    if (fault(socket, index++)) return;
    const upstream = net.connect(backendPort, '127.0.0.1');
    upstream.on('error', () => socket.destroy());
    upstream.on('close', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Reads so many bytes of the request, then cuts the connection. */
export function resetAfter(bytes: number): (socket: Socket) => true {
  return (socket) => {
    let left = bytes;
    socket.on('data', (chunk) => {
      left -= chunk.length;
      if (left <= 0) socket.resetAndDestroy();
    });
    return true;
  };
}

/** Answers the first bytes of the request with these, and closes. */
export function answerWith(text: string): (socket: Socket) => true {
  return (socket) => {
    socket.once('data', () => socket.end(text));
    socket.resume();
    return true;
  };
}
