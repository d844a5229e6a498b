/**
 * The end of the process: everything that has ended is delivered, and the process ends as it would without us. Its exit
 * code, its signal, its output and the app's own handlers stay the same. No JavaScript runs at SIGKILL,
 * `process.abort()` and a crash of Node, so what was not sent is lost there. What a terminated thread leaves is sent by
 * the thread that started it (see `threads/`).
 *
 * - Natural end without a listener to 'beforeExit': an asynchronous flush over the open connections.
 * - `process.exit()`, an uncaught error, an unhandled rejection, spans that end in 'exit' listeners, and a process that
 *   sends itself a signal: sent over a connection that is open and idle, or by a worker thread while this one waits. If
 *   nothing is pending, no worker is started.
 * - A batch that is being sent then is sent once more only if the operating system has not got all of its bytes. What
 *   the operating system has got reaches the backend without us. What it has not got is no complete request. So a
 *   healthy backend gets each span once. Only the answer to a batch that was written completely is not read.
 * - SIGTERM, SIGINT and SIGHUP without a listener of the app: an asynchronous flush, then the same signal again.
 *
 * In all of these, open spans are ended before that and marked as unfinished. Waiting for backends takes at most
 * `timeoutMs` in all.
 */
import { performance } from 'node:perf_hooks';
import type { Log } from '../../diagnostics/log';
import { type StatsSummary, statsLine } from '../delivery/stats';
import type { Pipeline } from '../pipeline';
import { watchProcessEnd } from './events';
import { settleLeftovers } from './leftovers';
import { endBySignal } from './signals';
import { sendInWorker } from './worker-client';

export interface ShutdownOptions {
  readonly pipeline: Pipeline;
  readonly log: Log;
  /** `config.exitTimeoutMs`: limit of waiting for backends, in milliseconds. */
  readonly timeoutMs: number;
  /** Absolute path of `dist/export/shutdown/worker.cjs`. */
  readonly workerFile: string;
  /** For the last line at level info. */
  stats(): StatsSummary;
  /** Whether that line is written. */
  readonly isVerbose: boolean;
  /** Called with an error that nobody caught, in the context in which it was thrown. */
  onUncaught(error: unknown): void;
  /** Ends the spans that are still open. Called when nothing of the app runs any more. */
  endOpenSpans(): void;
  /** Calls back when the first span begins, before anything of its operation has happened. */
  whenFirstSpanBegins(listener: () => void): void;
}

/** A worker cannot start and connect in less time than this. */
const MIN_WORKER_MS = 10;

const TIME_IS_UP = {
  reason: 'its backend did not answer in time',
  fix: 'check that it is up; CANVASOPS_EXIT_TIMEOUT sets how long the end may take',
};

/** Servers drop a request whose connection ends while they work on it. A batch that has just been written gets this long. */
const GRACE_MS = 30;

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/**
 * Delivers what is left when this thread ends.
 *
 * @returns Stops doing so.
 */
export function deliverAtProcessEnd({
  pipeline,
  log,
  timeoutMs,
  workerFile,
  stats,
  isVerbose,
  onUncaught,
  endOpenSpans,
  whenFirstSpanBegins,
}: ShutdownOptions): () => void {
  const now = performance.now.bind(performance);
  let beganAt: number | undefined;
  let hasFlushed = false;
  let isDelivering = false;
  let lastLine = '';

  const timeLeft = (): number => {
    beganAt ??= now();
    return Math.max(0, timeoutMs - (now() - beganAt));
  };

  const onIdle = (): void => {
    try {
      if (hasFlushed) return;
      // A listener to 'exit' may end spans itself.
      if (process.listenerCount('exit') === 0) endOpenSpans();
      if (pipeline.pending === 0) return;
      hasFlushed = true; // Only once. What ends after that is sent in 'exit'.
      void pipeline.finalFlush(timeLeft());
    } catch {
      // 'exit' follows. It tries again, and reports the error.
    }
  };

  const onExit = (isReal: boolean): void => {
    if (isDelivering) return;
    isDelivering = true;
    try {
      if (isReal) endOpenSpans();
      deliverLeftovers(isReal);
      pipeline.reportEnd();
      reportStats();
    } catch (error) {
      log.error(`the last spans could not be sent: ${String(error)}`);
    } finally {
      isDelivering = false;
      if (!isReal) beganAt = undefined; // The end that comes later has its own time.
    }
  };

  const deliverLeftovers = (isReal: boolean): void => {
    const { leftovers, unanswered } = pipeline.takeLeftovers(timeLeft, isReal);
    if (leftovers.length === 0 && !unanswered) return;
    const left = timeLeft();
    if (leftovers.length === 0) pause(Math.min(left, GRACE_MS));
    else if (left >= MIN_WORKER_MS) sendInWorker(pipeline.resource, leftovers, workerFile, left);
    else for (const each of leftovers) settleLeftovers(each, new Map(), TIME_IS_UP);
  };

  const reportStats = (): void => {
    const line = statsLine(stats());
    if (line === lastLine) return; // `reallyExit` follows 'exit', and all this is done again.
    lastLine = line;
    log.info(line);
  };

  const onSignal = async (): Promise<void> => {
    beganAt = now();
    endOpenSpans();
    if (pipeline.pending > 0) await pipeline.finalFlush(timeoutMs);
    // No 'exit' event follows, so what is lost is reported here.
    onExit(true);
  };
  const unwatch = watchProcessEnd({ onUncaught, onIdle, onExit });
  const signals = endBySignal({ onSignal, onOwnSignal: () => onExit(true) });
  // The stats are reported for every process. The rest matters only for processes that have spans.
  if (isVerbose) signals.listen();
  else whenFirstSpanBegins(signals.listen);
  return () => {
    signals.stop();
    unwatch();
  };
}
