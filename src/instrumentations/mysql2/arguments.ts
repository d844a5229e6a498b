/** Reading the arguments of mysql2's query(), execute() and the like, in all their forms. They may refuse to be read. */

import { safeGet } from '../../tracing/attributes';

export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

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

/** `args` is our copy of what the app passed. mysql2 takes the first function for the callback. */
export function replaceCallback(args: unknown[], replace: (callback: AnyFunction) => AnyFunction): void {
  const at = args.findIndex((argument) => typeof argument === 'function');
  if (at >= 0) args[at] = replace(args[at] as AnyFunction);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
