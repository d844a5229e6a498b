/**
 * Outgoing requests of node:http and node:https.
 *
 * The app's arguments are Node's business: nothing is parsed or rebuilt before Node has made its request of them, and
 * what Node throws comes from Node. A request is seen when its constructor hands it to an agent, or publishes it
 * (Node 22.12), or at the latest when its headers are written; what becomes of it is seen in its own `emit`, so no
 * listener is added: a request without a 'response' listener must stay one, since Node then discards the answer.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { types } from 'node:util';
import { safeGet, safeIsArray } from '../tracing/attributes';
import type { Instrumentation, InstrumentationEnv } from './define';
import { splitHost } from './operations/forwarded';
import { HttpClient, type OutgoingHeaders, type OutgoingRequest } from './operations/http-client';
import type { HttpClientOperation } from './operations/http-client-operation';
import { createStamp } from './operations/stamp';

type Args = unknown[];

const { isProxy } = types;

/** What we know of a request; no operation where it is not recorded. */
interface Sent {
  readonly operation: HttpClientOperation | undefined;
  response: IncomingMessage | undefined;
  /** The app gave it up. */
  cancelled: boolean;
}

/** What the constructor of ClientRequest hands to the agent; only what we read. */
interface AgentOptions {
  readonly port?: unknown;
  readonly auth?: unknown;
  readonly socketPath?: unknown;
}

export function create(env: InstrumentationEnv): Instrumentation {
  const client = new HttpClient(env);
  const requests = createStamp<Sent>();

  function begin(request: ClientRequest, options: AgentOptions | undefined, headers: OutgoingHeaders): void {
    if (requests.get(request) !== undefined || !isClientRequest(request)) return;
    const operation = client.start(describe(request, options), headers);
    requests.set(request, { operation, response: undefined, cancelled: false });
  }

  /** Header objects are live until they are written; arrays and `Expect` are written in the constructor already. */
  function onHeaders(request: ClientRequest, args: Args): undefined {
    if (requests.get(request) !== undefined) return;
    const given = args[1];
    // A Proxy would see us read it.
    if (isProxy(given)) {
      begin(request, undefined, NO_HEADERS);
    } else if (safeIsArray(given)) {
      const headers = new HeaderList(given as unknown[]);
      begin(request, undefined, headers);
      args[1] = headers.result;
    } else if (given === null || given === undefined) {
      const headers = new HeaderList([]);
      begin(request, undefined, headers);
      if (headers.result.length > 0) args[1] = headers.result;
    } else {
      begin(request, undefined, new HeaderObject(request));
    }
    return undefined;
  }

  function onEmit(request: ClientRequest, args: Args): undefined {
    const sent = requests.get(request);
    const operation = sent?.operation;
    if (sent === undefined || operation === undefined) return;
    switch (args[0]) {
      case 'response':
      case 'upgrade':
      case 'connect':
        onResponse(sent, operation, args[1] as IncomingMessage);
        if (args[0] !== 'response') operation.end();
        break;
      case 'timeout':
        operation.span.addEvent('timeout');
        break;
      case 'error':
        if (!sent.cancelled) operation.fail(args[1]);
        break;
      case 'close':
        onClose(sent, operation);
        break;
    }
    return undefined;
  }

  function onResponse(sent: Sent, operation: HttpClientOperation, response: IncomingMessage): void {
    sent.response = response;
    const { socket } = response;
    operation.sent(socket?.remoteAddress, socket?.remotePort, response.httpVersion);
    operation.answered(response.statusCode ?? 0);
    if (client.wantsResponseHeaders) {
      client.putResponseHeaders(operation, { get: (name) => response.headers[name] });
    }
  }

  function onClose({ response, cancelled }: Sent, operation: HttpClientOperation): void {
    // Node destroys a response that was cut off with an error of its own; one that the app destroyed has none.
    const cutOff = response !== undefined && !response.complete && !cancelled ? response.errored : undefined;
    if (cutOff) operation.fail(cutOff);
    else operation.end();
  }

  return {
    enable() {
      const http = require('node:http') as typeof import('node:http');
      const { prototype } = http.ClientRequest;
      env.wrap<object, never>(http.Agent.prototype, 'addRequest', {
        before(_, [request, options]) {
          begin(
            request as ClientRequest,
            options as AgentOptions,
            new HeaderObject(request as ClientRequest),
          );
          return undefined;
        },
      });
      env.wrap<ClientRequest, never>(prototype, '_storeHeader', { before: onHeaders });
      env.wrap<ClientRequest, never>(prototype, 'emit', { before: onEmit });
      env.wrap<ClientRequest, never>(prototype, 'destroy', {
        before(request, [error]) {
          const sent = requests.get(request);
          if (sent !== undefined && isCancellation(error)) sent.cancelled = true;
          return undefined;
        },
      });
    },
    channels: {
      'http.client.request.created': (message) => {
        const { request } = message as { request: ClientRequest };
        begin(request, undefined, new HeaderObject(request));
      },
    },
  };
}

