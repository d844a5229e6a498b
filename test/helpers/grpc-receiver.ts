/** An OTLP/gRPC backend on loopback over the official gRPC library. */
import type http2 from 'node:http2';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { Field, Type } from 'protobufjs';
import { decodeProtobuf, encodeResponse, type PartialSuccess } from './otlp-official';
import type { ReceivedSpan } from './span';
import { type SpanCondition, SpanStore } from './span-store';
import type { ServerTls } from './tls';

export interface GrpcRequest {
  /** Metadata without gRPC's own headers; binary values as base64. */
  metadata: Record<string, string>;
  /** As the client sent it; '' when it sent none. */
  encoding: string;
  userAgent: string;
  /** The message, decompressed. */
  body: Buffer;
  spans: ReceivedSpan[];
}

export interface GrpcAnswer {
  /** 0 (OK) unless told. */
  code?: status;
  details?: string;
  /** Trailers; names that end in `-bin` take Buffers. */
  trailers?: Record<string, string | Buffer>;
  partialSuccess?: PartialSuccess;
  delayMs?: number;
  /** Takes the request and never answers. */
  hang?: boolean;
}

export type GrpcAnswerer =
  | GrpcAnswer
  | ((request: GrpcRequest, index: number) => GrpcAnswer | Promise<GrpcAnswer>);

export interface GrpcReceiver {
  /** `http://127.0.0.1:port`, or https with TLS. */
  readonly url: string;
  readonly port: number;
  readonly requests: GrpcRequest[];
  answer(answerer: GrpcAnswerer): void;
  answerNext(...answers: GrpcAnswer[]): void;
  spans(): ReceivedSpan[];
  waitForSpans(condition: SpanCondition, boundMs?: number): Promise<ReceivedSpan[]>;
  waitForRequests(count: number, boundMs?: number): Promise<GrpcRequest[]>;
  clear(): void;
  close(): Promise<void>;
}

export interface GrpcReceiverOptions {
  answer?: GrpcAnswerer;
  tls?: ServerTls;
  port?: number;
  /** As most servers have it 4 MiB; unlimited unless told. */
  maxMessageBytes?: number;
}

const identity = (bytes: Buffer): Buffer => bytes;
const traceService = {
  Export: {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  },
} as const;

export async function startGrpcReceiver(options: GrpcReceiverOptions = {}): Promise<GrpcReceiver> {
  const store = new SpanStore();
  const requests: GrpcRequest[] = [];
  const queued: GrpcAnswer[] = [];
  let answerer: GrpcAnswerer = options.answer ?? {};

  async function handle(
    call: ServerUnaryCall<Buffer, Buffer>,
    reply: (answer: GrpcAnswer) => void,
  ): Promise<void> {
    const request = requestOf(call);
    const index = requests.length;
    requests.push(request);
    try {
      request.spans = decodeProtobuf(request.body);
    } catch (error) {
      const details = error instanceof Error ? error.message : String(error);
      store.addDefect(details);
      reply({ code: status.INVALID_ARGUMENT, details });
      return;
    }
    const answer =
      queued.shift() ?? (typeof answerer === 'function' ? await answerer(request, index) : answerer);
    if ((answer.code ?? status.OK) === status.OK && !answer.hang) store.add(request.spans);
    else store.notify();
    if (answer.hang) return;
    if (answer.delayMs) await new Promise((resolve) => setTimeout(resolve, answer.delayMs));
    reply(answer);
  }

  const server = new Server({ 'grpc.max_receive_message_length': options.maxMessageBytes ?? -1 });
  server.addService(traceService, {
    Export: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
      handle(call, (answer) => respond(answer, callback)).catch((error: unknown) => {
        callback({ code: status.INTERNAL, details: String(error) });
      });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    const address = `127.0.0.1:${options.port ?? 0}`;
    server.bindAsync(address, credentials(options.tls), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  tapHttp2(server);

  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
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
    close: async () => server.forceShutdown(),
  };
}

/** The `grpc-status-details-bin` value by which a server says "try again in so many seconds". */
export function retryInfo(code: status, seconds: number): Buffer {
  const duration = new Type('Duration').add(new Field('seconds', 1, 'int64'));
  const info = new Type('RetryInfo').add(duration).add(new Field('retryDelay', 1, 'Duration'));
  const any = new Type('Any').add(new Field('typeUrl', 1, 'string')).add(new Field('value', 2, 'bytes'));
  const rpcStatus = new Type('Status').add(any).add(new Field('code', 1, 'int32'));
  rpcStatus.add(new Field('details', 3, 'Any', 'repeated'));
  const value = info.encode(info.fromObject({ retryDelay: { seconds } })).finish();
  const detail = { typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', value };
  return Buffer.from(rpcStatus.encode(rpcStatus.fromObject({ code, details: [detail] })).finish());
}

const seenEncoding = 'x-test-seen-grpc-encoding';

/**
 * gRPC's library takes its own headers out of the metadata before a handler sees them, so the encoding is
 * copied under another name; the open sessions must not keep a failed test's process alive.
 */
function tapHttp2(server: Server): void {
  const { http2Servers } = server as unknown as { http2Servers: Map<http2.Http2Server, unknown> };
  for (const http2Server of http2Servers.keys()) {
    http2Server.prependListener('stream', (_stream, headers) => {
      headers[seenEncoding] = headers['grpc-encoding'];
    });
    http2Server.on('connection', (socket: { unref(): void }) => socket.unref());
    http2Server.unref();
  }
}

function requestOf(call: ServerUnaryCall<Buffer, Buffer>): GrpcRequest {
  const metadata: Record<string, string> = {};
  for (const key of Object.keys(call.metadata.getMap())) {
    const values = call.metadata
      .get(key)
      .map((value) => (typeof value === 'string' ? value : value.toString('base64')));
    metadata[key] = values.join(', ');
  }
  const encoding = metadata[seenEncoding] ?? '';
  delete metadata[seenEncoding];
  return { metadata, encoding, userAgent: metadata['user-agent'] ?? '', body: call.request, spans: [] };
}

function respond(answer: GrpcAnswer, callback: sendUnaryData<Buffer>): void {
  const trailers = new Metadata();
  for (const [name, value] of Object.entries(answer.trailers ?? {})) trailers.set(name, value);
  const code = answer.code ?? status.OK;
  if (code === status.OK) callback(null, encodeResponse('protobuf', answer.partialSuccess), trailers);
  else callback({ code, details: answer.details ?? '', metadata: trailers });
}

function credentials(tls: ServerTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const pair = { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) };
  return ServerCredentials.createSsl(tls.ca ? Buffer.from(tls.ca) : null, [pair], tls.requestCert ?? false);
}
