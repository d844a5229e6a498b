/**
 * mysql2 inside a bundle, where no file of it is ever loaded and nothing can be wrapped: its channels (since 3.20)
 * are all there is. They know less: MariaDB is taken for MySQL, prepared statements are silent, and a query without
 * a callback gets an error listener, which is why they are left alone wherever there are files.
 */
import { activeContext, runWith, type TraceContext } from '../../tracing/context';
import type { Instrumentation, InstrumentationEnv } from '../define';
import { DatabaseCall } from '../operations/database-call';
import { createHiddenState } from '../operations/hidden-state';
import { configuredServer, MysqlDatabase } from '../operations/mysql';

interface Message {
  readonly query: string;
  readonly values?: unknown;
  readonly database?: string;
  readonly serverAddress?: string;
  readonly serverPort?: number;
  readonly error?: unknown;
}

export function createChannels(env: InstrumentationEnv): NonNullable<Instrumentation['channels']> {
  const callers = createHiddenState<TraceContext>();
  const statements = createHiddenState<DatabaseCall>();
  const database = new MysqlDatabase<object>(env, {
    configOf: () => ({}),
    versionOf: () => undefined,
    socketOf: () => undefined,
  });
  /** Of the one whose turn it is to get a connection; a pool calls back in the context of the one before. */
  let caller: TraceContext | undefined;

  function begin(message: unknown): void {
    const { query, values, database: name, serverAddress, serverPort } = message as Message;
    const server = configuredServer({ host: serverAddress, port: serverPort, database: name || undefined });
    const start = (): DatabaseCall => new DatabaseCall(database, database.startAt(server, query, values));
    statements.set(message as Message, caller === undefined ? start() : runWith(caller, start));
  }

  function finish(message: unknown): void {
    statements.get(message as Message)?.finish((message as Message).error);
  }

  return {
    'tracing:mysql2:pool:connect:start': (message) => callers.set(message as Message, activeContext()),
    'tracing:mysql2:pool:connect:asyncStart': (message) => {
      caller = callers.get(message as Message);
    },
    'tracing:mysql2:pool:connect:asyncEnd': () => {
      caller = undefined;
    },
    'tracing:mysql2:query:start': begin,
    'tracing:mysql2:query:error': finish,
    'tracing:mysql2:query:asyncStart': finish,
    'tracing:mysql2:execute:start': begin,
    'tracing:mysql2:execute:error': finish,
    'tracing:mysql2:execute:asyncStart': finish,
  };
}
