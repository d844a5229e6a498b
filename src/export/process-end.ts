/**
 * The three ways in which a process tells that it ends, seen without adding a listener that the app could notice.
 *
 * Why not `process.on('exit')`: a listener of ours would run before those of the app, so spans that end in there
 * would be lost; and a later one would not run at all if a listener of the app throws or calls `process.exit()`.
 * Node calls `process.emit` for 'beforeExit', 'exit' (natural end, `process.exit()`, uncaught error: lib/internal/
 * process/per_thread.js, src/api/hooks.cc), and `process.reallyExit` at the very end of `process.exit()`.
 */

import { replaceProcessMethod } from './process-method';

export interface EndHandlers {
  /** The event loop ran dry and nobody else listens to 'beforeExit': asynchronous work is still possible. */
  onIdle(): void;
  /** After all 'exit' listeners, or in the middle of them when one ends the process itself. May be called twice. */
  onExit(): void;
}

type Emit = (this: NodeJS.Process, event: string | symbol, ...args: unknown[]) => boolean;
type ReallyExit = (this: NodeJS.Process, code?: number) => never;

/** `process`, with what its types do not say. */
interface Endable {
  emit: Emit;
  reallyExit: ReallyExit;
}

export function watchProcessEnd(handlers: EndHandlers): () => void {
  const target = process as unknown as Endable;
  const { emit, reallyExit } = target;

  const watchingEmit: Emit = function (this: NodeJS.Process, event, ...args) {
    if (event === 'exit') {
      try {
        return emit.call(this, event, ...args);
      } finally {
        handlers.onExit();
      }
    }
    const heard = emit.call(this, event, ...args);
    // Work begun in 'beforeExit' makes Node emit it once more: a listener of the app would run twice.
    if (event === 'beforeExit' && !heard) handlers.onIdle();
    return heard;
  };
  const watchingExit: ReallyExit = function (this: NodeJS.Process, code) {
    handlers.onExit();
    return reallyExit.call(this, code);
  };

  const restore = [
    replaceProcessMethod('emit', watchingEmit),
    replaceProcessMethod('reallyExit', watchingExit),
  ];
  return () => {
    for (const giveBack of restore) giveBack();
  };
}
