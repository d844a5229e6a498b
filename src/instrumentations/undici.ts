/**
 * fetch (Node's own and that of the package) and undici 5 to 8, through undici's diagnostics channels.
 *
 * A request has a span from its creation, which precedes any queue but a pool's, until its answer has been received
 * to the end. Requests answered by a MockAgent or from a cache are never created, so they have none.
 *
 * Against @opentelemetry/instrumentation-undici: `url.path`, `url.query` and `url.scheme` are left out, as they are
 * parts of `url.full` and no attributes of client spans; `http.request.method_original` is there only where it
 * differs, as the conventions say; `error.type` of a DOMException is its name instead of a number; an IPv6
 * `server.address` has no brackets.
 */
import { activeContext, type TraceContext } from '../tracing/context';
import type { Class, Instrumentation, InstrumentationEnv } from './define';
import { createHiddenState } from './operations/hidden-state';
import { HttpClient } from './operations/http-client';
import type { HttpClientOperation } from './operations/http-client-operation';
import { peerOf } from './operations/peer';
import { Dispatches } from './undici/dispatches';
import { RawHeaders, RequestHeaders, type UndiciHeaders } from './undici/headers';
import { Redirects } from './undici/redirects';
import { Targets } from './undici/targets';

interface UndiciRequest extends UndiciHeaders {
  readonly method: string;
  readonly origin: unknown;
  readonly path: string;
  readonly upgrade?: unknown;
}

interface Socket {
  readonly alpnProtocol?: string | false | null;
}

/** What undici's channels publish; each channel a part of it. */
interface Message {
  readonly request: UndiciRequest;
  readonly socket: Socket;
  readonly response: { readonly statusCode: number; readonly headers: unknown };
  readonly error: unknown;
}

/** A request on its way. */
interface Sent {
  readonly operation: HttpClientOperation;
  readonly context: TraceContext;
  readonly url: string;
  readonly resendCount: number;
}

export function create(env: InstrumentationEnv): Instrumentation {
  const client = new HttpClient(env);
  const targets = new Targets();
  const redirects = new Redirects();
  const dispatches = new Dispatches();
  const requests = createHiddenState<Sent>();

  function onCreate({ request }: Message): void {
    // A tunnel through a proxy is but a means to another request, which has a span of its own.
    if (request.method === 'CONNECT') return;
    const context = activeContext();
    const target = context.suppressed ? undefined : targets.of(request.origin, request.path);
    if (target === undefined) return;
    const { url } = target;
    const resendCount = Math.max(dispatches.resendCount, redirects.take(context, url));
    const outgoing = { method: request.method, url, host: target.host, port: target.port };
    const operation = client.start(outgoing, new RequestHeaders(request), resendCount, context);
    if (operation !== undefined) requests.set(request, { operation, context, url, resendCount });
  }

  function onSendHeaders({ request, socket }: Message): void {
    const operation = requests.get(request)?.operation;
    if (operation === undefined) return;
    // These two are all that undici ever negotiates.
    operation.sent(peerOf(socket), socket.alpnProtocol === 'h2' ? '2' : '1.1');
    // undici 5 and some versions of 6 do not tell that an upgrade worked.
    if (request.upgrade) operation.mayStayOpen();
  }

  function onHeaders({ request, response: { statusCode, headers } }: Message): void {
    const sent = requests.get(request);
    if (sent === undefined || !sent.operation.answered(statusCode)) return;
    const isRedirect = statusCode >= 300 && statusCode < 400;
    if (!isRedirect && !client.wantsResponseHeaders) return;
    const read = new RawHeaders(headers);
    client.putResponseHeaders(sent.operation, read);
    if (isRedirect) redirects.expect(sent.context, sent.url, read.get('location'), sent.resendCount + 1);
  }

  return {
    patch: {
      dispatcher: ({ prototype }: Class) => env.wrap(prototype, 'dispatch', dispatches.aroundDispatch),
    },
    channels: {
      'undici:request:create': (message) => onCreate(message as Message),
      'undici:client:sendHeaders': (message) => onSendHeaders(message as Message),
      'undici:request:headers': (message) => onHeaders(message as Message),
      'undici:request:trailers': (message) => requests.get((message as Message).request)?.operation.end(),
      'undici:request:error': (message) => {
        const { request, error } = message as Message;
        requests.get(request)?.operation.fail(error);
      },
    },
  };
}
