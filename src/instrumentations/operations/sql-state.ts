/** What the drivers of PostgreSQL have in common: the server's code in its errors. */
import { safeGet } from '../../tracing/attributes';

/**
 * The SQLSTATE, if the server sent this error. Errors of Node have codes too (some with five letters, `EPIPE`), but
 * no severity (PostgreSQL manual, "Error and Notice Message Fields").
 */
export function sqlState(error: unknown): string | undefined {
  const code = safeGet(error, 'code');
  const isServers = typeof safeGet(error, 'severity') === 'string';
  return isServers && typeof code === 'string' && code.length === 5 ? code : undefined;
}
