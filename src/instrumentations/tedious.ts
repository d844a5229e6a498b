/**
 * tedious 15 to 20 (SQL Server): one span per request that the app executes on a connection, until its callback is called.
 *
 * - A connection executes one request at a time (lib/connection.js, `makeRequest`), and ends each by its `callback`, also
 *   where it was refused, cancelled or timed out. A request that was prepared is executed several times, so it gets its
 *   callback back as soon as that has been called.
 * - `execBulkLoad`, `reset` and, for servers before 2005, the methods of transactions execute a request of their own on the
 *   way. It has no span.
 * - Transactions are requests without a text. Their spans say the statements that do the same, without the names that the
 *   driver makes up (`transaction()`).
 * - A server that rolls back by itself says so (`rollbackTransaction`), also where the app asked for it.
 * - Preparing has a span only if it fails, since what is prepared has one for each time that it is executed.
 * - Listeners run from the socket. Those of a request are run in the context of its call, those of `connect` in the one in
 *   which the app connected. The connection itself is opened outside of any context.
 * - The pool of mssql asks each connection `SELECT 1;` before it lends it (lib/tedious/connection-pool.js,
 *   `_poolValidate`). That belongs to no request and has no span.
 */
import type { EventEmitter } from 'node:events';
import { sanitizeName } from '../redaction/sanitized';
import { monotonic } from '../tracing/clock';
import { activeContext, ROOT_CONTEXT, type TraceContext } from '../tracing/context';
import { DB_STORED_PROCEDURE_NAME } from '../tracing/semconv';
import type { Around, Class, Instrumentation, InstrumentationEnv } from './define';
import { type AnyFunction, seenCallback } from './operations/callbacks';
import { ConnectionWait } from './operations/connection-wait';
import { DatabaseCall } from './operations/database-call';
import { createHiddenState } from './operations/hidden-state';
import { SqlDatabase } from './operations/sql';
import type { Step } from './operations/transaction-steps';
import { watchMssqlPool } from './tedious/mssql';
import { forget, Preparation, parameterOf, preparedText } from './tedious/prepared';
import {
  type Connection,
  type Executable,
  ExecutedRequest,
  errorNumber,
  isExecutable,
  serverAt,
  valuesOf,
} from './tedious/request';

interface Connecting {
  readonly context: TraceContext;
  readonly wait: ConnectionWait | undefined;
}

/** @param args of the method after the request */
type Begin = (connection: Connection, request: Executable, values: unknown) => DatabaseCall;

