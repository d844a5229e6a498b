/** The life of a span of an outgoing HTTP request, and what of our trace its headers tell the other side. */
import type { TextMapSetter } from '@opentelemetry/api';
import { redactHeaders } from '../../redaction/http/headers';
import { redactUrl } from '../../redaction/http/url';
import { sanitizeName } from '../../redaction/sanitized';
import { redactText } from '../../redaction/text/free-text';
import { safeIsArray } from '../../tracing/attributes';
import { activeContext, type TraceContext } from '../../tracing/context';
import {
  HTTP_REQUEST_METHOD,
  HTTP_REQUEST_METHOD_ORIGINAL,
  HTTP_REQUEST_RESEND_COUNT,
  SERVER_ADDRESS,
  SERVER_PORT,
  URL_FULL,
  USER_AGENT_ORIGINAL,
} from '../../tracing/semconv';
import { RecordingSpan } from '../../tracing/span';
import { KIND_CLIENT } from '../../tracing/span-kind';
import type { InstrumentationEnv } from '../define';
import { createHostFilter, type HostFilter } from './host-filter';
import { HttpClientOperation } from './http-client-operation';
import { createMethodNames, MAX_ORIGINAL_METHOD } from './http-method';
import { isParentRequired, mayLackParent } from './require-parent';
import { isTelemetryExport } from './telemetry-export';
import { OpenAnswers } from './unread-responses';

const MAX_TEXT = 2048;
const BAGGAGE = 'baggage';

/** A request that is about to be sent. */
export interface OutgoingRequest {
  readonly method: string;
  /** Absolute, as it is requested; secrets in it are masked here. */
  readonly url: string;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number | undefined;
}

/** Headers of a message, by their lower-case names. */
export interface HeaderReader {
  get(name: string): unknown;
}

/** Headers that have not left yet. */
export interface OutgoingHeaders extends HeaderReader {
  set(name: string, value: string): void;
}

/** A request that was begun, and what its headers are to tell. */
export interface BegunRequest {
  /** undefined where nothing records. */
  readonly operation: HttpClientOperation | undefined;
  /** With the request's own span, where it has one. */
  readonly context: TraceContext;
  readonly request: OutgoingRequest;
}

/** Makes the operations of one instrumentation. */
export class HttpClient {
  /** Whether `answered()` has use for the response's headers. */
  readonly wantsResponseHeaders: boolean;
  private readonly methods;
  private readonly mayPropagateTo: HostFilter;
  /** Headers that name a trace; the app's own are never mixed with ours. */
  private readonly traceHeaders: readonly string[];
  private readonly openAnswers = new OpenAnswers();

  constructor(private readonly env: InstrumentationEnv) {
    this.methods = createMethodNames(env.config.knownMethods);
    this.mayPropagateTo = createHostFilter(env.config.propagateTo);
    const fields = env.propagator.fields().map((name) => name.toLowerCase());
    this.traceHeaders = fields.filter((name) => name !== BAGGAGE);
    this.wantsResponseHeaders = env.config.captureResponseHeaders.length > 0;
  }

  /**
   * Starts a span as a child of `context` and writes the trace headers.
   * @param resendCount how often this request was sent before (redirects, retries)
   * @returns undefined where nothing records; everything that is to be done has been done then
   */
  start(
    request: OutgoingRequest,
    headers: OutgoingHeaders,
    resendCount = 0,
    context: TraceContext = activeContext(),
  ): HttpClientOperation | undefined {
    const begun = this.begin(request, headers, resendCount, context);
    if (begun !== undefined) this.propagate(begun, headers);
    return begun?.operation;
  }

  /** Starts a span for a request whose headers are written later. undefined: nothing is to be done for it. */
  begin(
    request: OutgoingRequest,
    headers: HeaderReader,
    resendCount = 0,
    context: TraceContext = activeContext(),
  ): BegunRequest | undefined {
    if (context.suppressed) return undefined;
    const agent = headerValues(headers.get('user-agent')).at(-1);
    if (isTelemetryExport(request.method, request.url, agent, headers)) return undefined;
    const { requireParent } = this.env.config;
    if (mayLackParent(requireParent, context) && isParentRequired(requireParent, 'http-client'))
      return { operation: undefined, context, request };
    const method = this.methods.normalize(request.method);
    const span = this.env.tracer.begin(this.methods.inName(method), KIND_CLIENT, context.span, context);
    const recording = span instanceof RecordingSpan ? span : undefined;
    if (recording !== undefined) {
      recording.put(HTTP_REQUEST_METHOD, method);
      if (method !== request.method) {
        recording.put(HTTP_REQUEST_METHOD_ORIGINAL, sanitizeName(request.method, MAX_ORIGINAL_METHOD));
      }
      recording.put(SERVER_ADDRESS, sanitizeName(request.host));
      recording.put(SERVER_PORT, request.port);
      recording.put(URL_FULL, redactUrl(request.url));
      if (agent !== undefined) recording.put(USER_AGENT_ORIGINAL, redactText(agent, MAX_TEXT));
      if (resendCount > 0) recording.put(HTTP_REQUEST_RESEND_COUNT, resendCount);
      for (const name of this.env.config.captureRequestHeaders) {
        putHeader(recording, 'http.request.header.', name, headers);
      }
    }
    const operation =
      recording === undefined ? undefined : new HttpClientOperation(recording, this.openAnswers);
    return { operation, context: context.withSpan(span), request };
  }

  /** Writes the trace headers. */
  propagate({ context, request }: BegunRequest, headers: OutgoingHeaders): void {
    if (!this.mayPropagateTo(request.host, request.port) || isSigned(request.url, headers)) return;
    const isTraced = this.traceHeaders.some((name) => headers.get(name) !== undefined);
    this.env.propagator.inject(context, headers, isTraced ? BAGGAGE_SETTER : SETTER);
  }

  /** CANVASOPS_CAPTURE_RESPONSE_HEADERS */
  putResponseHeaders({ span }: HttpClientOperation, headers: HeaderReader): void {
    for (const name of this.env.config.captureResponseHeaders) {
      putHeader(span, 'http.response.header.', name, headers);
    }
  }
}

const SETTER: TextMapSetter<OutgoingHeaders> = {
  set(headers, name, value) {
    // What the app put there itself stays.
    if (headers.get(name.toLowerCase()) === undefined) headers.set(name, value);
  },
};

/** For requests that belong to a trace of the app's own making already. */
const BAGGAGE_SETTER: TextMapSetter<OutgoingHeaders> = {
  set(headers, name, value) {
    if (name === BAGGAGE) SETTER.set(headers, name, value);
  },
};

/** AWS refuses requests whose headers changed after they were signed; presigned URLs go to strangers anyway. */
function isSigned(url: string, headers: HeaderReader): boolean {
  const [authorization] = headerValues(headers.get('authorization'));
  return authorization?.startsWith('AWS4-') === true || url.includes('X-Amz-Signature=');
}

function putHeader(span: RecordingSpan, prefix: string, name: string, headers: HeaderReader): void {
  const values = headerValues(headers.get(name));
  if (values.length > 0) span.put(prefix + name, redactHeaders(name, values));
}

const NONE: readonly string[] = [];

/** As text, whatever the client keeps them in; Buffers hold the bytes of the wire. */
function headerValues(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (safeIsArray(value)) return value.flatMap(headerValues);
  if (Buffer.isBuffer(value)) return [value.toString('latin1')];
  return typeof value === 'number' ? [String(value)] : NONE;
}
