/** Begins and ends the statements of all connections, and calls the app back in the context of its call. */
import { safeGet } from '../../tracing/attributes';
import { activeContext, enter, leave } from '../../tracing/context';
import type { InstrumentationEnv } from '../define';
import { fail, startStatement, succeed } from '../operations/database';
import { createStamp } from '../operations/stamp';
import { type AnyFunction, replaceCallback } from './arguments';
import { type Connection, type ConnectionConfig, Link, type Statement, serverOf, usedDatabase } from './link';

/** What ends a statement whose connection the app closed before the answer came. */
const CLOSED = Object.freeze({
  name: 'Error',
  message: 'The connection was closed before the statement was answered',
  code: 'PROTOCOL_CONNECTION_LOST',
});

export class Statements {
  private readonly links = createStamp<Link>();
  /**
   * For where no wrapped method keeps our failures away from the app: `wrap` does it here too. An error that is
   * undefined or null means that the statement worked.
   */
  readonly guarded = { finish: (_statement: Statement, _error: unknown): void => {} };

  constructor(private readonly env: InstrumentationEnv) {
    env.wrap(this.guarded, 'finish', {
      before: (_, [statement, error]) => this.finish(statement as Statement, error),
    });
  }

  linkOf(connection: Connection): Link | undefined {
    return this.links.get(connection);
  }

  /** A call of query() or execute(). The callback among its arguments is replaced by one that ends the statement. */
  begin(connection: Connection, text: string, values: unknown, args: unknown[]): Statement {
    let link = this.links.get(connection);
    if (link === undefined) {
      link = new Link(connection);
      this.links.set(connection, link);
    }
    link.refresh();
    const { server } = link;
    const started = startStatement(this.env, server, 'mysql', text, values);
    const statement: Statement = { link, context: activeContext(), started, server, text };
    if (started !== undefined) link.open.add(statement);
    replaceCallback(args, (callback) => this.settled(statement, callback));
    return statement;
  }

  settled(statement: Statement, callback: AnyFunction): AnyFunction {
    const { guarded } = this;
    return function statementCallback(this: unknown, ...results: unknown[]): unknown {
      guarded.finish(statement, results[0]);
      const outer = enter(statement.context);
      try {
        return Reflect.apply(callback, this, results);
      } finally {
        leave(outer);
      }
    };
  }

  /** The first end counts: a query that timed out may still be answered. */
  finish(statement: Statement, error: unknown): undefined {
    const { link, started, server, text } = statement;
    if (started === undefined || !link.open.delete(statement)) return;
    link.complete(started, server);
    if (error !== undefined && error !== null) {
      fail(started, error, errorNumber(error));
    } else {
      succeed(started);
      const used = usedDatabase(text);
      if (used !== undefined) link.changeDatabase(used);
    }
  }

  /** @param error what mysql2 says; undefined where the app itself closed the connection */
  finishAll(link: Link, error?: unknown): void {
    for (const statement of link.open) this.guarded.finish(statement, error ?? CLOSED);
  }

  /** Its connection takes no more. Where there is a callback, it has ended the statement already. */
  finishRefused(statement: Statement): void {
    this.finish(statement, CLOSED);
  }

  /** A pool had no connection for it. */
  lost(config: ConnectionConfig, text: string, values: unknown, since: number, error: unknown): void {
    const started = startStatement(this.env, serverOf(config), 'mysql', text, values, since);
    if (started !== undefined) fail(started, error, errorNumber(error));
  }
}

/** Only the server's errors have an SQLSTATE; `errno` of the others is the operating system's. */
export function errorNumber(error: unknown): string | undefined {
  // Also what the app's own casts throw comes here.
  if (typeof error !== 'object' || error === null) return undefined;
  const errno = safeGet(error, 'errno');
  return typeof safeGet(error, 'sqlState') === 'string' && typeof errno === 'number'
    ? String(errno)
    : undefined;
}
