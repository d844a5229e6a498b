/** What a Query of postgres is for us, from the moment in which the app asked for its answer. */
import { Readable, Writable } from 'node:stream';
import { types } from 'node:util';
import type { TraceContext } from '../../tracing/context';
import { Attached } from '../operations/attached';
import type { ConnectionWait } from '../operations/connection-wait';
import type { DatabaseCall } from '../operations/database-call';

export interface Connection {
  /** Set while it belongs to a transaction, or to whoever reserved it. */
  readonly reserved?: unknown;
}

export type Settle = (value: unknown) => unknown;

export interface Query {
  readonly strings: readonly unknown[];
  readonly args: readonly unknown[];
  /** Of the pool, the transaction or the reserved connection. */
  readonly handler: object;
  readonly canceller: unknown;
  readonly executed: boolean;
  /** The text, once it is built. */
  readonly string: unknown;
  /** Of a COPY. */
  readonly streaming?: boolean;
  resolve: Settle;
  reject: Settle;
}

export interface Statement {
  readonly context: TraceContext;
  /** Milliseconds on the monotonic clock. */
  readonly since: number;
  readonly wait: ConnectionWait | undefined;
  connection?: Connection;
  call?: DatabaseCall;
  /** Ours, which the query settles by. */
  resolve?: Settle;
}

/** A query with its statement. */
export class HandledQuery extends Attached {
  #statement: Statement;

  constructor(query: object, statement: Statement) {
    super(query);
    this.#statement = statement;
  }

  static statementOf(query: object): Statement | undefined {
    return #statement in query ? (query as HandledQuery).#statement : undefined;
  }
}

/**
 * The text of a query that the driver has not built. Its fragments are in it; names and lists are placeholders, as values are.
 * @param values of the placeholders; added to
 */
export function templateText({ strings, args }: Query, values: unknown[]): string {
  return strings.reduce<string>((text, next, index) => {
    if (index === 0) return textIn(next);
    const value = args[index - 1];
    const inner = types.isPromise(value) ? (value as Partial<Query>) : undefined;
    const isFragment = Array.isArray(inner?.strings) && Array.isArray(inner.args);
    return (
      text + (isFragment ? templateText(value as Query, values) : `$${values.push(value)}`) + textIn(next)
    );
  }, '');
}

/** The app may have passed anything, of which the driver makes a text. */
export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The stream of a COPY goes one way. That of a replication goes both, and has no end. */
export function isCopyStream(value: unknown): boolean {
  return value instanceof Readable !== value instanceof Writable;
}
