/** Database work that is not traced automatically: queries, transactions, changes of models. */
import type { Attributes, Span } from '@opentelemetry/api';
import { toText } from '../tracing/attributes';
import { monotonic } from '../tracing/clock';
import { NOOP_SPAN } from '../tracing/non-recording-span';
import type { QueryStats } from '../tracing/query-stats';
import { currentRuntime } from '../tracing/runtime';
import {
  DB_COLLECTION_NAME,
  DB_NAMESPACE,
  DB_OPERATION_NAME,
  DB_QUERY_SUMMARY,
  DB_QUERY_TEXT,
  DB_SYSTEM_NAME,
  SERVER_ADDRESS,
  SERVER_PORT,
} from '../tracing/semconv';
import { KIND_CLIENT } from '../tracing/span-kind';
import { beginWork, type Outcome } from './spans';
import { type FunctionTracer, functionTracer } from './trace-function';

export interface DatabaseQueryOptions {
  /** `db.system.name`: `postgresql`, `mysql`, `sqlite`, ... Decides how the text is read. */
  system?: string | undefined;
  /** The database's name. */
  namespace?: string | undefined;
  address?: string | undefined;
  port?: number | undefined;
}

/** A client span for a statement; literals in `text` are replaced before anything leaves the process. */
export function traceDatabaseQuery<T>(text: string, options: DatabaseQueryOptions, fn: (span: Span) => T): T {
  const database = currentRuntime()?.database;
  if (database === undefined) return fn(NOOP_SPAN);
  const system = options?.system ?? 'other_sql';
  const statement = database.describe(toText(text), system);
  const attributes: Attributes = {
    [DB_SYSTEM_NAME]: system,
    [DB_NAMESPACE]: options?.namespace,
    [DB_OPERATION_NAME]: statement.operation || undefined,
    [DB_COLLECTION_NAME]: statement.collection || undefined,
    [DB_QUERY_TEXT]: statement.text || undefined,
    [DB_QUERY_SUMMARY]: statement.summary || undefined,
    [SERVER_ADDRESS]: options?.address,
    [SERVER_PORT]: options?.port,
  };
  const start = monotonic();
  const work = beginWork(statement.summary || system, { kind: KIND_CLIENT }, attributes, {
    result: (span) => database.count(span, statement, monotonic() - start, false),
    error: (span) => database.count(span, statement, monotonic() - start, true),
  });
  let result: T;
  try {
    result = fn(work.span);
  } catch (error) {
    work.threw(error);
    throw error;
  }
  return work.returned(result);
}

const OUTCOME = 'canvasops.transaction.outcome';
const TRANSACTION_OUTCOME: Outcome = {
  result: (span) => span.setAttribute(OUTCOME, 'committed'),
  error: (span) => span.setAttribute(OUTCOME, 'rolled_back'),
};

/** A span around a transaction, with how it ended: `committed` when `fn` succeeds, `rolled_back` when it fails. */
export function traceTransaction<T>(name: string, fn: (span: Span) => T): T {
  const work = beginWork(name, undefined, { [DB_OPERATION_NAME]: 'TRANSACTION' }, TRANSACTION_OUTCOME);
  let result: T;
  try {
    result = fn(work.span);
  } catch (error) {
    work.threw(error);
    throw error;
  }
  return work.returned(result);
}

/** How often and how long the database was asked since the start. */
export function getQueryStats(): QueryStats {
  return (
    currentRuntime()?.database.stats() ?? {
      queries: 0,
      errors: 0,
      totalMs: 0,
      repeated: 0,
      averageMs: 0,
      byStatement: {},
    }
  );
}

export type Model = string | { readonly name: string };

type ModelOperation = 'create' | 'update' | 'delete' | 'save' | 'bulk_create' | 'bulk_update';

function modelTracer(operation: ModelOperation): (model: Model) => FunctionTracer {
  return (model) => {
    const name = (typeof model === 'string' ? model : model?.name) || 'model';
    const isBulk = operation.startsWith('bulk_');
    return functionTracer({
      name: () => `${name}.${operation}`,
      attributes: (args) => {
        const attributes: Attributes = {
          'canvasops.model.name': name,
          'canvasops.model.operation': operation,
        };
        if (isBulk && Array.isArray(args[0])) attributes['canvasops.model.count'] = args[0].length;
        return attributes;
      },
    });
  };
}

/** `traceCreate('User')(fn)`: a span `User.create` per call. The others likewise; bulk ones count the first argument. */
export const traceCreate = modelTracer('create');
export const traceUpdate = modelTracer('update');
export const traceDelete = modelTracer('delete');
export const traceSave = modelTracer('save');
export const traceBulkCreate = modelTracer('bulk_create');
export const traceBulkUpdate = modelTracer('bulk_update');
