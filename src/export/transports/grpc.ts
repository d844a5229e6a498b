/**
 * OTLP over gRPC: one unary call per batch, on node:http2.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import http2 from 'node:http2';
import type { Destination, OtlpDestination } from '../../config/types';
import { assembleRequest, EncodedResource, encodeResource, withAttributes } from '../../otlp/resource';
import { parseProtobufResponse } from '../../otlp/response';
import { cutText } from '../../text/cut';
import { clearTimer, setTimer } from '../../timers';
import type { Resource } from '../../tracing/types';
import { withoutSecrets } from '../delivery/describe';
import type { Batch, SendProgress, SendResult, Transport } from '../types';
import { decodeGrpcMessage, grpcFailure, retryDelay } from './grpc/status';
import { toChoose } from './shared/advice';
import { gzipped, isWorthGzip } from './shared/gzip';
import { networkFailure, timeoutFailure } from './shared/network-failure';
import { parseRetryAfter, statusFailure } from './shared/status-failure';
import { readTlsFiles } from './shared/tls';
import { withTooLargeSpan } from './shared/too-large';
import { userAgent } from './shared/user-agent';

const connect = http2.connect;

const EXPORT_PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
/** Before each message: whether it is compressed, and its length. */
const FRAME_HEADER_BYTES = 5;
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_SAID_CHARS = 200;

/** The server has not processed the call (GOAWAY, refused stream). It is safe to repeat it on a new connection. */
const UNSEEN = Symbol('unseen');

type Headers = http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader;

class GrpcTransport implements Transport {
  private readonly destination: OtlpDestination;
  private readonly resource: Resource;
  private readonly encodedResource: EncodedResource<Uint8Array>;
  private session: http2.ClientHttp2Session | undefined;

  constructor(destination: OtlpDestination, resource: Resource) {
    this.destination = destination;
    this.resource = resource;
    this.encodedResource = new EncodedResource(resource, destination.resourceAttributes, encodeResource);
  }

  async send(batch: Batch, timeoutMs: number, progress?: SendProgress): Promise<SendResult> {
    try {
      const frame = await this.frame(batch);
      const first = await this.call(frame, batch.spanCount, timeoutMs, progress);
      if (first !== UNSEEN) return withTooLargeSpan(first, batch);
      const second = await this.call(frame, batch.spanCount, timeoutMs, progress);
      if (second !== UNSEEN) return withTooLargeSpan(second, batch);
      return networkFailure(Object.assign(new Error('refused'), { code: 'ECONNRESET' }), this.destination);
    } catch (error) {
      return networkFailure(error, this.destination);
    }
  }

  close(): void {
    this.session?.destroy();
    this.session = undefined;
  }

  private async frame(batch: Batch): Promise<Buffer> {
    const { resource: foreign } = batch;
    const resource =
      foreign === undefined
        ? this.encodedResource.current
        : encodeResource(withAttributes(foreign, this.destination.resourceAttributes));
    let frame = assembleRequest(resource, batch.pieces, FRAME_HEADER_BYTES);
    const compressed = this.destination.compression === 'gzip' && isWorthGzip(frame.length);
    if (compressed) {
      frame = Buffer.concat([
        Buffer.alloc(FRAME_HEADER_BYTES),
        await gzipped(frame.subarray(FRAME_HEADER_BYTES)),
      ]);
    }
    frame[0] = compressed ? 1 : 0;
    frame.writeUInt32BE(frame.length - FRAME_HEADER_BYTES, 1);
    return frame;
  }

  private connection(): http2.ClientHttp2Session {
    const open = this.session;
    if (open !== undefined && !open.closed && !open.destroyed) return open;
    const session = connect(this.destination.url, readTlsFiles(this.destination.tls));
    const forget = (): void => {
      if (this.session === session) this.session = undefined;
    };
    session.on('error', forget); // The calls on it report the error.
    session.on('close', forget);
    session.on('goaway', () => {
      forget();
      session.close(); // The calls on it may finish.
    });
    session.unref();
    this.session = session;
    return session;
  }

  private headers(compressed: boolean, timeoutMs: number): http2.OutgoingHttpHeaders {
    const headers: http2.OutgoingHttpHeaders = {
      'user-agent': userAgent(this.resource),
      ...this.destination.headers,
      ':method': 'POST',
      ':path': EXPORT_PATH,
      te: 'trailers',
      'content-type': 'application/grpc',
      'grpc-timeout': `${Math.max(1, Math.floor(timeoutMs))}m`,
    };
    if (compressed) headers['grpc-encoding'] = 'gzip';
    return headers;
  }

