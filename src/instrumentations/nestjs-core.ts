/**
 * NestJS 10 and 11, on express and on fastify: the exception with which a request ends, on the request's span.
 *
 * Nest catches what handlers, guards, pipes, interceptors and middleware throw before express or fastify see it, and hands
 * it to one method, ahead of the app's exception filters. That method is looked at. The route comes from the platform's
 * instrumentation. Whether the span is an error is told by the status that a filter answers with, as everywhere.
 */
import { safeGet } from '../tracing/attributes';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { type HttpServerOperation, operationOf } from './operations/http-server';

/** Nest's ExecutionContextHost: what the handler is called with, and here the request first. */
interface ArgumentsHost {
  readonly args?: readonly unknown[];
}

/** fastify's request has Node's in it. */
interface PlatformRequest {
  readonly raw?: unknown;
}

const NOT_FOUND = 404;

export function create(env: InstrumentationEnv): Instrumentation {
  const aroundNext: Around<object, never> = {
    before(_handler, [exception, host]) {
      const operation = operationIn(host as ArgumentsHost | undefined);
      if (operation?.recording !== undefined && !isUnknownPath(operation, exception))
        operation.setError(exception);
      return undefined;
    },
  };
  return {
    patch: {
      exceptionsHandler: ({ ExceptionsHandler }: { ExceptionsHandler: Class }) =>
        env.wrap(ExceptionsHandler.prototype, 'next', aroundNext),
    },
  };
}

function operationIn(host: ArgumentsHost | undefined): HttpServerOperation | undefined {
  const request = host?.args?.[0] as PlatformRequest | undefined;
  return operationOf(request) ?? operationOf(request?.raw);
}

/** For a path that no route takes Nest throws an exception of its own, which says nothing but the path. */
function isUnknownPath(operation: HttpServerOperation, exception: unknown): boolean {
  return operation.routeSoFar === '' && safeGet(exception, 'status') === NOT_FOUND;
}
