/** The life of a span of a database operation. A library's file says what is asked of whom; the rest is here. */
import type { Span } from '@opentelemetry/api';
import { redactDatabaseMessage } from '../../redaction/database/error-message';
import {
  rememberSafeMessage,
  rememberSafeText,
  safeMessage,
  sanitizeErrorType,
} from '../../redaction/error-text';
import { phrase, type Sanitized, sanitizeName } from '../../redaction/sanitized';
import { AttributeBlock } from '../../tracing/attribute-block';
import { safeGet } from '../../tracing/attributes';
import type { TraceContext } from '../../tracing/context';
import { errorFacts } from '../../tracing/exception';
import { countQuery } from '../../tracing/query-stats';
import {
  DB_COLLECTION_NAME,
  DB_NAMESPACE,
  DB_OPERATION_BATCH_SIZE,
  DB_OPERATION_NAME,
  DB_QUERY_SUMMARY,
  DB_QUERY_TEXT,
  DB_RESPONSE_STATUS_CODE,
  DB_SYSTEM_NAME,
  ERROR_TYPE,
  SERVER_ADDRESS,
  SERVER_PORT,
  STATUS_ERROR,
} from '../../tracing/semconv';
import { RecordingSpan } from '../../tracing/span';
import { KIND_CLIENT } from '../../tracing/span-kind';
import type { InstrumentationEnv } from '../define';
import { Attached } from './attached';
import type { Membership } from './transaction';

/** Whom a connection talks to. Made once per connection or pool, not per query. */
export interface DatabaseServer {
  /** `db.system.name` */
  readonly system: Sanitized;
  /** The database's name; undefined where the protocol has none. */
  readonly namespace: Sanitized | undefined;
  readonly address: Sanitized | undefined;
  readonly port: number | undefined;
}

/** What a driver knows of its server, as the app or the driver gave it. */
export interface ServerFacts {
  /** `db.system.name`, as the semantic conventions list them: `postgresql`, `redis`. */
  readonly system: string;
  readonly database?: unknown;
  readonly host?: unknown;
  /** A number, or a text with one in it where it comes from a URL. */
  readonly port?: unknown;
  /** Of a Unix socket, in the place of host and port. */
  readonly socketPath?: unknown;
  /** Where the app gave none. */
  readonly defaultPort?: number;
}

/**
 * The port is told also where it is the usual one, as the official instrumentations do: one query in a backend finds a
 * server however its port was given.
 */
export function describeServer(facts: ServerFacts): DatabaseServer {
  const { socketPath } = facts;
  const system = sanitizeName(facts.system);
  const namespace = sanitizeName(facts.database);
  if (socketPath) return { system, namespace, address: sanitizeName(socketPath), port: undefined };
  const port = Number(facts.port || facts.defaultPort);
  const isPort = Number.isInteger(port) && port > 0;
  return { system, namespace, address: sanitizeName(facts.host), port: isPort ? port : undefined };
}

/** An operation in words that may leave the process: literals are gone. */
export interface DatabaseOperation {
  /** `db.query.text`, sanitised; '' = none. */
  readonly text: Sanitized | '';
  /** `db.query.summary` and name of the span; '' = use operation and collection. */
  readonly summary: Sanitized | '';
  readonly operation: Sanitized | '';
  readonly collection: Sanitized | '';
}

export interface DatabaseSpan {
  readonly span: RecordingSpan;
  readonly operation: DatabaseOperation;
  /** Of a statement within a transaction. */
  readonly membership: Membership | undefined;
}

/**
 * Starts a span for an operation that is not SQL (a Redis command, say).
 * @param context whose span is the parent
 */
export function startOperation(
  env: InstrumentationEnv,
  server: DatabaseServer,
  operation: DatabaseOperation,
  context: TraceContext,
  batchSize?: number,
): DatabaseSpan | undefined {
  const span = startDatabaseSpan(env, server, context.span, context);
  if (span === undefined) return undefined;
  const started = describeDatabaseSpan(span, server, operation, undefined);
  putBatchSize(span, batchSize);
  return started;
}

/** It goes to a server that was not known when its span began; of several the last one counts. */
export function locate({ span }: DatabaseSpan, { address, port }: DatabaseServer): void {
  if (address !== undefined) span.replace(SERVER_ADDRESS, address);
  if (port !== undefined) span.replace(SERVER_PORT, port);
}

/** A batch of one is none (semantic conventions, database spans). */
export function putBatchSize(span: RecordingSpan, size: number | undefined): void {
  if (size !== undefined && size >= 2) span.put(DB_OPERATION_BATCH_SIZE, size);
}

/**
 * A span without its operation, for those who describe it only if it is recorded.
 * @param parent of the span; undefined makes a root
 * @param startedAt milliseconds on the monotonic clock, for an operation that began earlier
 * @returns undefined where nothing records
 */
