/**
 * express 4 and 5 (whose routers are the package `router`): the route and the errors of a request, on its span.
 *
 * No function of the app is wrapped and nothing runs per middleware. Looked at are: entering and leaving a router,
 * reaching a route, layers mounted under a path of their own, and the delivery of an error. A request that such a
 * layer does not hand on has the layer's path as its route: GraphQL servers, proxies and the like are mounted and have
 * no routes of their own. Subscribing to the tracing channel that `router` has since 2.3 would make it allocate a
 * context and closures for every middleware call (its `invokeWithTrace`), so it stays unused.
 */
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { createHiddenState } from './operations/hidden-state';
import { type HttpServerOperation, recordedOperationOf } from './operations/http-server';
import { isCatchAll, joinPaths, pathText } from './operations/route-path';

interface RoutedRequest {
  readonly method?: unknown;
  readonly url?: unknown;
  /** What the routers entered so far took from the front of the path. */
  readonly baseUrl?: unknown;
  /** The last route whose path matched. */
  readonly route?: unknown;
}

interface Router {
  readonly stack: readonly object[];
}

interface Route {
  /** As written: a string, a regular expression or an array of them. */
  readonly path: unknown;
  _handles_method?(method: string): boolean;
  _handlesMethod?(method: string): boolean;
}

/** Where the routing of a request has got to. */
class Position {
  /** The paths, as written, under which the entered routers are mounted. */
  prefix = '';
  /** The same, as it was in this request. */
  base = '';
  /** The route of the last layer with a path that was called, and baseUrl then: the next router may be mounted by it. */
  mount: string | undefined;
  mountBase = '';
  /** The last one whose handlers were called. */
  route: unknown;
}

/** Layers that `router.use(path, ...)` is about to add. */
interface Mounting {
  readonly path: unknown;
  readonly from: number;
}

type Done = (this: unknown, ...args: unknown[]) => unknown;

export function create(env: InstrumentationEnv): Instrumentation {
  const mountPaths = createHiddenState<unknown>();

  /** A router begins; when it hands the request back, so does our position. */
  const aroundHandle: Around<Router, never> = {
    before(_router, args) {
      const [request, , done] = args as [RoutedRequest, unknown, unknown];
      const operation = recordedOperationOf(request);
      if (operation === undefined || typeof done !== 'function') return undefined;
      const position = positionOf(operation) ?? new Position();
      operation.routing = position;
      args[2] = leave(position, operation, request, done as Done);
      enter(position, textOf(request.baseUrl));
      return undefined;
    },
  };

  /** The paths that express 4 gives to path-to-regexp and router 2.0 to its matchers are kept nowhere else. */
  const aroundUse: Around<Router, Mounting> = {
    before(router, args) {
      const path = mountPath(args[0]);
      return path === undefined ? undefined : { path, from: router.stack.length };
    },
    after({ path, from }, _result, { stack }) {
      for (let i = from; i < stack.length; i++) {
        const layer = stack[i];
        if (layer === undefined) continue;
        mountPaths.set(layer, path);
        // On the layer itself, so that all the other ones stay as fast as they are.
        env.wrap(layer, 'handle_request', aroundMounted);
        env.wrap(layer, 'handleRequest', aroundMounted);
      }
    },
  };

  const aroundMounted: Around<object, never> = {
    before(layer, args) {
      const [request, , next] = args as [RoutedRequest, unknown, unknown];
      const operation = recordedOperationOf(request);
      const position = positionOf(operation);
      if (operation === undefined || position === undefined) return undefined;
      const base = textOf(request.baseUrl);
      const path = pathText(mountPaths.get(layer), base.slice(position.base.length));
      const route = joinPaths(position.prefix, path);
      position.mount = route;
      position.mountBase = base;
      if (typeof next === 'function' && !isCatchAll(route)) {
        args[2] = handOn(operation, operation.routeSoFar, route, next as Done);
        operation.setRoute(route);
      }
      return undefined;
    },
  };

  const aroundDispatch: Around<Route, never> = {
    before(route, args) {
      const request = args[0] as RoutedRequest;
      const operation = recordedOperationOf(request);
      const position = positionOf(operation);
      if (operation !== undefined && position !== undefined) noteRoute(position, operation, request, route);
      return undefined;
    },
  };

  const aroundHandleError: Around<object, never> = {
    before(_layer, args) {
      const request = args[1] as RoutedRequest;
      const operation = recordedOperationOf(request);
      const position = positionOf(operation);
      if (operation !== undefined && position !== undefined) noteError(position, operation, request, args[0]);
      return undefined;
    },
  };

  function patchRouter(routers: object): void {
    env.wrap(routers, 'handle', aroundHandle);
    env.wrap(routers, 'use', aroundUse);
  }

  return {
    patch: {
      application: () => undefined, // its version counts, and nothing in it is patched
      // express 4's routers inherit from the exported function, those of `router` from its prototype.
      expressRouter: patchRouter,
      router: ({ prototype }: Class) => patchRouter(prototype),
      layer({ prototype }: Class) {
        env.wrap(prototype, 'handle_error', aroundHandleError);
        env.wrap(prototype, 'handleError', aroundHandleError);
      },
      route: ({ prototype }: Class) => env.wrap(prototype, 'dispatch', aroundDispatch),
    },
  };
}

