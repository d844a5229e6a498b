/**
 * Incoming requests of node:http and node:https.
 *
 * Nothing is added to the app's objects: no listener, no property. The `emit` of servers, requests and responses is
 * watched on the prototypes instead. Where contexts end with the callback of Node in which they are entered, a channel
 * does it for the handlers of a server (docs/decisions/0016-stack-frames.md); the listeners of a body run in the
 * socket's context, and an aborted response is announced by its 'close' event only (0004-http-without-listeners.md).
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { BUILDS_HEADERS_OF_REQUESTS, CONTEXTS_END_WITH_CALLBACK } from '../loader/node-features';
import {
  enterContext,
  ROOT_CONTEXT,
  SUPPRESSED_CONTEXT,
  type TraceContext,
  toTraceContext,
} from '../tracing/context';
import { RecordingSpan } from '../tracing/span';
import { KIND_SERVER } from '../tracing/span-kind';
import type { EmitWatcher, Instrumentation, InstrumentationEnv } from './define';
import { createMethodNames, OTHER_METHOD } from './operations/http-method';
import { HttpServerOperation, operationOf, setOperation } from './operations/http-server';
import {
  FACT_HEADERS,
  putRequestFacts,
  putRequestHeaders,
  putResponseHeaders,
} from './operations/http-server-facts';
import { createPathFilter } from './operations/ignore-paths';
import { createHeaderReader, type Headers } from './operations/raw-headers';
import { onFirstAnswer } from './operations/upgrade';
import { userIdIn } from './operations/user';

/** Names are in lower case there. */
const HEADER_GETTER = {
  get: (carrier: unknown, key: string) => (carrier as Headers)[key],
  keys: (carrier: unknown) => Object.keys(carrier as object),
};

/** What Node publishes as `http.server.request.start`. */
interface RequestStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
}