export function startDatabaseSpan(
  env: InstrumentationEnv,
  server: DatabaseServer,
  parent: Span | undefined,
  context: TraceContext,
  startedAt?: number,
): RecordingSpan | undefined {
  const span = env.tracer.begin(server.system, KIND_CLIENT, parent, context, startedAt);
  return span instanceof RecordingSpan ? span : undefined;
}

export function describeDatabaseSpan(
  span: RecordingSpan,
  server: DatabaseServer,
  operation: DatabaseOperation,
  membership: Membership | undefined,
): DatabaseSpan {
  const { summary, collection } = operation;
  const target = collection !== '' ? collection : (server.namespace ?? '');
  if (summary !== '') span.name = summary;
  else if (operation.operation !== '')
    span.name = target === '' ? operation.operation : phrase(operation.operation, target);
  else if (target !== '') span.name = target;
  span.putBlock(DescribedServer.attributesOf(server));
  span.putBlock(DescribedOperation.attributesOf(operation));
  return { span, operation, membership };
}

/** A server with what every span of it says. Tied to this very object: copies of it are made with other names in them. */
class DescribedServer extends Attached {
  readonly #attributes: AttributeBlock;

  private constructor(server: DatabaseServer) {
    super(server);
    this.#attributes = new AttributeBlock()
      .put(DB_SYSTEM_NAME, server.system)
      .put(DB_NAMESPACE, server.namespace)
      .put(SERVER_ADDRESS, server.address)
      .put(SERVER_PORT, server.port);
  }

  static attributesOf(server: DatabaseServer): AttributeBlock {
    const known = #attributes in server ? (server as DescribedServer) : new DescribedServer(server);
    return known.#attributes;
  }
}

/** An operation with what every span of it says; where a statement comes again, it is the same object. */
class DescribedOperation extends Attached {
  readonly #attributes = new AttributeBlock();

  private constructor(words: DatabaseOperation) {
    super(words);
    const { operation, collection, text, summary } = words;
    if (operation !== '') this.#attributes.put(DB_OPERATION_NAME, operation);
    if (collection !== '') this.#attributes.put(DB_COLLECTION_NAME, collection);
    if (text !== '') this.#attributes.put(DB_QUERY_TEXT, text);
    if (summary !== '') this.#attributes.put(DB_QUERY_SUMMARY, summary);
  }

  static attributesOf(operation: DatabaseOperation): AttributeBlock {
    const known =
      #attributes in operation ? (operation as DescribedOperation) : new DescribedOperation(operation);
    return known.#attributes;
  }
}

/**
 * Ends the span of an operation that worked.
 * @param repeatedLimit see CANVASOPS_DB_REPEATED_STATEMENTS
 */
export function succeed({ span, operation }: DatabaseSpan, repeatedLimit: number): void {
  span.end();
  countQuery(span, operation, span.endMs - span.startMs, false, repeatedLimit);
}

/**
 * Ends the span of an operation that failed.
 * @param code SQLSTATE or the server's own error code; undefined where the failure came from elsewhere
 * @param mask takes out of the error's message what only its driver knows to be a value
 */
export function fail(
  started: DatabaseSpan,
  error: unknown,
  code: string | undefined,
  repeatedLimit: number,
  mask: (message: string) => string,
): void {
  const { span, operation } = started;
  const facts = errorFacts(representative(error));
  // Servers quote values in their messages, and the app may well rethrow this very error.
  rememberSafeMessage(error, facts.message, redactDatabaseMessage(mask(facts.message), operation.text));
  rememberDetail(error, operation.text);
  const type = code === undefined ? undefined : sanitizeErrorType(code);
  span.put(DB_RESPONSE_STATUS_CODE, type);
  span.put(ERROR_TYPE, type ?? facts.type);
  span.recordException(error as Error);
  span.setStatus({ code: STATUS_ERROR, message: safeMessage(error, facts) });
  span.end();
  countQuery(span, operation, span.endMs - span.startMs, true, repeatedLimit);
}

/** A connection that failed on every address of its host is an AggregateError, which says nothing itself. */
export function representative(error: unknown): unknown {
  try {
    return error instanceof AggregateError && error.message === '' ? (error.errors?.[0] ?? error) : error;
  } catch {
    return error; // one of the app's own, which cannot be read
  }
}

/** What PostgreSQL says apart from its message, and people append to it. */
function rememberDetail(error: unknown, text: string): void {
  if (typeof error !== 'object' || error === null) return;
  const detail = safeGet(error, 'detail');
  if (typeof detail === 'string') rememberSafeText(detail, redactDatabaseMessage(detail, text));
}
