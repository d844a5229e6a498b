/**
 * Operations that make no span where it would be the root of a trace (CANVASOPS_REQUIRE_PARENT): what keeps a process
 * waiting, connected and supplied with jobs would fill a backend with traces of one span that nobody asked for.
 * docs/decisions/0012.
 */
import type { RequireParentName } from '../../config/types';
import type { StatementDescription } from '../../redaction/sql';
import type { TraceContext } from '../../tracing/context';
import { hasParent } from '../../tracing/tracer';

/** What an operation is for, where it is not for the app itself. */
export type Purpose = Exclude<RequireParentName, 'database' | 'http-client'>;

/** Statements that are about their connection. SHOW is not among them: what it answers is data to somebody. */
const CONNECTION_OPERATIONS: ReadonlySet<string> = new Set([
  'DISCARD',
  'LISTEN',
  'RESET',
  'SET',
  'UNLISTEN',
  'USE',
]);

/** Which a pool sends to see whether a connection still works, and nobody to know the answer. */
const PING = 'select 1';
/** Room for blanks and a semicolon. */
const MAX_PING = 16;

/** Workers that find their jobs in a table pass over the ones that others have taken. */
const SKIP_LOCKED = 'SKIP LOCKED';

/**
 * @param text as it is sent
 * @param description of the same statement
 * @returns undefined for a statement of the app's own
 */
export function purposeOfStatement(text: string, description: StatementDescription): Purpose | undefined {
  if (CONNECTION_OPERATIONS.has(description.operation) || isPing(text)) return 'connection';
  // The sanitised text is bounded, and no value in it can be mistaken for the words.
  return description.text.toUpperCase().includes(SKIP_LOCKED) ? 'polling' : undefined;
}

function isPing(text: string): boolean {
  if (text.length > MAX_PING) return false;
  const words = text.trim().toLowerCase();
  return words === PING || words === `${PING};`;
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
