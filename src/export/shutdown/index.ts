/**
 * The end of the process, so that nothing is lost and nothing changes: exit code, signal, output and the app's own
 * handlers stay as they are. Not covered, since no JavaScript runs: SIGKILL, `process.abort()`, a crash of Node.
 * What a terminated thread leaves behind is sent by the one that started it (threads.ts).
 *
 * - Natural end, nobody else listens to 'beforeExit': an asynchronous flush, over the connections there are.
 * - `process.exit()`, uncaught error, unhandled rejection, anything ended in 'exit' listeners, `process.kill()` of
 *   itself: over a connection that is open and idle, or else a worker thread sends while this one waits. Nothing
 *   pending: no worker, no cost.
 * - A batch that is under way then is sent once more only if the operating system has not got all of its bytes:
 *   what it has reaches the backend also without us, and what it has not got cannot be a whole request. So a
 *   healthy backend sees no span twice and misses none; only the answer to a fully written batch goes unread.
 * - SIGTERM, SIGINT, SIGHUP without a listener of the app: an asynchronous flush, then the same signal again.
 *
 * Spans that are still open are ended before that, in all of these, and marked as unfinished.
 *
 * Waiting for backends takes at most `timeoutMs` in all.
 */
import { performance } from 'node:perf_hooks';
import type { Log } from '../../diagnostics/log';
import { type Totals, totalsLine } from '../delivery/totals';
import type { Pipeline } from '../pipeline';
import { watchProcessEnd } from './events';
import { settleRest } from './leftovers';
import { endBySignal } from './signals';
import { sendAndWait } from './worker-client';

export interface FinalOptions {
  readonly pipeline: Pipeline;
  readonly log: Log;
  /** `config.exitTimeoutMs` */
  readonly timeoutMs: number;
  /** Absolute path of `dist/export/final-worker.cjs`. */
  readonly workerFile: string;
  /** For the last line at level info. */
  stats(): Totals;
  /** Whether anybody reads that line. */
  readonly isVerbose: boolean;
  /** An error that nobody caught, in the context in which it was thrown. */
  onUncaught(error: unknown): void;
  /** Ends the spans that are still open: nothing of the app runs any more. */
  endOpenSpans(): void;
  /** Calls back when the first span begins, before anything of its operation has happened. */
  whenFirstSpanBegins(listener: () => void): void;
}

/** Below this no worker starts and connects. */
const MIN_WORKER_MS = 10;

const TIME_IS_UP = {
  reason: 'its backend did not answer in time',
  fix: 'check that it is up; CANVASOPS_EXIT_TIMEOUT sets how long the end may take',
};

/** Servers give up a request whose connection ends while they work on it; a batch just written gets so long. */
const GRACE_MS = 30;

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Guards this thread's end. Returns how to stop guarding. */
export function guardProcessEnd({
  pipeline,
  log,
  timeoutMs,
  workerFile,
  stats,
  isVerbose,
  onUncaught,
  endOpenSpans,
  whenFirstSpanBegins,
}: FinalOptions): () => void {
  const now = performance.now.bind(performance);
  let beganAt: number | undefined;
  let triedIdle = false;
  let sending = false;
  let lastTotals = '';

  const timeLeft = (): number => {
    beganAt ??= now();
    return Math.max(0, timeoutMs - (now() - beganAt));
  };

  const onIdle = (): void => {
    try {
      if (triedIdle) return;
      // Whoever listens to 'exit' may end spans in there.
      if (process.listenerCount('exit') === 0) endOpenSpans();
      if (pipeline.pending === 0) return;
      triedIdle = true; // once: what still ends after that is left to 'exit'
      void pipeline.lastCall(timeLeft());
    } catch {
      // Left to 'exit' as well, which says why it could not be done.
    }
  };

  const onExit = (isReal: boolean): void => {
    if (sending) return;
    sending = true;
    try {
      if (isReal) endOpenSpans();
      deliverRest(isReal);
      pipeline.tellEnd();
      tellTotals();
    } catch (error) {
      log.error(`the last spans could not be sent: ${String(error)}`);
    } finally {
      sending = false;
      if (!isReal) beganAt = undefined; // the end that comes later has its own time
    }
  };

  const deliverRest = (isReal: boolean): void => {
    const { rests, unanswered } = pipeline.takeRest(timeLeft, isReal);
    if (rests.length === 0 && !unanswered) return;
    const left = timeLeft();
    if (rests.length === 0) pause(Math.min(left, GRACE_MS));
    else if (left >= MIN_WORKER_MS) sendAndWait(pipeline.resource, rests, workerFile, left);
    else for (const rest of rests) settleRest(rest, new Map(), TIME_IS_UP);
  };

  const tellTotals = (): void => {
    const line = totalsLine(stats());
    if (line === lastTotals) return; // 'exit' is followed by the very end, where all this is asked again
    lastTotals = line;
    log.info(line);
  };

  const onSignal = async (): Promise<void> => {
    beganAt = now();
    endOpenSpans();
    if (pipeline.pending > 0) await pipeline.lastCall(timeoutMs);
    // No 'exit' event follows; what is left is lost, and that is to be said.
    onExit(true);
  };
  const unwatch = watchProcessEnd({ onUncaught, onIdle, onExit });
  const signals = endBySignal({ onSignal, onOwnSignal: () => onExit(true) });
  // The totals are told of every process, other things only of those that had spans.
  if (isVerbose) signals.listen();
  else whenFirstSpanBegins(signals.listen);
  return () => {
    signals.stop();
    unwatch();
  };
}
