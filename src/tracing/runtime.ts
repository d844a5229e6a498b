/**
 * The one tracing state of the process (of the thread), found through a global symbol: whatever copy of the
 * package and whichever module system asks, the answer is the same.
 */
import type { Span } from '@opentelemetry/api';
import type { StatementDescription } from '../redaction/sql/describe';
import type { TraceContext } from './context';
import type { QueryStats } from './query-stats';
import type { RegisterTracerProvider } from './tracer';

export interface DestinationStats {
  /** Spans that ended. */
  readonly created: number;
  readonly delivered: number;
  /** Only for a destination that never answers (UDP): how many of `delivered` were sent, and may have arrived or not. */
  readonly sent?: number;
  readonly pending: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** `created` = delivered + dropped + pending + open, for every destination. */
export interface Stats {
  /** Spans that were started and are recorded. */
  readonly created: number;
  /** Of these, not yet ended. */
  readonly open: number;
  /** Spans that every destination has taken. */
  readonly delivered: number;
  /** That of the destination which is furthest behind, if it is one that never answers. */
  readonly sent?: number;
  /** Ended, and on their way to the slowest destination. */
  readonly pending: number;
  /** Spans lost, by reason, over all destinations. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly destinations: Readonly<Record<string, DestinationStats>>;
}

export interface Runtime {
  /** Version of the copy that is in charge. */
  readonly version: string;
  /** Where it lies. */
  readonly folder?: string;
  readonly provider: RegisterTracerProvider;
  activeContext(): TraceContext;
  /** See tracing/context.ts. */
  enter(context: TraceContext): TraceContext | undefined;
  leave(outer: TraceContext | undefined): void;
  flush(timeoutMs: number): Promise<boolean>;
  shutdown(timeoutMs: number): Promise<void>;
  stats(): Stats;
  readonly database: DatabaseKnowledge;
  /** Called by the statement at the end of ES modules that are hooked (loader/esm/appended-statement.ts). Never throws. */
  esModuleRan(url: string, bindings: object): void;
}

/** What the manual API needs to trace a statement. Reading SQL is loaded when the first statement comes. */
export interface DatabaseKnowledge {
  /** @param system `db.system.name`, which says how the text is to be read */
  describe(text: string, system: string): StatementDescription;
  /** @param span of the statement */
  count(span: Span, statement: StatementDescription, durationMs: number, failed: boolean): void;
  stats(): QueryStats;
}

const KEY = Symbol.for('canvasops.register');

interface Holder {
  [KEY]?: Runtime;
}

export function currentRuntime(): Runtime | undefined {
  return (globalThis as Holder)[KEY];
}

/** Not enumerable: apps and test tools compare the global object's keys. */
export function installRuntime(runtime: Runtime): void {
  Object.defineProperty(globalThis, KEY, {
    value: runtime,
    configurable: true,
    enumerable: false,
    writable: true,
  });
}
