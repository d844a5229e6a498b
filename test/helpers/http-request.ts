/** One plain HTTP request to loopback, on a connection of its own. */
import http from 'node:http';

export interface HttpRequest {
  path: string;
  /** GET unless told. */
  method?: string;
  /** A list is sent as so many header lines. */
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  /** Aborts the request from the client's side. */
  signal?: AbortSignal;
  /** To reuse connections. */
  agent?: http.Agent;
}

export interface HttpAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  json<T = Record<string, unknown>>(): T;
}

export function httpRequest(port: number, request: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { path, method = 'GET', headers = {}, body, signal, agent } = request;
    const outgoing = http.request({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers,
      signal,
      agent: agent ?? false,
    });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const answer = { status: incoming.statusCode ?? 0, headers: incoming.headers, text };
        resolve({ ...answer, json: <T>() => JSON.parse(text) as T });
      });
    });
    outgoing.end(body);
  });
}
