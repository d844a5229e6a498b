/** What becomes of an instrumentation that fails: it is off from then on, which is said once. */
import { isStackOverflow } from '../text/thrown';

/** Whether an instrumentation works, and what it says when it stops. */
export class FailureGuard {
  on = true;

  constructor(
    private readonly name: string,
    private readonly report: (message: string) => void,
  ) {}

  /**
   * Turns the instrumentation off for good: a half-working one could do harm. Not where the app had used up the
   * stack when it called us, as deep recursions do and catch: that is no failure of ours, and passes.
   */
  fail(error: unknown, what = 'failed'): void {
    if (!this.on || isStackOverflow(error)) return;
    this.on = false;
    this.report(
      `the instrumentation "${this.name}" ${what} and is off now; the app goes on without its spans: ${describe(error)}`,
    );
  }
}

function describe(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } catch {
    return 'unknown error';
  }
}
