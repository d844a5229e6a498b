/**
 * The server that fixtures call (`UPSTREAM_URL`). Remembers each request with its headers, so that a test can
 * look at what was propagated. Paths: `/status/503`, `/redirect/2`, `/redirect-to?url=…`, `/slow?ms=50`,
 * `/hang`, `/reset`, `/cut` (half an answer), `/stream?chunks=5`, `/early` (answers before the body has come),
 * anything else: 200 with JSON that says what was asked. Upgrades to `echo`.
 */
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface UpstreamRequest {
  method: string;
  /** Path with query. */
  url: string;
  headers: http.IncomingHttpHeaders;
  rawHeaders: string[];
  body: string;
}

export interface Upstream {
  readonly url: string;
  readonly port: number;
  readonly requests: UpstreamRequest[];
  readonly connectionCount: number;
  /** The one request whose path starts so; fails when there is none or more than one. */
  requestTo(pathPrefix: string): UpstreamRequest;
  clear(): void;
  close(): Promise<void>;
}

export async function startUpstream(): Promise<Upstream> {
  const requests: UpstreamRequest[] = [];
  const sockets = new Set<Socket>();
  let connectionCount = 0;

  const remember = (incoming: http.IncomingMessage): UpstreamRequest => {
    const { method = '', url = '', headers, rawHeaders } = incoming;
    const request = { method, url, headers, rawHeaders, body: '' };
    requests.push(request);
    return request;
  };
  const server = http.createServer((incoming, response) => {
    const request = remember(incoming);
    answer(incoming, response, request).catch(() => response.destroy());
  });
  server.on('upgrade', (incoming: http.IncomingMessage, socket: Socket) => {
    remember(incoming);
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  server.on('connection', (socket: Socket) => {
    connectionCount++;
    sockets.add(socket);
    socket.unref();
    socket.on('close', () => sockets.delete(socket));
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
    requests,
    get connectionCount() {
      return connectionCount;
    },
    requestTo: (pathPrefix) => {
      const found = requests.filter((request) => request.url.startsWith(pathPrefix));
      const [first] = found;
      if (first === undefined || found.length > 1)
        throw new Error(`${found.length} requests to ${pathPrefix}`);
      return first;
    },
    clear: () => {
      requests.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function answer(
  incoming: http.IncomingMessage,
  response: http.ServerResponse,
  request: UpstreamRequest,
): Promise<void> {
  const url = new URL(request.url, 'http://upstream');
  const [, verb = '', argument = ''] = url.pathname.split('/');
  if (verb === 'early') {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  request.body = Buffer.concat(chunks).toString('utf8');
  switch (verb) {
    case 'hang':
      return;
    case 'reset':
      incoming.socket.resetAndDestroy();
      return;
    case 'cut':
      response.writeHead(200, { 'content-length': 1000 }).write('half an answer');
      setImmediate(() => incoming.socket.destroy());
      return;
    case 'status':
      response.writeHead(Number(argument)).end();
      return;
    case 'redirect': {
      const left = Number(argument);
      response.writeHead(302, { location: left > 1 ? `/redirect/${left - 1}` : '/redirected' }).end();
      return;
    }
    case 'redirect-to':
      response.writeHead(302, { location: url.searchParams.get('url') ?? '/' }).end();
      return;
    case 'stream':
      for (let left = Number(url.searchParams.get('chunks') ?? 5); left > 0; left--) {
        response.write(`chunk ${left}\n`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      response.end();
      return;
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, Number(url.searchParams.get('ms') ?? 50)));
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({ method: request.method, path: url.pathname, bodyLength: request.body.length }),
  );
}
