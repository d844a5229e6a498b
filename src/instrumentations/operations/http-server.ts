/** The life of a span of an incoming request: one span per request, from its headers to the end of its response. */
import { phrase, type Sanitized, sanitizeName } from '../../redaction/sanitized';
import type { TraceContext } from '../../tracing/context';
import { errorFacts } from '../../tracing/exception';
import { routeLeftFor } from '../../tracing/rpc-metadata';
import {
  ERROR_TYPE,
  HTTP_RESPONSE_STATUS_CODE,
  HTTP_ROUTE,
  STATUS_ERROR,
  USER_ID,
} from '../../tracing/semconv';
import type { RecordingSpan } from '../../tracing/span';
import type { SpanOwner } from '../../tracing/types';
import { Attached } from './attached';

/** `{method} {route}`: routes come from the app's code, but some are built at run time. */
const MAX_ROUTE = 512;

export class HttpServerOperation implements SpanOwner {
  private route = '';
  private failure: { error: unknown } | undefined;
  private routeAtEnd: (() => string) | undefined;
  /** Where the routing has got to; the framework's that routes the request, and nobody else's to read. */
  routing: object | undefined;

  constructor(
    /** undefined where the request is not recorded: not sampled, or to be ignored. */
    readonly recording: RecordingSpan | undefined,
    /** Method as it stands in the span's name. */
    private readonly methodName: Sanitized,
    /** The context in which listeners of the request and of its response run. */
    readonly context: TraceContext,
  ) {
    recording?.setOwner(this);
  }

  /** The route as it is known now; empty where none is. */
  get routeSoFar(): string {
    return this.route;
  }

  /** The last one wins: routers report from the outside in. */
  setRoute(route: string): void {
    this.route = route;
  }

  /**
   * For frameworks that keep the route themselves.
   * @param find must not throw; an empty text says that there is no route
   */
  findRouteAtEnd(find: () => string): void {
    this.routeAtEnd = find;
  }

  /** The error with which the app answers (or fails to answer) this request. Recorded once per error. */
  setError(error: unknown): void {
    if (this.failure?.error === error) return;
    this.failure = { error };
    this.recording?.recordException(error as Error);
  }

  /** Whom the request is made for; what the app said itself (setUser) is kept. */
  putUser(id: Sanitized | undefined): void {
    const span = this.recording;
    if (id !== undefined && span !== undefined && span.get(USER_ID) === undefined) span.put(USER_ID, id);
  }

  /** The route, which the last router to say so has told, and the name made of it. */
  putFacts(): void {
    const span = this.recording;
    if (span === undefined || span.ended) return;
    const routeFound = this.routeAtEnd?.() || this.route || routeLeftFor(span);
    if (routeFound !== '') {
      const { route, name } = nameOf(this.methodName, routeFound);
      span.replace(HTTP_ROUTE, route);
      span.name = name;
    } else if (span.name === this.methodName) {
      // Routers that no instrumentation knows tell it to the span itself: Next.js, the app's own code.
      const told = span.get(HTTP_ROUTE);
      if (typeof told === 'string' && told !== '')
        span.name = phrase(this.methodName, sanitizeName(told, MAX_ROUTE));
    }
  }

  /**
   * @param statusCode of the response; undefined where none was sent
   * @param aborted the connection closed before the response was complete
   */
  end(statusCode: number | undefined, aborted: boolean): void {
    const span = this.recording;
    if (span === undefined || span.ended) return;
    this.putFacts();
    // The app may have said so itself.
    if (statusCode !== undefined) span.replace(HTTP_RESPONSE_STATUS_CODE, statusCode);
    if (statusCode !== undefined && statusCode >= 500) {
      // 4xx is the client's fault and leaves the status unset (semantic conventions, HTTP spans, "Status").
      span.replace(
        ERROR_TYPE,
        this.failure === undefined ? sanitizeName(String(statusCode)) : errorFacts(this.failure.error).type,
      );
      span.setStatus({ code: STATUS_ERROR });
    } else if (aborted) {
      span.replace(ERROR_TYPE, 'aborted');
    }
    span.end();
  }
}

interface RouteName {
  readonly route: Sanitized;
  readonly name: Sanitized;
}

/** Routes are few, but some apps make them at run time. Beyond so many of them it is begun anew. */
const MAX_ROUTES = 500;
/** By method and route as they are told. */
const routeNames = new Map<Sanitized, Map<string, RouteName>>();

/** What is put on the span, and the name made of it. */
function nameOf(method: Sanitized, told: string): RouteName {
  let names = routeNames.get(method);
  if (names === undefined || names.size >= MAX_ROUTES) {
    names = new Map();
    routeNames.set(method, names);
  }
  let known = names.get(told);
  if (known === undefined) {
    const route = sanitizeName(told, MAX_ROUTE);
    known = { route, name: phrase(method, route) };
    if (told.length <= MAX_ROUTE) names.set(told, known);
  }
  return known;
}

/** A request or a response with its operation. */
class OperatedMessage extends Attached {
  #operation: HttpServerOperation;

  constructor(message: object, operation: HttpServerOperation) {
    super(message);
    this.#operation = operation;
  }

  static operationOf(message: object): HttpServerOperation | undefined {
    return #operation in message ? (message as OperatedMessage).#operation : undefined;
  }

  static set(message: object, operation: HttpServerOperation): void {
    if (#operation in message) (message as OperatedMessage).#operation = operation;
    else new OperatedMessage(message, operation);
  }
}

/** Ties a request (and its response) to its span, for the frameworks' instrumentations. */
export function setOperation(message: object, operation: HttpServerOperation): void {
  OperatedMessage.set(message, operation);
}

/** The operation of a request or response; undefined where the request is not traced. */
export function operationOf(message: unknown): HttpServerOperation | undefined {
  return typeof message === 'object' && message !== null ? OperatedMessage.operationOf(message) : undefined;
}

/** The same where its span is recorded, which is when routes and errors are worth finding out. */
export function recordedOperationOf(message: unknown): HttpServerOperation | undefined {
  const operation = operationOf(message);
  return operation?.recording === undefined ? undefined : operation;
}