export function create(env: InstrumentationEnv): Instrumentation {
  const methods = createMethodNames(env.config.knownMethods);
  const isIgnored = createPathFilter(env.config.ignorePaths);
  const headersOf = createHeaderReader([
    ...FACT_HEADERS,
    ...env.propagator.fields().map((name) => name.toLowerCase()),
    ...env.config.captureRequestHeaders,
  ]);
  let secureServersSeen = false;

  /** The context to handle a request in; undefined if it is being handled already (an event that is passed on). */
  function begin(
    server: Server,
    event: string,
    request: IncomingMessage,
    second: unknown,
  ): TraceContext | undefined {
    if (!isRequest(request) || operationOf(request) !== undefined) return undefined;
    const isTunnel = event === 'upgrade' || event === 'connect';
    const operation = operationFor(server, request);
    setOperation(request, operation);
    if (isTunnel) watchTunnel(operation, second as Duplex);
    else if (typeof second === 'object' && second !== null) setOperation(second, operation);
    return operation.context;
  }

  function operationFor(server: Server, request: IncomingMessage): HttpServerOperation {
    if (isIgnored(request.url ?? ''))
      return new HttpServerOperation(undefined, OTHER_METHOD, SUPPRESSED_CONTEXT);
    const headers = headersOf(request);
    const remote = toTraceContext(env.propagator.extract(ROOT_CONTEXT, headers, HEADER_GETTER));
    const method = methods.normalize(request.method ?? '');
    const methodName = methods.inName(method);
    const span = env.tracer.begin(methodName, KIND_SERVER, remote.span, remote);
    const recording = span instanceof RecordingSpan ? span : undefined;
    if (recording !== undefined) {
      putRequestFacts(recording, server, request, headers, method);
      putRequestHeaders(recording, headers, env.config.captureRequestHeaders);
    }
    return new HttpServerOperation(recording, methodName, remote.withSpan(span));
  }

  function watchTunnel(operation: HttpServerOperation, socket: Duplex): void {
    if (operation.recording === undefined) return;
    onFirstAnswer(socket, (status) => operation.end(status, status === undefined));
  }

  /** The request that Node is about to emit, and whose context has been entered. */
  let entered: RequestStart | undefined;

  /**
   * Node says so right before it emits the request, in the parser's callback. Where what is entered there ends with it, the
   * handlers need no function of ours around them.
   */
  function onRequestStart(message: RequestStart): void {
    const { server, request, response } = message;
    // Node will do so before the app sees the request, and what it has built need not be collected again.
    if (BUILDS_HEADERS_OF_REQUESTS) void request.headers;
    const context = begin(server, 'request', request, response);
    if (context === undefined) return;
    enterContext(context);
    entered = message;
  }

  const serverWatcher: EmitWatcher<Server> = {
    takeEntered: CONTEXTS_END_WITH_CALLBACK
      ? (server) => {
          if (entered === undefined || entered.server !== server) return false;
          const { response } = entered;
          entered = undefined;
          // Node has answered it itself (400, 417) and emitted nothing: this is another event.
          return !response.headersSent;
        }
      : undefined,
    contextOf(server, event, first, second) {
      switch (event) {
        case 'request':
        case 'checkContinue':
        case 'checkExpectation':
        case 'upgrade':
        case 'connect':
          return begin(server, event, first as IncomingMessage, second);
        default:
          return undefined;
      }
    },
  };

  /** Bodies arrive from the socket's context; body parsers would carry that on. */
  const requestWatcher: EmitWatcher<IncomingMessage> = {
    contextOf(request, event) {
      const operation = operationOf(request);
      return operation !== undefined && isHeardByApp(request, event) ? operation.context : undefined;
    },
  };

  const responseWatcher: EmitWatcher<ServerResponse> = {
    contextOf(response, event) {
      const operation = operationOf(response);
      return operation !== undefined && (isEnd(event) || hasListeners(response, event))
        ? operation.context
        : undefined;
    },
    // After the app's own listeners, so that what they add is still part of the span.
    emitted(response, event) {
      if (isEnd(event)) finish(response);
    },
  };

  function finish(response: ServerResponse): void {
    const operation = operationOf(response);
    const span = operation?.recording;
    if (operation === undefined || span === undefined || span.ended) return;
    if (env.config.captureUser) operation.putUser(userIdIn(response.req));
    putResponseHeaders(span, response, env.config.captureResponseHeaders);
    operation.end(response.headersSent ? response.statusCode : undefined, !response.writableFinished);
  }

  /** Loading node:https costs 25 ms, so its server is patched when one has been seen. */
  function watchSecureServers(server: object): void {
    if (secureServersSeen || !('setSecureContext' in server) || !('closeIdleConnections' in server)) return;
    secureServersSeen = true;
    const https = require('node:https') as typeof import('node:https');
    env.watchEmit(https.Server.prototype, serverWatcher);
  }

  return {
    enable() {
      const http = require('node:http') as typeof import('node:http');
      env.watchEmit(http.Server.prototype, serverWatcher);
      env.watchEmit(http.IncomingMessage.prototype, requestWatcher);
      env.watchEmit(http.ServerResponse.prototype, responseWatcher);
    },
    channels: {
      'net.server.socket': (message) => {
        const { server } = (message as { socket: { server?: unknown } }).socket;
        if (typeof server === 'object' && server !== null) watchSecureServers(server);
      },
      ...(CONTEXTS_END_WITH_CALLBACK && {
        'http.server.request.start': (message) => onRequestStart(message as RequestStart),
      }),
    },
  };
}

/** Tests and adapters emit 'request' with objects of their own, which have what their handlers need. */
function isRequest(request: Partial<IncomingMessage> | undefined): request is IncomingMessage {
  return (
    typeof request?.method === 'string' &&
    typeof request.url === 'string' &&
    // Not read: it is a getter that builds them (operations/raw-headers.ts).
    'headers' in request
  );
}

function isEnd(event: unknown): boolean {
  return event === 'finish' || event === 'close';
}

/** Node's own listener for the end of a body that the app has not read (lib/_http_server.js). */
const NODES_LISTENER = 'clearIncoming';

function isHeardByApp(request: IncomingMessage, event: unknown): boolean {
  if (!hasListeners(request, event)) return false;
  if (event !== 'end') return true;
  // Not `listeners()`, which copies them.
  const { _events: events } = request as { _events?: Record<string, unknown> };
  const heardBy = events?.end;
  return typeof heardBy !== 'function' || heardBy.name !== NODES_LISTENER;
}

/** Most events of most requests are heard by nobody. */
function hasListeners(emitter: IncomingMessage | ServerResponse, event: unknown): boolean {
  return emitter.listenerCount(event as string) > 0;
}
