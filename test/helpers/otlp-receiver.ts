/** An OTLP/HTTP backend on loopback that a test can look into and whose answers it decides. */
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeJson, decodeProtobuf, encodeResponse, type PartialSuccess } from './otlp-official';
import type { ReceivedSpan } from './span';
import { type SpanCondition, SpanStore } from './span-store';
import type { ServerTls } from './tls';

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  /** Names as they were written on the wire, in order. */
  rawHeaders: string[];
  contentType: string;
  /** '' when the body was not compressed. */
  contentEncoding: string;
  /** As it came, possibly compressed. */
  rawBody: Buffer;
  /** Decompressed. */
  body: Buffer;
  /** Spans in this request, whatever was answered. */
  spans: ReceivedSpan[];
}

export interface Answer {
  /** 200 unless told. Anything but 2xx and the spans of the request are not in `spans()`. */
  status?: number;
  headers?: http.OutgoingHttpHeaders;
  /** Instead of the ExportTraceServiceResponse. */
  body?: string | Buffer;
  partialSuccess?: PartialSuccess;
  delayMs?: number;
  /** Takes the request and never answers. */
  hang?: boolean;
  /** Takes the request and resets the connection. */
  reset?: boolean;
}

export type Answerer = Answer | ((request: ReceivedRequest, index: number) => Answer | Promise<Answer>);

export interface OtlpReceiver {
  /** `http://127.0.0.1:port`, without a path. */
  readonly url: string;
  readonly port: number;
  /** Every request, also the ones that were refused. */
  readonly requests: ReceivedRequest[];
  /** Number of TCP connections opened so far. */
  readonly connectionCount: number;
  /** Sets what is answered from now on. */
  answer(answerer: Answerer): void;
  /** Answers for the next requests, one each; afterwards what `answer` set. */
  answerNext(...answers: Answer[]): void;
  /** Spans of the accepted requests. Throws when something undecodable came. */
  spans(): ReceivedSpan[];
  waitForSpans(condition: SpanCondition, boundMs?: number): Promise<ReceivedSpan[]>;
  waitForRequests(count: number, boundMs?: number): Promise<ReceivedRequest[]>;
  /** Forgets spans and requests. */
  clear(): void;
  close(): Promise<void>;
}

export interface OtlpReceiverOptions {
  answer?: Answerer;
  /** Serves https. */
  tls?: ServerTls;
  /** A fixed port, for a backend that comes back after it was away. */
  port?: number;
  /** The only path served, `/v1/traces` unless told; 404 elsewhere, as a real backend does. */
  path?: string;
}

export async function startOtlpReceiver(options: OtlpReceiverOptions = {}): Promise<OtlpReceiver> {
  const store = new SpanStore();
  const requests: ReceivedRequest[] = [];
  const queued: Answer[] = [];
  const sockets = new Set<Socket>();
  let connectionCount = 0;
  let answerer: Answerer = options.answer ?? {};

  async function handle(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const request = await read(incoming);
    const form = request.contentType === 'application/json' ? 'json' : 'protobuf';
    const index = requests.length;
    requests.push(request);
    if (request.path !== (options.path ?? '/v1/traces')) {
      response.writeHead(404).end();
      store.notify();
      return;
    }
    try {
      checkIsExport(request);
      request.body = request.contentEncoding === 'gzip' ? gunzipSync(request.rawBody) : request.rawBody;
      request.spans = form === 'json' ? decodeJson(request.body) : decodeProtobuf(request.body);
    } catch (error) {
      store.addDefect(error instanceof Error ? error.message : String(error));
      response.writeHead(400).end();
      return;
    }
    const answer =
      queued.shift() ?? (typeof answerer === 'function' ? await answerer(request, index) : answerer);
    const status = answer.status ?? 200;
    if (status >= 200 && status < 300 && !answer.hang && !answer.reset) store.add(request.spans);
    else store.notify();
    if (answer.hang) return;
    if (answer.reset) {
      incoming.socket.resetAndDestroy();
      return;
    }
    if (answer.delayMs) await new Promise((resolve) => setTimeout(resolve, answer.delayMs));
    const type = form === 'json' ? 'application/json' : 'application/x-protobuf';
    response.writeHead(status, { 'content-type': type, ...answer.headers });
    response.end(answer.body ?? encodeResponse(form, answer.partialSuccess));
  }

  const onRequest: http.RequestListener = (incoming, response) => {
    // A sender that goes away in the middle is the sender's business, not a failure of the test.
    handle(incoming, response).catch(() => response.destroy());
  };
  const server = options.tls ? https.createServer(options.tls, onRequest) : http.createServer(onRequest);
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket: Socket) => {
    connectionCount++;
    sockets.add(socket);
    // A test that fails before it closes its receiver must still come to an end.
    socket.unref();
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;

  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    get connectionCount() {
      return connectionCount;
    },
    answer: (next) => {
      answerer = next;
    },
    answerNext: (...answers) => {
      queued.push(...answers);
    },
    spans: () => store.spans(),
    waitForSpans: (condition, boundMs) => store.waitForSpans(condition, boundMs),
    waitForRequests: async (count, boundMs = 20_000) => {
      const explain = (): string => `${count} requests did not arrive; got ${requests.length}`;
      await store.waitUntil(() => requests.length >= count, boundMs, explain);
      return requests;
    },
    clear: () => {
      requests.length = 0;
      store.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A backend routes by path and content type; spans sent elsewhere or under another name are lost. */
function checkIsExport(request: ReceivedRequest): void {
  const { method, path, contentType, contentEncoding } = request;
  if (method !== 'POST') throw new Error(`${method} ${path} instead of POST`);
  if (contentType !== 'application/json' && contentType !== 'application/x-protobuf') {
    throw new Error(`content type "${contentType}"`);
  }
  if (contentEncoding !== '' && contentEncoding !== 'gzip')
    throw new Error(`content encoding "${contentEncoding}"`);
}

async function read(incoming: http.IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const rawBody = Buffer.concat(chunks);
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    rawHeaders: incoming.rawHeaders,
    contentType: (incoming.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '',
    contentEncoding: incoming.headers['content-encoding'] ?? '',
    rawBody,
    body: rawBody,
    spans: [],
  };
}
