/**
 * What clients of Elasticsearch and OpenSearch share: the span of a request, as the semantic conventions for Elasticsearch
 * describe it (https://opentelemetry.io/docs/specs/semconv/db/elasticsearch/).
 *
 * - A call of the app has one span, whatever is sent for it. Each attempt is a request over HTTP, which has a span of its own
 *   below that of the call.
 * - What the client asks for itself (which nodes there are, whether one of them is alive again) has no such span, and is sent
 *   outside of any context.
 * - `server.address` and `url.full` are those of the node that was asked last. `url.full` is without its query: values stand
 *   in it (`q=`), and the span of the HTTP request has it.
 * - `db.query.text` is there for searches only, without values. A document that is stored is nothing but values.
 * - An answer that is a success may have failures in it: the first one of a bulk or of several searches is the span's.
 */
import { describeSearchBody, maskBrackets } from '../../redaction/database/search';
import { redactUrl } from '../../redaction/http/url';
import { phrase, type Sanitized, sanitizeName } from '../../redaction/sanitized';
import { safeGet } from '../../tracing/attributes';
import { activeContext, ROOT_CONTEXT, type TraceContext } from '../../tracing/context';
import { DB_RESPONSE_STATUS_CODE, HTTP_REQUEST_METHOD, URL_FULL } from '../../tracing/semconv';
import { RecordingSpan } from '../../tracing/span';
import { KIND_CLIENT } from '../../tracing/span-kind';
import type { InstrumentationEnv } from '../define';
import { bindCallback } from './callbacks';
import {
  type DatabaseOperation,
  type DatabaseServer,
  type DatabaseSpan,
  describeDatabaseSpan,
  describeServer,
  locate,
  putBatchSize,
} from './database';
import { DatabaseCall } from './database-call';
import { Database } from './database-driver';
import { createMethodNames } from './http-method';
import { isParentRequired, mayLackParent } from './require-parent';
import { batchSizeOf, failureIn, fieldOf, partsOf, textOf } from './search-request';

/** A node of the cluster, as both clients keep it (`Connection`). */
export interface SearchNode {
  readonly url: URL;
}

const CALL = Symbol('canvasops.search.call');

/** In which a client asks for itself: no span is in it, as in the root context. */
export const OWN = ROOT_CONTEXT.withSpan(undefined);

/** Their bodies are queries. */
const SEARCHES: ReadonlySet<string> = new Set([
  ...['async_search.submit', 'count', 'delete_by_query', 'eql.search', 'esql.async_query', 'esql.query'],
  ...['explain', 'fleet.msearch', 'fleet.search', 'indices.validate_query', 'knn_search', 'msearch'],
  ...['rollup.rollup_search', 'search', 'search_mvt', 'sql.query', 'update_by_query'],
]);

/** What is asked, in words that may leave the process. */
class SearchOperation implements DatabaseOperation {
  readonly operation: Sanitized;
  readonly collection: Sanitized;
  readonly summary: Sanitized | '';
  readonly parts: Readonly<Record<string, string>>;
  private made: Sanitized | '' | undefined;

  constructor(private readonly params: unknown) {
    const { name, parts } = partsOf(params);
    this.operation = sanitizeName(name);
    this.parts = parts;
    this.collection = sanitizeName(parts.index ?? '');
    this.summary = this.collection === '' ? this.operation : phrase(this.operation, this.collection);
  }

  /** Made when it is asked for: nobody asks where nothing records. */
  get text(): Sanitized | '' {
    this.made ??= SEARCHES.has(this.operation)
      ? describeSearchBody(fieldOf(this.params, 'body') ?? fieldOf(this.params, 'bulkBody'))
      : '';
    return this.made;
  }
}

export class SearchCall extends DatabaseCall {
  /** What is sent for it is sent in this context. */
  readonly inside: TraceContext;

