/** The functions of the manual API, in one place for the index and for the `tracer` object. */
export { flush, getStats, shutdown } from './control';
export {
  addEvent,
  addMetadata,
  addTags,
  getCurrentSpan,
  getCurrentSpanContext,
  recordException,
  setSession,
  setStatus,
  setUser,
} from './current';
export {
  getQueryStats,
  traceBulkCreate,
  traceBulkUpdate,
  traceCreate,
  traceDatabaseQuery,
  traceDelete,
  traceSave,
  traceTransaction,
  traceUpdate,
} from './database';
export { traceExternalRequest } from './external';
export { getTracer, span, startSpan } from './spans';
export { traceFunction } from './trace-function';
