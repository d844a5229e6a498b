/**
 * Next.js 15 and 16 (`next start`, standalone, custom server): the route and the errors of a request, on its span.
 *
 * Next names the route in spans of its own only. Its server span is left out beside ours (`serverSpanScope` in the
 * registry); before 16 it had no route below another span, and an URL as its name. Which page, route handler or API route a
 * request has matched stands in Next's metadata of the request, which are read when the response has ended. Errors of
 * all kinds of routes come by one function, which reports them to the app's `onRequestError`.
 */
import { activeContext, type TraceContext } from '../tracing/context';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { HttpServerOperation, operationOf } from './operations/http-server';

/** Next's wrapper of a request. Its `originalRequest` is a getter that changes the request. */
interface NextRequest {
  readonly _req?: object;
  readonly [METADATA]?: Metadata;
}

interface Metadata {
  /** What the request has matched at last. */
  readonly match?: { readonly definition?: { readonly pathname?: unknown } };
  /** The page that Next's router has found in the file system, before any error page took its place. */
  readonly invokeOutput?: unknown;
}

const METADATA = Symbol.for('NextInternalRequestMeta');
const OPERATION = Symbol('canvasops.next.operation');

/** The function that calls the app's `onRequestError`. */
const REPORT = 'instrumentationOnRequestError';

/** Rendered in place of what was asked for. */
const ERROR_PAGES = new Set(['/_not-found', '/_error', '/_global-error', '/404', '/500']);

export function create(env: InstrumentationEnv): Instrumentation {
  const aroundHandleRequest: Around<object, TraceContext> = {
    before(_server, [request]) {
      const next = request as NextRequest;
      const operation = operationOf(next._req);
      if (operation?.recording === undefined) return undefined;
      operation.findRouteAtEnd(() => routeOf(next[METADATA]));
      return activeContext().setValue(OPERATION, operation);
    },
    contextOf: (context) => context,
  };

  const aroundRequestError: Around<unknown, never> = {
    before(_this, [, , error]) {
      const operation = activeContext().getValue(OPERATION);
      if (operation instanceof HttpServerOperation) operation.setError(error);
      return undefined;
    },
  };

  return {
    patch: {
      server: ({ default: Server }: { default: Class }) =>
        env.wrap(Server.prototype, 'handleRequest', aroundHandleRequest),
      globals(exports: object) {
        const replaced = withOwnValue(exports, REPORT);
        env.wrap(replaced, REPORT, aroundRequestError);
        return replaced;
      },
    },
  };
}

/** The same exports, of which one can be replaced: they are getters for good. `__esModule` and live bindings stay. */
function withOwnValue(exports: object, name: string): object {
  const value = (exports as Record<string, unknown>)[name];
  const descriptors = Object.getOwnPropertyDescriptors(exports) as PropertyDescriptorMap;
  descriptors[name] = { value, enumerable: true, configurable: true, writable: true };
  return Object.defineProperties({}, descriptors);
}

/** The path of a page or handler as its file is named: `/items/[id]`. Empty where nothing of the app was reached. */
function routeOf(metadata: Metadata | undefined): string {
  const matched = metadata?.match?.definition?.pathname;
  if (typeof matched !== 'string') return '';
  if (!ERROR_PAGES.has(matched)) return matched;
  const asked = metadata?.invokeOutput;
  return typeof asked === 'string' && !ERROR_PAGES.has(asked) ? asked : '';
}
