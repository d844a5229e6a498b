/** The shape of one row of the settings table. */
import type { LibraryNames, Problem, SettingOrigin } from './types';

export interface ParseContext {
  /** The variable the text came from. */
  readonly variable: string;
  readonly problems: Problem[];
  /** The libraries that can be switched. */
  readonly libraries: readonly LibraryNames[];
}

/** Reads the trimmed, non-empty text of a variable. undefined = unusable (reported) and treated as not set. */
export type Parser<T> = (text: string, context: ParseContext) => T | undefined;

export type Group =
  | 'General'
  | 'Service'
  | 'Traces'
  | 'Capture'
  | 'Export'
  | 'OTLP'
  | 'Jaeger'
  | 'Arize'
  | 'Phoenix';

export interface Setting<T> {
  readonly group: Group;
  /** Environment variables in order of precedence. */
  readonly names: readonly string[];
  readonly parse: Parser<T>;
  readonly fallback: T;
  /** What the documentation says of the default, where the value itself does not say it. */
  readonly fallbackText?: string;
  readonly help: string;
  /** Shown only as `set` / `not set`. */
  readonly secret?: boolean;
  /** Not read from a `.env` file. */
  readonly envOnly?: boolean;
  /** For check-config, where the value itself must not or cannot be printed. A method, so that rows of any type fit one list. */
  show?(value: T): string;
}

/** Keeps the type of each row while checking its shape. */
export function setting<T>(row: Setting<T>): Setting<T> {
  return row;
}

/** The value in effect and where it came from. */
export interface Picked<T> {
  readonly value: T;
  readonly origin: SettingOrigin;
  /** Weaker variables that are set as well. */
  readonly overridden: readonly SettingOrigin[];
}
