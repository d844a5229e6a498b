/**
 * Outgoing requests of node:http and node:https.
 *
 * The app's arguments are Node's business: nothing is parsed or rebuilt before Node has made its request of them, and
 * what Node throws comes from Node. A request is seen when its constructor hands it to an agent, or publishes it
 * (Node 22.12), or at the latest when its headers are written; what becomes of it is seen in its own `emit`, so no
 * listener is added: a request without a 'response' listener must stay one, since Node then discards the answer.
 * The trace headers are there while Node writes the headers and at no other time: `getHeaders()` shows the app's own.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { types } from 'node:util';
import { safeGet, safeIsArray } from '../tracing/attributes';
import type { Instrumentation, InstrumentationEnv } from './define';
import { HeaderList, HeadersSoFar, LiveHeaders, NO_HEADERS } from './http-client/headers';
import { createHiddenState } from './operations/hidden-state';
import {
  type BegunRequest,
  type HeaderReader,
  HttpClient,
  type OutgoingRequest,
} from './operations/http-client';
import type { HttpClientOperation } from './operations/http-client-operation';
import { peerOf } from './operations/peer';
import { splitHost } from './operations/proxy-headers';
import { createHeaderReader } from './operations/raw-headers';

type Args = unknown[];

const { isProxy } = types;

/** What we know of a request; no operation where it is not recorded. */
interface Sent {
  /** undefined: nothing is to be done for it. */
  readonly begun: BegunRequest | undefined;
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
  const requests = createHiddenState<Sent>();
  const responseHeadersOf = createHeaderReader(env.config.captureResponseHeaders);

  function begin(
    request: ClientRequest,
    options: AgentOptions | undefined,
    headers: HeaderReader,
  ): Sent | undefined {
    const known = requests.get(request);
    if (known !== undefined || !isClientRequest(request)) return known;
    const begun = client.begin(describe(request, options), headers);
    const sent = { begun, operation: begun?.operation, response: undefined, cancelled: false };
    requests.set(request, sent);
    return sent;
  }

  /**
   * Headers that were given as a list, and those of a request that expects 100, are written by the constructor. A
   * proxy agent has them written once more, for another request target.
   */
  function onHeaders(request: ClientRequest, args: Args): LiveHeaders | undefined {
    const given = args[1];
    if (isProxy(given)) {
      begin(request, undefined, NO_HEADERS); // it would see us read it
      return undefined;
    }
    if (given === null || given === undefined || safeIsArray(given)) {
      const list = new HeaderList(given ?? []);
      const begun = begin(request, undefined, list)?.begun;
      if (begun !== undefined) client.propagate(begun, list);
      if (list.result.length > 0) args[1] = list.result;
      return undefined;
    }
    const headers = new LiveHeaders(request, given as Record<string, unknown>);
    const begun = begin(request, undefined, headers)?.begun;
    if (begun !== undefined) client.propagate(begun, headers);
    return headers.hasAdded ? headers : undefined;
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
    operation.sent(peerOf(response.socket), response.httpVersion);
    operation.answered(response.statusCode ?? 0);
    if (client.wantsResponseHeaders) {
      const headers = responseHeadersOf(response);
      client.putResponseHeaders(operation, { get: (name) => headers[name] });
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
            new HeadersSoFar(request as ClientRequest),
          );
          return undefined;
        },
      });
      env.wrap<ClientRequest, LiveHeaders>(prototype, '_storeHeader', {
        before: onHeaders,
        after: (headers) => headers.hide(),
        threw: (headers) => headers.hide(),
      });
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
        begin(request, undefined, new HeadersSoFar(request));
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
