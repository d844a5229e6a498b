/** What a connection of tedious executes. */
import type { EventEmitter } from 'node:events';
import { safeGet } from '../../tracing/attributes';
import { Attached } from '../operations/attached';
import type { AnyFunction } from '../operations/callbacks';
import { type DatabaseServer, describeServer, representative } from '../operations/database';
import type { DatabaseCall } from '../operations/database-call';

export interface Options {
  readonly port?: unknown;
  readonly database?: unknown;
  readonly instanceName?: unknown;
}

export interface Connection extends EventEmitter {
  readonly config: { readonly server?: unknown; readonly options: Options };
  /** What it executes. */
  readonly request?: object;
}

/** A request, or a bulk load. */
export interface Executable {
  callback: AnyFunction;
  readonly sqlTextOrProcedure?: unknown;
  readonly parameters?: readonly { readonly name: string; readonly value: unknown }[];
  /** Of a bulk load. */
  readonly table?: unknown;
}

/** A request while it is executed. */
export class ExecutedRequest extends Attached {
  #call: DatabaseCall | undefined;

  constructor(request: object, call: DatabaseCall) {
    super(request);
    this.#call = call;
  }

  static callOf(request: object | undefined): DatabaseCall | undefined {
    return request !== undefined && #call in request ? (request as ExecutedRequest).#call : undefined;
  }

  static set(request: object, call: DatabaseCall | undefined): void {
    if (#call in request) (request as ExecutedRequest).#call = call;
    else if (call !== undefined) new ExecutedRequest(request, call);
  }
}

const DEFAULT_PORT = 1433;

/** The port of a named instance is asked for when the connection is opened (SQL Server Browser). */
export function serverAt(host: unknown, { port, database, instanceName }: Options): DatabaseServer {
  const system = 'microsoft.sql_server';
  if (typeof instanceName !== 'string' || instanceName === '')
    return describeServer({ system, database, host, port, defaultPort: DEFAULT_PORT });
  // "It SHOULD follow the {instance_name}|{database_name} pattern" (conventions for SQL Server, db.namespace).
  const namespace = typeof database === 'string' ? `${instanceName}|${database}` : instanceName;
  return describeServer({ system, database: namespace, host, port });
}

export function isExecutable(request: unknown): request is Executable {
  return typeof request === 'object' && typeof safeGet(request, 'callback') === 'function';
}

/** Several errors are one that says nothing itself. */
export function errorNumber(error: unknown): string | undefined {
  const number = safeGet(representative(error), 'number');
  return typeof number === 'number' ? String(number) : undefined;
}

/** By name. Where the same name comes again, the last one counts, as it does for the driver. */
export function valuesOf({ parameters = [] }: Executable): object {
  return Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
}
