// What `node --import @canvasops/register` loads. createRequire, since an `import` of CommonJS would read the
// preload a second time to look for its names.
import { createRequire } from 'node:module';

export const {
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
  tracer,
  traceSave,
  traceTransaction,
  traceUpdate,
} = createRequire(import.meta.url)('./register.cjs');
