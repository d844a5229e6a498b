/**
 * Statements that are prepared by calling the procedures for it, as mssql does (lib/base/prepared-statement.js). What is
 * executed then has a handle only; its text was told when it was prepared.
 */
import { DatabaseCall, type Settling } from '../operations/database-call';
import { createHiddenState } from '../operations/hidden-state';
import type { Connection, Executable } from './request';

/** Per connection. Whoever never unprepares keeps them in the server, too. */
const MAX_STATEMENTS = 256;

const prepared = createHiddenState<Map<unknown, string>>();

/** It has a span only if it fails. */
export class Preparation extends DatabaseCall {
  constructor(
    database: Settling,
    private readonly connection: Connection,
    private readonly text: unknown,
    private readonly lost: (text: string, error: unknown) => void,
  ) {
    super(database, undefined);
  }

  /** The server has returned the handle. */
  keep(handle: unknown): void {
    const { connection, text } = this;
    const statements = prepared.get(connection) ?? new Map<unknown, string>();
    if (typeof text === 'string' && statements.size < MAX_STATEMENTS) statements.set(handle, text);
    prepared.set(connection, statements);
  }

  override settle(failed: boolean, error: unknown): void {
    const { isDone, text } = this;
    this.isDone = true;
    if (failed && !isDone && typeof text === 'string') this.lost(text, error);
  }
}

/** The text behind the handle among the parameters. */
export function preparedText(connection: Connection, request: Executable): string | undefined {
  return prepared.get(connection)?.get(parameterOf(request, 'handle'));
}

export function forget(connection: Connection, request: Executable): void {
  prepared.get(connection)?.delete(parameterOf(request, 'handle'));
}

export function parameterOf({ parameters = [] }: Executable, name: string): unknown {
  return parameters.find((parameter) => parameter.name === name)?.value;
}
