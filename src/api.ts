/** What apps import: `@canvasops/register` (with the preload) or `@canvasops/register/api` (without it). */
import { flush, getStats, shutdown } from './api/control';
import {
  addEvent,
  addMetadata,
  addTags,
  getCurrentSpan,
  getCurrentSpanContext,
  recordException,
  setSession,
  setStatus,
  setUser,
} from './api/current';
import {
  getQueryStats,
  traceBulkCreate,
  traceBulkUpdate,
  traceCreate,
  traceDatabaseQuery,
  traceDelete,
  traceSave,
  traceTransaction,
  traceUpdate,
} from './api/database';
import { traceExternalRequest } from './api/external';
import { getTracer, span, startSpan } from './api/spans';
import { traceFunction } from './api/trace-function';

export type { DatabaseQueryOptions, Model } from './api/database';
export type { TraceOptions } from './api/spans';
export type { FunctionTracer } from './api/trace-function';
export type { QueryStats, StatementStats } from './tracing/query-stats';
export type { DestinationStats, Stats } from './tracing/runtime';
export {
  addEvent,
  addMetadata,
  addTags,
  flush,
  getCurrentSpan,
  getCurrentSpanContext,
  getQueryStats,
  getStats,
  getTracer,
  recordException,
  setSession,
  setStatus,
  setUser,
  shutdown,
  span,
  startSpan,
  traceBulkCreate,
  traceBulkUpdate,
  traceCreate,
  traceDatabaseQuery,
  traceDelete,
  traceExternalRequest,
  traceFunction,
  traceSave,
  traceTransaction,
  traceUpdate,
};

/** The same functions as methods of one object. */
export const tracer = Object.freeze({
  addEvent,
  addMetadata,
  addTags,
  flush,
  getCurrentSpan,
  getCurrentSpanContext,
  getQueryStats,
  getStats,
  getTracer,
  recordException,
  setSession,
  setStatus,
  setUser,
  shutdown,
  span,
  startSpan,
  traceBulkCreate,
  traceBulkUpdate,
  traceCreate,
  traceDatabaseQuery,
  traceDelete,
  traceExternalRequest,
  traceFunction,
  traceSave,
  traceTransaction,
  traceUpdate,
});
