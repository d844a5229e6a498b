/**
 * koa 2 and 3: the route, the errors and the user of a request, on its span.
 *
 * No middleware is wrapped. Routers say in the context which route has matched (`_matchedRoute` of @koa/router and koa-router,
 * `routePath` of koa-route), and that is read when the response has ended. What no middleware has caught goes to
 * `ctx.onerror`. Whether the span is an error is told by the status, as everywhere.
 */
import { safeGet } from '../tracing/attributes';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { recordedOperationOf } from './operations/http-server';
import { joinPaths, pathText } from './operations/route-path';
import { userIdOf } from './operations/user';

interface Context {
  readonly req: object;
}

export function create(env: InstrumentationEnv): Instrumentation {
  const aroundRequest: Around<object, never> = {
    before(_application, [context]) {
      const operation = recordedOperationOf((context as Context).req);
      operation?.findRouteAtEnd(() => {
        if (env.config.captureUser) operation.putUser(userIn(context as Context));
        return routeIn(context as Context);
      });
      return undefined;
    },
  };

  const aroundError: Around<Context, never> = {
    before(context, [error]) {
      // It is also called when the response ends, then without one.
      if (error !== undefined && error !== null) recordedOperationOf(context.req)?.setError(error);
      return undefined;
    },
  };

  return {
    patch: {
      application: ({ prototype }: Class) => env.wrap(prototype, 'handleRequest', aroundRequest),
      context: (prototype: object) => env.wrap(prototype, 'onerror', aroundError),
    },
  };
}

/** Empty where no route has matched. */
function routeIn(context: Context): string {
  const path = safeGet(context, '_matchedRoute') ?? safeGet(context, 'routePath');
  if (path === undefined || path === null) return '';
  // koa-mount cuts it off the path before the router sees it.
  const mount = safeGet(context, 'mountPath');
  return joinPaths(typeof mount === 'string' ? mount : '', pathText(path, ''));
}

/** Authentication middleware keeps the user in `ctx.state`. */
function userIn(context: Context): ReturnType<typeof userIdOf> {
  return userIdOf(safeGet(safeGet(context, 'state'), 'user'));
}
