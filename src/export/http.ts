/** OTLP over HTTP/1.1, as protobuf or JSON. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
import http from 'node:http';
import type https from 'node:https';
import timers from 'node:timers';
import { URL, urlToHttpOptions } from 'node:url';
import type { Destination, OtlpDestination } from '../config/types';
import { assembleJsonRequest, resourceJson } from '../otlp/json';
import { assembleRequest, EncodedResource, encodeResource, withAttributes } from '../otlp/resource';
import { cutText } from '../text/cut';
import type { Resource } from '../tracing/types';
import { usualHttpPort } from './advice';
import { withoutSecrets } from './describe';
import { gzipped, gzippedNow, isWorthGzip } from './gzip';
import { partialSuccessOf, readAnswer, saidBy } from './http-answer';
import { exchangeNow, idleDescriptor } from './http-now';
import { networkFailure, timeoutFailure } from './network-failure';
import { parseRetryAfter, statusFailure } from './status-failure';
import { readTlsFiles } from './tls-files';
import { withTooLargeSpan } from './too-large';
import type { Batch, SendProgress, SendResult, Transport } from './types';
import { userAgent } from './user-agent';

/** As they were when this file was loaded: apps mock `http` and the clock in their tests. */
const requestHttp = http.request;
const { setTimeout: setTimer, clearTimeout: clearTimer } = timers;

/** As many as the sender ever has under way at a time. */
const MAX_SOCKETS = 4;
const MAX_SAID_CHARS = 200;

/** The connection was an old one that the backend had just closed: the request never got there. */
const STALE = Symbol('stale');

class HttpTransport implements Transport {
  private readonly destination: OtlpDestination;
  private readonly json: boolean;
  private readonly resource: Resource;
  private readonly encodedResource: EncodedResource<Uint8Array>;
  private readonly resourceText: EncodedResource<string>;
  private options: https.RequestOptions | undefined;
  private request: typeof http.request = requestHttp;

  constructor(destination: OtlpDestination, resource: Resource) {
    this.destination = destination;
    this.json = destination.protocol === 'http/json';
    this.resource = resource;
    this.encodedResource = new EncodedResource(resource, destination.resourceAttributes, encodeResource);
    this.resourceText = new EncodedResource(resource, destination.resourceAttributes, resourceJson);
  }

  async send(batch: Batch, timeoutMs: number, progress?: SendProgress): Promise<SendResult> {
    try {
      const plain = this.assemble(batch);
      const compress = this.destination.compression === 'gzip' && isWorthGzip(plain);
      const body = compress ? await gzipped(plain) : plain;
      const first = await this.exchange(body, compress, batch.spanCount, timeoutMs, progress);
      if (first !== STALE) return withTooLargeSpan(first, batch);
      const second = await this.exchange(body, compress, batch.spanCount, timeoutMs, progress);
      if (second !== STALE) return withTooLargeSpan(second, batch);
      return networkFailure(connectionClosed(), this.destination);
    } catch (error) {
      return networkFailure(error, this.destination);
    }
  }

  close(): void {
    (this.options?.agent as http.Agent | undefined)?.destroy();
    this.options = undefined;
  }

  sendSync(batch: Batch, timeoutMs: number): SendResult | undefined {
    const { agent, path, auth } = this.options ?? {};
    if (agent === undefined || auth || this.request !== requestHttp) return undefined;
    const fd = idleDescriptor(agent as http.Agent);
    if (fd === undefined) return undefined;
    const plain = this.assemble(batch);
    const compress = this.destination.compression === 'gzip' && isWorthGzip(plain);
    const body = compress ? gzippedNow(plain) : plain;
    const lines = [`POST ${path} HTTP/1.1`, `host: ${new URL(this.destination.url).host}`];
    for (const [name, value] of Object.entries(this.headers(body.length, compress)))
      lines.push(`${name}: ${value}`);
    const outcome = exchangeNow(fd, lines.join('\r\n'), body, timeoutMs);
    if (outcome === 'no answer in time') return timeoutFailure(timeoutMs);
    return outcome && withTooLargeSpan(this.judge(outcome, outcome.body, batch.spanCount), batch);
  }

