/** One call of query(): where its callbacks run, and the end of its span. */
import type { TraceContext } from '../../tracing/context';
import type { InstrumentationEnv } from '../define';
import { type DatabaseSpan, fail, succeed } from '../operations/database';
import type { Submittable } from './statement';

export class Call {
  /** What pg believes to be the callback of the Query that it made for this call. */
  callback: unknown;
  /** The app's own object that was passed to query(), if it was one. */
  submittable: Submittable | undefined;
  /** Whether pg was seen making the Query. */
  made = false;
  /** The same submittable, passed to query() again before this call was done. */
  next: Call | undefined;

  constructor(
    readonly context: TraceContext,
    /** undefined where nothing records; callbacks are still run in their context. */
    readonly started: DatabaseSpan | undefined,
  ) {}

  finish(error: unknown): void {
    const { started } = this;
    if (started === undefined || started.span.ended) return;
    if (error) fail(started, error, sqlState(error));
    else succeed(started);
  }
}

export type Finish = (call: Call, error: unknown) => void;

/** {@link Call.finish} for places where no wrapped function stands between our failures and the app. */
export function guardedFinish(env: InstrumentationEnv): Finish {
  const owner = { finish: (call: Call, _error: unknown): void => call.started?.span.end() };
  env.wrap<unknown, undefined>(owner, 'finish', {
    before(_self, args) {
      (args[0] as Call).finish(args[1]);
      return undefined;
    },
  });
  return owner.finish;
}

/**
 * The SQLSTATE, if the server sent this error. Errors of Node have codes too (some with five letters, `EPIPE`), but
 * no severity (PostgreSQL manual, "Error and Notice Message Fields").
 */
export function sqlState(error: unknown): string | undefined {
  try {
    const { code, severity } = error as { code?: unknown; severity?: unknown };
    return typeof severity === 'string' && typeof code === 'string' && code.length === 5 ? code : undefined;
  } catch {
    return undefined; // not an object, or one of the app's own with a throwing getter
  }
}