function isCancellation(error: unknown): boolean {
  return error === undefined || error === null || safeGet(error, 'name') === 'AbortError';
}

/** Agents are also handed objects that only look like requests (test tools, tunnels). */
function isClientRequest(request: Partial<ClientRequest> | undefined): request is ClientRequest {
  return typeof request?.method === 'string' && typeof request.getHeader === 'function';
}

function describe(request: ClientRequest, options: AgentOptions | undefined): OutgoingRequest {
  const { protocol, path: requestedPath, method, host: requested } = request;
  // Node keeps what it was given, also where that is no text.
  const path = typeof requestedPath === 'string' ? requestedPath : '/';
  // Behind a socket path or a proxy agent `host` is not whom the request is for, but nothing better is known.
  const host = typeof requested === 'string' && requested !== '' ? bare(requested) : 'localhost';
  const secure = protocol === 'https:';
  const port = Number(options?.port) || portInHostHeader(request) || (secure ? 443 : 80);
  const standard = port === (secure ? 443 : 80);
  const authority = `${host.includes(':') ? `[${host}]` : host}${standard ? '' : `:${port}`}`;
  const userinfo = typeof options?.auth === 'string' && options.auth !== '' ? 'REDACTED:REDACTED@' : '';
  const isAbsolute = !path.startsWith('/');
  const url =
    isAbsolute && path.includes('://')
      ? path
      : `${protocol}//${userinfo}${authority}${isAbsolute ? '/' : ''}${path}`;
  return { method, url, host, port };
}

function bare(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

function portInHostHeader(request: ClientRequest): number | undefined {
  const host = request.getHeader('host');
  return typeof host === 'string' ? splitHost(host).port : undefined;
}

/** Headers that Node keeps in the request until it writes them. */
class HeaderObject implements OutgoingHeaders {
  constructor(private readonly request: ClientRequest) {}

  get(name: string): unknown {
    return this.request.getHeader(name);
  }

  set(name: string, value: string): void {
    // Written already: then `_storeHeader` has had its chance.
    if (!this.request.headersSent) this.request.setHeader(name, value);
  }
}

/** Headers that are not to be looked at. */
const NO_HEADERS: OutgoingHeaders = { get: () => undefined, set: () => undefined };

/** Headers given as a list, flat or in pairs; the app's own list is left as it is. */
class HeaderList implements OutgoingHeaders {
  private readonly inPairs: boolean;
  private added: unknown[] = [];

  constructor(private readonly given: unknown[]) {
    this.inPairs = safeIsArray(given[0]);
  }

  get result(): unknown[] {
    const { given, added } = this;
    // Of odd length it is an error, and Node quotes it.
    const isRefused = !this.inPairs && given.length % 2 === 1;
    return added.length === 0 || isRefused ? given : [...given, ...added];
  }

  get(name: string): unknown {
    const { given } = this;
    for (let i = 0; i < given.length; i += this.inPairs ? 1 : 2) {
      const [key, value] = this.inPairs ? (given[i] as unknown[]) : [given[i], given[i + 1]];
      if (typeof key === 'string' && key.toLowerCase() === name) return value;
    }
    return undefined;
  }

  set(name: string, value: string): void {
    if (this.inPairs) this.added.push([name, value]);
    else this.added.push(name, value);
  }
}
