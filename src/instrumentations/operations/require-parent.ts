/**
 * Operations that make no span where it would be the root of a trace (CANVASOPS_REQUIRE_PARENT): what keeps a process
 * waiting, connected and supplied with jobs would fill a backend with traces of one span that nobody asked for.
 * docs/decisions/0012.
 */
import type { RequireParentName } from '../../config/types';
import type { StatementDescription } from '../../redaction/sql/describe';
import type { TraceContext } from '../../tracing/context';
import { hasParent } from '../../tracing/tracer';

/** What an operation is for, where it is not for the app itself. */
export type Purpose = Exclude<RequireParentName, 'database' | 'http-client'>;

/**
 * Statements that are about their connection. SHOW is not among them, since its answer is data to somebody, nor is
 * `SELECT 1`: drivers and pools for Node do not send it of themselves, and people try things out with it.
 */
const CONNECTION_OPERATIONS: ReadonlySet<string> = new Set([
  'DISCARD',
  'LISTEN',
  'RESET',
  'SET',
  'UNLISTEN',
  'USE',
]);

/** Workers that find their jobs in a table pass over the ones that others have taken. */
const SKIP_LOCKED = 'SKIP LOCKED';

/** undefined: a statement of the app's own. */
export function purposeOfStatement(description: StatementDescription): Purpose | undefined {
  if (CONNECTION_OPERATIONS.has(description.operation)) return 'connection';
  // The sanitised text is bounded, and no value in it can be mistaken for the words.
  return description.text.toUpperCase().includes(SKIP_LOCKED) ? 'polling' : undefined;
}

/**
 * Whether the setting has to be asked about an operation that begins in `context`. Finding out what the operation is
 * for costs more than a span that has a parent may.
 */
export function mayLackParent(required: readonly RequireParentName[], context: TraceContext): boolean {
  return !hasParent(context) && required.length > 0 && !context.suppressed;
}

/**
 * Whether an operation that has no parent makes no span.
 * @param required the setting
 * @param kind of the span
 * @param purpose undefined for an operation of the app's own
 */
export function isParentRequired(
  required: readonly RequireParentName[],
  kind: 'database' | 'http-client',
  purpose?: Purpose,
): boolean {
  return required.includes(kind) || (purpose !== undefined && required.includes(purpose));
}