  private call(
    frame: Buffer,
    spanCount: number,
    timeoutMs: number,
    progress: SendProgress | undefined,
  ): Promise<SendResult | typeof UNSEEN> {
    return new Promise((resolve, reject) => {
      const session = this.connection();
      const stream = session.request(this.headers(frame[0] === 1, timeoutMs));
      const chunks: Buffer[] = [];
      let size = 0;
      let head: Headers | undefined;
      let trailers: Headers | undefined;
      let broken: unknown;
      const timer = setTimer(() => {
        resolve(timeoutFailure(timeoutMs));
        stream.close(http2.constants.NGHTTP2_CANCEL);
        // The connection may be dead without having been closed. The next call makes a new one.
        if (head === undefined) session.destroy();
      }, timeoutMs);
      timer.unref();
      // The reason (such as ECONNREFUSED) is in the session's error, or in the cause of the stream's error.
      const onSessionError = (error: unknown): void => {
        broken = error;
      };
      session.once('error', onSessionError);
      stream.on('finish', () => {
        if (progress !== undefined) progress.written = true;
      });
      stream.on('response', (headers) => {
        head = headers;
      });
      stream.on('trailers', (headers) => {
        trailers = headers;
      });
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
        else stream.close(http2.constants.NGHTTP2_CANCEL);
      });
      stream.on('error', (error) => {
        broken ??= error.cause ?? error;
      });
      stream.on('close', () => {
        clearTimer(timer);
        session.removeListener('error', onSessionError);
        const end = trailers ?? head;
        if (
          end !== undefined &&
          (end['grpc-status'] !== undefined || end[':status'] !== undefined || size > MAX_ANSWER_BYTES)
        ) {
          resolve(this.judge(head ?? end, end, size > MAX_ANSWER_BYTES ? [] : chunks, spanCount));
        } else if (stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM) {
          resolve(UNSEEN);
        } else {
          if (progress !== undefined) progress.written = false;
          reject(broken ?? Object.assign(new Error('the call was cut off'), { code: 'ECONNRESET' }));
        }
      });
      stream.end(frame);
    });
  }

  private judge(head: Headers, end: Headers, chunks: Buffer[], spanCount: number): SendResult {
    const { destination } = this;
    const code = end['grpc-status'];
    const message = this.readable(decodeGrpcMessage(text(end['grpc-message'])));
    if (code === undefined) return this.judgeWithoutStatus(head, chunks, spanCount);
    if (code !== '0') {
      const retryAfterMs = retryDelay(text(end['grpc-status-details-bin']) || undefined);
      return grpcFailure({ code: Number(code), message, retryAfterMs }, destination);
    }
    return delivered(chunks, spanCount, (said) => this.readable(said));
  }

  /** Judges an answer without a gRPC status: it is plain HTTP, or it broke off. */
  private judgeWithoutStatus(head: Headers, chunks: Buffer[], spanCount: number): SendResult {
    const status = head[':status'] ?? 0;
    if (status !== 200) {
      const retryAfterMs = parseRetryAfter(text(head['retry-after']) || undefined, Date.now());
      return statusFailure(status, { said: '', location: head.location, retryAfterMs }, this.destination);
    }
    if (text(head['content-type']).startsWith('application/grpc')) {
      // The message is complete and only the trailers are missing, so the batch was taken.
      if (chunks.length > 0) return delivered(chunks, spanCount, (said) => this.readable(said));
      return networkFailure(Object.assign(new Error('cut off'), { code: 'ECONNRESET' }), this.destination);
    }
    return {
      outcome: 'refused',
      status: '200',
      reason: 'the answer is not gRPC',
      fix: `use the gRPC port (4317 as a rule), or ${toChoose('http/protobuf', this.destination)}`,
    };
  }

  private readable(said: string): string {
    return cutText(withoutSecrets(said, this.destination), MAX_SAID_CHARS);
  }
}

function delivered(chunks: Buffer[], spanCount: number, readable: (said: string) => string): SendResult {
  const answer = Buffer.concat(chunks);
  // A compressed message is ignored. We announce no encoding, so a server should not send one.
  const plain = answer.length > FRAME_HEADER_BYTES && answer[0] === 0;
  const partial = parseProtobufResponse(plain ? answer.subarray(FRAME_HEADER_BYTES) : Buffer.alloc(0));
  return {
    outcome: 'delivered',
    rejected: Math.min(Math.max(0, Math.floor(partial.rejected)), spanCount),
    message: readable(partial.message),
    status: 'OK',
  };
}

function text(header: string | string[] | undefined): string {
  return Array.isArray(header) ? (header[0] ?? '') : (header ?? '');
}

/**
 * @param destination Must be of the transport `otlp`.
 * @throws {TypeError} The destination is of another transport.
 */
export function createTransport(destination: Destination, resource: Resource): Transport {
  if (destination.transport !== 'otlp') throw new TypeError(`not an OTLP destination: ${destination.id}`);
  return new GrpcTransport(destination, resource);
}
