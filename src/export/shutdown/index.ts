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
import type { Log } from '../../diagnostics/log';
import type { Pipeline } from '../pipeline';
import { watchProcessEnd } from './events';
import { endBySignal } from './signals';

export interface ShutdownOptions {
  readonly pipeline: Pipeline;
  readonly log: Log;
  /** `config.exitTimeoutMs`: limit of waiting for backends, in milliseconds. */
  readonly timeoutMs: number;
  /** A clock in milliseconds that only goes forward. */
  now(): number;
  /** The last line at level info; undefined where it is not written. */
  readonly lastLine: (() => string) | undefined;
  /** Called with an error that nobody caught, in the context in which it was thrown. */
  onUncaught(error: unknown): void;
  /** Ends the spans that are still open. Called when nothing of the app runs any more. */
  endOpenSpans(): void;
  /** Calls back when the first span begins, before anything of its operation has happened. */
  whenFirstSpanBegins(listener: () => void): void;
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
  now,
  lastLine,
  onUncaught,
  endOpenSpans,
  whenFirstSpanBegins,
}: ShutdownOptions): () => void {
  let beganAt: number | undefined;
  let hasFlushed = false;
  let isDelivering = false;
  let said = '';

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
      pipeline.deliverLeftovers(timeLeft, isReal);
      pipeline.reportEnd();
      reportStats();
    } catch (error) {
      log.error(`the last spans could not be sent: ${String(error)}`);
    } finally {
      isDelivering = false;
      if (!isReal) beganAt = undefined; // The end that comes later has its own time.
    }
  };

  const reportStats = (): void => {
    const line = lastLine?.();
    if (line === undefined || line === said) return; // `reallyExit` follows 'exit', and all this is done again.
    said = line;
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
  if (lastLine !== undefined) signals.listen();
  else whenFirstSpanBegins(signals.listen);
  return () => {
    signals.stop();
    unwatch();
  };
}