  constructor(
    private readonly search: SearchDatabase,
    started: DatabaseSpan | undefined,
    inside: TraceContext,
    private readonly path: string,
  ) {
    super(search, started);
    this.inside = inside.setValue(CALL, this);
  }

  /** The call that is being made in this context. */
  static in(context: TraceContext): SearchCall | undefined {
    const call = context.getValue(CALL);
    return call instanceof SearchCall ? call : undefined;
  }

  /** Called for each attempt. */
  sentTo(node: unknown): void {
    const { started } = this;
    const url = safeGet(node, 'url');
    if (started === undefined || started.span.ended || !(url instanceof URL)) return;
    locate(started, this.search.serverOf(node as SearchNode));
    const base = url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : url.pathname;
    const path = this.path.startsWith('/') ? this.path : `/${this.path}`;
    started.span.replace(URL_FULL, redactUrl(`${url.origin}${base}${path}`));
  }

  override errorOf(failed: boolean, value: unknown): unknown {
    if (failed) return super.errorOf(failed, value);
    const { started } = this;
    if (started === undefined) return undefined;
    // Elasticsearch gives the app the body alone, unless that asks for more (`meta: true`).
    const isWhole = typeof safeGet(value, 'meta') === 'object' && safeGet(value, 'headers') !== undefined;
    const failure = failureIn(started.operation.operation, isWhole ? safeGet(value, 'body') : value);
    const status = isWhole ? safeGet(value, 'statusCode') : undefined;
    if (failure === undefined && typeof status === 'number')
      started.span.put(DB_RESPONSE_STATUS_CODE, sanitizeName(String(status)));
    return failure;
  }
}

export class SearchDatabase extends Database<SearchNode> {
  private readonly methods;
  /** Before a node is chosen. */
  private readonly cluster: DatabaseServer;

  constructor(env: InstrumentationEnv, system: string) {
    super(env, {
      serverOf: ({ url: { hostname, port, protocol } }) =>
        describeServer({
          system,
          host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
          port,
          defaultPort: protocol === 'https:' ? 443 : 80,
        }),
      errorCode(error) {
        const status = safeGet(error, 'name') === 'ResponseError' ? safeGet(error, 'statusCode') : undefined;
        return typeof status === 'number' ? String(status) : undefined;
      },
      maskMessage: maskBrackets,
    });
    this.methods = createMethodNames(env.config.knownMethods);
    this.cluster = describeServer({ system });
  }

  /**
   * @param params what the client's `Transport#request` was given, which may be anything
   * @returns undefined for what the client asks for itself
   */
  begin(params: unknown): SearchCall | undefined {
    const context = activeContext();
    if (context === OWN) return undefined;
    const path = textOf(params, 'path');
    const { env, cluster } = this;
    const { requireParent } = env.config;
    const operation = new SearchOperation(params);
    const purpose = operation.operation === 'ping' ? 'connection' : undefined;
    if (mayLackParent(requireParent, context) && isParentRequired(requireParent, 'database', purpose))
      return new SearchCall(this, undefined, context, path);
    const span = env.tracer.begin(cluster.system, KIND_CLIENT, context.span, context);
    if (!(span instanceof RecordingSpan))
      return new SearchCall(this, undefined, context.withSpan(span), path);
    const started = describeDatabaseSpan(span, cluster, operation, undefined);
    span.put(HTTP_REQUEST_METHOD, this.methods.normalize(textOf(params, 'method')));
    putBatchSize(span, batchSizeOf(operation.operation, fieldOf(params, 'bulkBody')));
    for (const [part, value] of Object.entries(operation.parts))
      span.put(`db.operation.parameter.${sanitizeName(part)}`, sanitizeName(value));
    return new SearchCall(this, started, context.withSpan(span), path);
  }

  /** What this method asks is asked for the client itself. */
  asksForItself(prototype: object, method: string): void {
    this.env.wrap<object, true>(prototype, method, {
      before(_self, args) {
        bindCallback(args);
        return true;
      },
      contextOf: () => OWN,
    });
  }
}