export function create(env: InstrumentationEnv): Instrumentation {
  const database = new SqlDatabase<Connection>(env, {
    dialect: 'microsoft.sql_server',
    serverOf: ({ config: { server, options } }) => serverAt(server, options),
    errorCode: errorNumber,
  });
  /** Of connections that are being opened. */
  const connecting = createHiddenState<Connecting | undefined>();
  /** Connections whose server has rolled back by itself. */
  const rolledBack = createHiddenState<boolean>();
  /** A method of the driver is running: what it executes is no request of the app's. */
  let isExecuting = false;

  const answered = env.guard((connection: Connection, call: DatabaseCall, error: unknown) => {
    isExecuting = false;
    call.finish(error);
    if (!rolledBack.get(connection)) return;
    rolledBack.set(connection, false);
    database.transactionEnds(connection, 'rolled_back');
  });

  function answer(connection: Connection, call: DatabaseCall, callback: unknown): AnyFunction {
    return seenCallback(call.context, (error) => answered(connection, call, error), callback as AnyFunction);
  }

  const aroundExecuting = (
    begin: (connection: Connection, args: unknown[]) => DatabaseCall | undefined,
  ): Around<Connection, DatabaseCall> => ({
    before(connection, args) {
      const call = isExecuting ? undefined : begin(connection, args);
      if (call !== undefined) isExecuting = true;
      return call;
    },
    done() {
      isExecuting = false;
    },
    threw: (call, error) => call.finish(error),
  });

  const aroundRequest = (begin: Begin): Around<Connection, DatabaseCall> =>
    aroundExecuting((connection, [request, values]) => {
      if (!isExecutable(request)) return undefined;
      const call = begin(connection, request, values);
      const { callback } = request;
      const seen = answer(connection, call, callback);
      request.callback = function requestCallback(this: unknown, ...results: unknown[]): unknown {
        request.callback = callback;
        ExecutedRequest.set(request, undefined);
        return Reflect.apply(seen, this, results);
      };
      ExecutedRequest.set(request, call);
      return call;
    });

  const aroundStep = (text: string, stepOf: (name: string) => Step): Around<Connection, DatabaseCall> =>
    aroundExecuting((connection, args) => {
      const [callback, name] = args;
      if (typeof callback !== 'function') return undefined;
      const step = stepOf(typeof name === 'string' ? name : '');
      const started = database.start(connection, text, undefined, undefined, step);
      const call = new DatabaseCall(database, started);
      args[0] = answer(connection, call, callback);
      return call;
    });

  function beginText(connection: Connection, text: unknown, values: unknown): DatabaseCall {
    const started = typeof text === 'string' ? database.start(connection, text, values) : undefined;
    return new DatabaseCall(database, started);
  }

  const sentValues = (request: Executable): unknown =>
    env.config.dbParameters ? valuesOf(request) : undefined;

  function beginPreparing(connection: Connection, text: unknown): DatabaseCall {
    const since = monotonic();
    return new Preparation(database, connection, text, (lost, error) =>
      database.lost(database.serverOf(connection), lost, undefined, since, error),
    );
  }

  const beginProcedure: Begin = (connection, request) => {
    const { sqlTextOrProcedure: name } = request;
    switch (name) {
      case 'sp_prepare':
        return beginPreparing(connection, parameterOf(request, 'stmt'));
      case 'sp_execute':
        return beginText(connection, preparedText(connection, request), sentValues(request));
      case 'sp_unprepare':
        forget(connection, request);
        return new DatabaseCall(database, undefined);
      default: {
        const text = typeof name === 'string' ? `EXEC ${name}` : undefined;
        const call = beginText(connection, text, sentValues(request));
        call.started?.span.put(DB_STORED_PROCEDURE_NAME, sanitizeName(name));
        return call;
      }
    }
  };

  /** @returns the context for the listeners */
  function sawEvent(connection: Connection, event: unknown, first: unknown): TraceContext | undefined {
    const opening = connecting.get(connection);
    // One that is closed while it is opened just ends.
    if (opening !== undefined && (event === 'connect' || event === 'error' || event === 'end')) {
      connecting.set(connection, undefined);
      opening.wait?.over(database.serverOf(connection), first);
      return opening.context;
    }
    if (event === 'end') database.transactionEnds(connection, 'abandoned');
    if (event === 'rollbackTransaction') rolledBack.set(connection, true);
    if (event === 'databaseChange') {
      const { server, options } = connection.config;
      database.setServer(connection, serverAt(server, { ...options, database: first }));
    }
    return ExecutedRequest.callOf(connection.request)?.context;
  }

  return {
    patch: {
      connection({ prototype }: Class) {
        const requests: Record<string, Begin> = {
          execSql: (connection, request) =>
            beginText(connection, request.sqlTextOrProcedure, sentValues(request)),
          execSqlBatch: (connection, { sqlTextOrProcedure: text }) => beginText(connection, text, undefined),
          execute: (connection, { sqlTextOrProcedure: text }, values) => beginText(connection, text, values),
          execBulkLoad: (connection, { table }) =>
            beginText(connection, typeof table === 'string' ? `INSERT BULK ${table}` : undefined, undefined),
          callProcedure: beginProcedure,
          prepare: (connection, { sqlTextOrProcedure: text }) => beginPreparing(connection, text),
          unprepare: () => new DatabaseCall(database, undefined),
        };
        for (const [method, begin] of Object.entries(requests))
          env.wrap(prototype, method, aroundRequest(begin));
        const steps: Record<string, Around<Connection, DatabaseCall>> = {
          beginTransaction: aroundStep('BEGIN TRANSACTION', (name) => ({ does: 'begin', name })),
          saveTransaction: aroundStep('SAVE TRANSACTION', (name) => ({ does: 'savepoint', name })),
          commitTransaction: aroundStep('COMMIT TRANSACTION', () => ended('committed', undefined)),
          rollbackTransaction: aroundStep('ROLLBACK TRANSACTION', (name) =>
            ended('rolled_back', name === '' ? undefined : name),
          ),
        };
        for (const [method, around] of Object.entries(steps)) env.wrap(prototype, method, around);
        env.wrap(
          prototype,
          'reset',
          aroundExecuting((connection, args) => {
            database.transactionEnds(connection, 'abandoned');
            const call = new DatabaseCall(database, undefined);
            if (typeof args[0] === 'function') args[0] = answer(connection, call, args[0]);
            return call;
          }),
        );
        env.wrap<Connection, Connecting>(prototype, 'connect', {
          before(connection) {
            // The driver refuses another call.
            if (connecting.get(connection) !== undefined) return undefined;
            const context = activeContext();
            const opening = { context, wait: ConnectionWait.begin(env, context, 'connect') };
            connecting.set(connection, opening);
            return opening;
          },
          contextOf: () => ROOT_CONTEXT,
          threw: (_opening, _error, connection) => connecting.set(connection, undefined),
        });
        env.watchEmit(prototype as Connection, {
          contextOf(connection, event, first) {
            const context = sawEvent(connection, event, first);
            return connection.listenerCount(event as string) > 0 ? context : undefined;
          },
        });
      },
      request({ prototype }: Class) {
        env.watchEmit(prototype as EventEmitter, {
          contextOf(request, event, first, second) {
            const call = ExecutedRequest.callOf(request);
            if (event === 'returnValue' && first === 'handle' && call instanceof Preparation)
              call.keep(second);
            return request.listenerCount(event as string) > 0 ? call?.context : undefined;
          },
        });
      },
      pool: ({ prototype }: Class) => watchMssqlPool(env, prototype),
    },
  };
}

function ended(outcome: 'committed' | 'rolled_back', savepoint: string | undefined): Step {
  return { does: 'end', outcome, savepoint };
}