function enter(position: Position, base: string): void {
  const { mount, mountBase } = position;
  position.mount = undefined;
  // Else the layer was no router's: it was called earlier, for a path that the request is out of again.
  if (mount !== undefined && mountBase === base && base.length > position.base.length) {
    position.prefix = mount;
  }
  position.base = base;
}

/**
 * A mounted layer's `next`: the request is no longer the layer's, unless an error says that it was. The app sees its name
 * and its length.
 */
function handOn(operation: HttpServerOperation, before: string, route: string, original: Done): Done {
  return function next(this: unknown, error: unknown, ...rest: unknown[]): unknown {
    // Another route than the layer's: one below it was reached, and stays.
    if (!isFailure(error) && operation.routeSoFar === route) operation.setRoute(before);
    return Reflect.apply(original, this, [error, ...rest]);
  };
}

/** The router's `done`: called when nothing in it answered, with the error if there is one. */
function leave(position: Position, operation: HttpServerOperation, request: RoutedRequest, done: Done): Done {
  const { prefix, base } = position;
  return function routerDone(this: unknown, ...args: unknown[]): unknown {
    noteError(position, operation, request, args[0]);
    position.prefix = prefix;
    position.base = base;
    position.mount = undefined;
    return Reflect.apply(done, this, args);
  };
}

function noteRoute(
  position: Position,
  operation: HttpServerOperation,
  request: RoutedRequest,
  route: Route,
): void {
  // HEAD reaches every route of its path, also those that will not handle it.
  if (request.method === 'HEAD' && !handlesHead(route)) return;
  position.route = route;
  const { path } = route;
  operation.setRoute(
    joinPaths(position.prefix, typeof path === 'string' ? path : pathText(path, pathOf(request.url))),
  );
}

/** Errors pass by once per error handler and router; the operation records each once. */
function noteError(
  position: Position,
  operation: HttpServerOperation,
  request: RoutedRequest,
  error: unknown,
): void {
  if (!isFailure(error)) return;
  const { route } = request;
  // A failed param() callback: the route matched, but its handlers were never called.
  if (isRoute(route) && route !== position.route) noteRoute(position, operation, request, route);
  operation.setError(error);
}

/** What `next` was given: two texts tell express where to go on. */
function isFailure(error: unknown): boolean {
  return Boolean(error) && error !== 'route' && error !== 'router';
}

function isRoute(value: unknown): value is Route {
  return typeof value === 'object' && value !== null && 'path' in value && 'stack' in value;
}

function positionOf(operation: HttpServerOperation | undefined): Position | undefined {
  const routing = operation?.routing;
  return routing instanceof Position ? routing : undefined;
}

/** The path given to `use`, if there is one that says something; read the way `use` itself does. */
function mountPath(first: unknown): unknown {
  if (typeof first === 'function' || first === '/' || first === '') return undefined;
  let inner = first;
  while (Array.isArray(inner) && inner.length !== 0) inner = inner[0] as unknown;
  return typeof inner === 'function' ? undefined : first;
}

function handlesHead(route: Route): boolean {
  return route._handles_method?.('HEAD') ?? route._handlesMethod?.('HEAD') ?? true;
}

function pathOf(url: unknown): string {
  const text = textOf(url);
  const end = text.indexOf('?');
  return end < 0 ? text : text.slice(0, end);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
