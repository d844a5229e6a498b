/** OTLP over HTTP/1.1, as protobuf or JSON. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Destination, OtlpDestination } from '../../config/types';
import { assembleJsonRequest, resourceJson } from '../../otlp/json';
import { EncodedResource, encodeResource, requestParts, sizeOf, withAttributes } from '../../otlp/resource';
import { cutText } from '../../text/cut';
import type { Resource } from '../../tracing/types';
import { withoutSecrets } from '../delivery/describe';
import type { Batch, SendProgress, SendResult, Transport } from '../types';
import { decompressed, partialSuccessOf, saidBy } from './http/body';
import { HttpPool } from './http/pool';
import type { Answer } from './http/response';
import { exchangeSync, isIdle } from './http-sync';
import { usualHttpPort } from './shared/advice';
import { gzipped, gzippedSync, isWorthGzip } from './shared/gzip';
import { networkFailure, timeoutFailure } from './shared/network-failure';
import { parseRetryAfter, statusFailure } from './shared/status-failure';
import { withTooLargeSpan } from './shared/too-large';
import { userAgent } from './shared/user-agent';

const MAX_SAID_CHARS = 200;

class HttpTransport implements Transport {
  private readonly destination: OtlpDestination;
  private readonly json: boolean;
  private readonly resource: Resource;
  private readonly encodedResource: EncodedResource<Uint8Array>;
  private readonly resourceText: EncodedResource<string>;
  private readonly pool: HttpPool;

  constructor(destination: OtlpDestination, resource: Resource) {
    this.destination = destination;
    this.json = destination.protocol === 'http/json';
    this.resource = resource;
    this.encodedResource = new EncodedResource(resource, destination.resourceAttributes, encodeResource);
    this.resourceText = new EncodedResource(resource, destination.resourceAttributes, resourceJson);
    this.pool = new HttpPool(destination);
  }

  async send(batch: Batch, timeoutMs: number, progress?: SendProgress): Promise<SendResult> {
    try {
      const plain = this.assemble(batch);
      const compress = this.destination.compression === 'gzip' && isWorthGzip(sizeOf(plain));
      const body = compress ? [await gzipped(Buffer.concat(plain))] : plain;
      const head = this.head(sizeOf(body), compress);
      const answer = await this.pool.send(head, body, timeoutMs, (written) => {
        if (progress !== undefined) progress.written = written;
      });
      if (answer === 'no answer in time') return timeoutFailure(timeoutMs);
      return withTooLargeSpan(this.judge(answer, await decompressed(answer), batch.spanCount), batch);
    } catch (error) {
      if (progress !== undefined) progress.written = false;
      return networkFailure(error, this.destination);
    }
  }

  close(): void {
    this.pool.close();
  }

  sendSync(batch: Batch, timeoutMs: number): SendResult | undefined {
    const fd = this.pool.idleDescriptor;
    if (fd === undefined || !isIdle(fd)) return undefined;
    const plain = Buffer.concat(this.assemble(batch));
    const compress = this.destination.compression === 'gzip' && isWorthGzip(plain.length);
    const body = compress ? gzippedSync(plain) : plain;
    const outcome = exchangeSync(fd, this.head(body.length, compress), body, timeoutMs);
    if (outcome === 'no answer in time') return timeoutFailure(timeoutMs);
    return outcome && withTooLargeSpan(this.judge(outcome, outcome.body, batch.spanCount), batch);
  }

  /** In parts, which need not be copied into one. */
  private assemble(batch: Batch): Uint8Array[] {
    if (batch.resource !== undefined) return this.assembleFor(batch.resource, batch);
    return this.json
      ? [assembleJsonRequest(this.resourceText.current, batch.pieces)]
      : requestParts(this.encodedResource.current, batch.pieces);
  }

  /** Assembles the request for spans of an earlier process. */
  private assembleFor(foreign: Resource, { pieces }: Batch): Uint8Array[] {
    const resource = withAttributes(foreign, this.destination.resourceAttributes);
    return this.json
      ? [assembleJsonRequest(resourceJson(resource), pieces)]
      : requestParts(encodeResource(resource), pieces);
  }

  /** @throws {TypeError} The error of Node's client, where a header of the destination cannot be sent. */
  private head(length: number, compressed: boolean): string {
    const { headers } = this.destination;
    const { authorization } = this.pool;
    const lines = this.pool.requestLines();
    const all: Record<string, string> = {
      'content-type': this.json ? 'application/json' : 'application/x-protobuf',
      'user-agent': userAgent(this.resource),
      ...(authorization !== undefined && { authorization }),
      ...headers,
      'content-length': String(length),
      connection: 'keep-alive',
    };
    if (compressed) all['content-encoding'] = 'gzip';
    for (const [name, value] of Object.entries(all)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
      lines.push(`${name}: ${value}`);
    }
    return lines.join('\r\n');
  }

  private judge({ statusCode: status, headers }: Answer, body: Buffer, spanCount: number): SendResult {
    const type = (headers['content-type'] ?? '').toLowerCase();
    if (status < 200 || status > 299) {
      const details = {
        said: this.readable(saidBy(type, body)),
        location: headers.location,
        retryAfterMs: parseRetryAfter(headers['retry-after'], Date.now()),
      };
      return statusFailure(status, details, this.destination);
    }
    if (type.startsWith('text/html')) {
      return {
        outcome: 'refused',
        status: String(status),
        reason: `the answer is ${status}, but an HTML page: a web server or a user interface, not an OTLP endpoint`,
        fix: `use the OTLP port and path of the backend (${usualHttpPort(this.destination)} and /v1/traces as a rule)`,
      };
    }
    const { rejected, message } = partialSuccessOf(type, body);
    return {
      outcome: 'delivered',
      rejected: Math.min(Math.max(0, Math.floor(rejected)), spanCount),
      message: this.readable(message),
      status: String(status),
    };
  }

  private readable(said: string): string {
    return cutText(withoutSecrets(said, this.destination), MAX_SAID_CHARS);
  }
}

/**
 * @param destination Must be of the transport `otlp`.
 * @throws {TypeError} The destination is of another transport.
 */
export function createTransport(destination: Destination, resource: Resource): Transport {
  if (destination.transport !== 'otlp') throw new TypeError(`not an OTLP destination: ${destination.id}`);
  return new HttpTransport(destination, resource);
}
