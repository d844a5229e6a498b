/**
 * fastify 5: the route, the errors and the user of a request, on its span.
 *
 * fastify has channels of its own, and they are not used, because using them changes the app: as soon as
 * `tracing:fastify.request.handler` has a subscriber, newer versions set the status code of a failed reply before the
 * app's error handler runs (its lib/handle-request.js; a handler that sets none then answers 500 instead of 200), and
 * it tells nothing of requests that hooks answer. Hooks added on `fastify.initialization` show in what printRoutes()
 * and printPlugins() print. Looked at are therefore the three functions through which every request, every reply and
 * every error goes. None of them is the app's.
 *
 * In a bundle these cannot be reached, but the class of the replies can, by way of the instance that
 * `fastify.initialization` hands out. It sees all but raw replies, and of the errors those that are sent.
 */
import { isError } from '../tracing/exception';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { type HttpServerOperation, recordedOperationOf } from './operations/http-server';
import { userIdIn } from './operations/user';

interface FastifyRequest {
  readonly raw: unknown;
  /** Made anew at each reading. */
  readonly routeOptions: { readonly url?: unknown };
}

interface FastifyReply {
  readonly request: FastifyRequest;
}

interface FastifyInstance {
  readonly version: string;
  readonly [symbol: symbol]: unknown;
}

export function create(env: InstrumentationEnv): Instrumentation {
  let patched = false;

  /** Called once the hooks for new requests let one through, also for those whose handler never replies. */
  const aroundRequest: Around<unknown, never> = {
    before(_server, args) {
      const request = args[1] as FastifyRequest;
      noteRoute(recordedOperationOf(request.raw), request);
      return undefined;
    },
  };

  /** A handler or a hook replies, or will do so by hand: by now the app knows whom it talks to. */
  const aroundReply: Around<FastifyReply, never> = {
    before({ request }, args) {
      const operation = recordedOperationOf(request.raw);
      if (operation === undefined) return undefined;
      noteRoute(operation, request);
      if (env.config.captureUser) operation.putUser(userIdIn(request));
      if (isError(args[0])) operation.setError(args[0]);
      return undefined;
    },
  };

  /** Thrown, rejected or sent, by handlers, hooks, validation, serialisation and streams. */
  const aroundError: Around<unknown, never> = {
    before(_this, args) {
      const { request } = args[0] as FastifyReply;
      const operation = recordedOperationOf(request.raw);
      noteRoute(operation, request);
      operation?.setError(args[1]);
      return undefined;
    },
  };

  function watchReplies(prototype: object | undefined): void {
    env.wrap(prototype, 'send', aroundReply);
    env.wrap(prototype, 'hijack', aroundReply);
  }

  return {
    patch: {
      handleRequest(handleRequest: unknown) {
        patched = true;
        const exported = { handleRequest };
        env.wrap(exported, 'handleRequest', aroundRequest);
        return exported.handleRequest;
      },
      reply({ prototype }: Class) {
        patched = true;
        watchReplies(prototype);
      },
      errorHandler(exports: object) {
        patched = true;
        env.wrap(exports, 'handleError', aroundError);
      },
    },
    channels: {
      'fastify.initialization': (message) => {
        const { fastify } = message as { fastify: FastifyInstance };
        if (patched || !fastify.version.startsWith('5.')) return;
        patched = true;
        watchReplies(replyPrototype(fastify));
      },
    },
  };
}

/** What the reply classes of all instances inherit from. */
function replyPrototype(fastify: FastifyInstance): object | undefined {
  const symbol = Object.getOwnPropertySymbols(fastify).find(
    ({ description }) => description === 'fastify.Reply',
  );
  const reply = symbol && (fastify[symbol] as { prototype?: object } | undefined);
  return (reply?.prototype && (Object.getPrototypeOf(reply.prototype) as object | null)) ?? undefined;
}

/** Of a request that no route matches the url is undefined. */
function noteRoute(operation: HttpServerOperation | undefined, request: FastifyRequest): void {
  if (operation === undefined) return;
  const { url } = request.routeOptions;
  if (typeof url === 'string') operation.setRoute(url);
}