  private assemble(batch: Batch): Buffer {
    if (batch.resource !== undefined) return this.assembleFor(batch.resource, batch);
    return this.json
      ? assembleJsonRequest(this.resourceText.current, batch.pieces)
      : assembleRequest(this.encodedResource.current, batch.pieces, 0);
  }

  /** Spans of an earlier process. */
  private assembleFor(foreign: Resource, { pieces }: Batch): Buffer {
    const resource = withAttributes(foreign, this.destination.resourceAttributes);
    return this.json
      ? assembleJsonRequest(resourceJson(resource), pieces)
      : assembleRequest(encodeResource(resource), pieces, 0);
  }

  private connection(): https.RequestOptions {
    if (this.options !== undefined) return this.options;
    const url = new URL(this.destination.url);
    const pool = { keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: 1 };
    const agent = url.protocol === 'https:' ? this.secureAgent(pool) : new http.Agent(pool);
    this.options = { ...urlToHttpOptions(url), method: 'POST', agent };
    return this.options;
  }

  /** node:https takes 25 ms to load, on the app's thread: most collectors are asked without TLS. */
  private secureAgent(pool: http.AgentOptions): http.Agent {
    const secure = require('node:https') as typeof https;
    this.request = secure.request;
    return new secure.Agent({ ...pool, ...readTlsFiles(this.destination.tls) });
  }

  private headers(length: number, compressed: boolean): http.OutgoingHttpHeaders {
    const headers: http.OutgoingHttpHeaders = {
      'content-type': this.json ? 'application/json' : 'application/x-protobuf',
      'user-agent': userAgent(this.resource),
      ...this.destination.headers,
      'content-length': length,
    };
    if (compressed) headers['content-encoding'] = 'gzip';
    return headers;
  }

  /** One request. `timeoutMs` bounds the whole of it; an answer that has begun by then still counts. */
  private exchange(
    body: Buffer,
    compressed: boolean,
    spanCount: number,
    timeoutMs: number,
    progress: SendProgress | undefined,
  ): Promise<SendResult | typeof STALE> {
    return new Promise((resolve, reject) => {
      const connection = this.connection();
      const headers = this.headers(body.length, compressed);
      const request = this.request({ ...connection, headers });
      let answer: http.IncomingMessage | undefined;
      const timer = setTimer(() => {
        if (answer === undefined) resolve(timeoutFailure(timeoutMs));
        request.destroy(); // ends the reading of the answer, if there is one
      }, timeoutMs);
      timer.unref();
      request.on('socket', (socket) => socket.unref());
      request.on('finish', () => {
        if (progress !== undefined) progress.written = true;
      });
      request.on('response', (response) => {
        answer = response;
        readAnswer(response, (text) => {
          clearTimer(timer);
          resolve(this.judge(response, text, spanCount));
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (answer !== undefined) return; // what has arrived of the answer decides
        clearTimer(timer);
        if (progress !== undefined) progress.written = false;
        // Node's documentation of `request.reusedSocket`: the backend closed an idle connection meanwhile.
        if (request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) resolve(STALE);
        else reject(error);
      });
      request.on('close', () => {
        if (answer !== undefined) return;
        clearTimer(timer);
        reject(connectionClosed());
      });
      request.end(body);
    });
  }

  private judge(
    response: Pick<http.IncomingMessage, 'statusCode' | 'headers'>,
    body: Buffer,
    spanCount: number,
  ): SendResult {
    const status = response.statusCode ?? 0;
    const type = (response.headers['content-type'] ?? '').toLowerCase();
    if (status < 200 || status > 299) {
      const details = {
        said: this.readable(saidBy(type, body)),
        location: response.headers.location,
        retryAfterMs: parseRetryAfter(response.headers['retry-after'], Date.now()),
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

function connectionClosed(): Error {
  return Object.assign(new Error('connection closed'), { code: 'ECONNRESET' });
}

export function createTransport(destination: Destination, resource: Resource): Transport {
  if (destination.transport !== 'otlp') throw new TypeError(`not an OTLP destination: ${destination.id}`);
  return new HttpTransport(destination, resource);
}
