/** Reading the arguments of mysql2's query(), execute() and the like, in all their forms. They may refuse to be read. */
import { safeGet } from '../../tracing/attributes';

/** What mysql2 makes of a statement. */
export interface Command {
  onResult?: unknown;
}

/** The statement's text with its placeholders: mysql2 has not put the values in yet. */
export function textOf([first]: readonly unknown[]): string | undefined {
  const text = isObject(first) ? safeGet(first, 'sql') : first;
  return typeof text === 'string' ? text : undefined;
}

export function valuesOf([first, second]: readonly unknown[]): unknown {
  if (second !== undefined && typeof second !== 'function') return second;
  return isObject(first) ? safeGet(first, 'values') : undefined;
}

/** Pools hand a finished command to the connection. */
export function commandOf([first]: readonly unknown[]): Command | undefined {
  return isObject(first) && typeof safeGet(first, 'start') === 'function' ? (first as Command) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
