/** What apps import: `@canvasops/register` (with the preload) or `@canvasops/register/api` (without it). */
import * as functions from './api/functions';

export type { DatabaseQueryOptions, Model } from './api/database';
export type { UrlLike } from './api/external';
export * from './api/functions';
export type { DisposableSpan, TraceOptions } from './api/spans';
export type { FunctionTracer } from './api/trace-function';
export type { QueryStats, StatementStats } from './tracing/query-stats';
export type { DestinationStats, Stats } from './tracing/runtime';

/** The same functions as methods of one object. */
export const tracer = Object.freeze({ ...functions });
