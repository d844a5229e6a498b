/**
 * The ways in which a process tells that it ends, or is about to, seen without adding a listener that the app could notice.
 *
 * Why not `process.on('exit')`: a listener of ours would run before those of the app, so spans that end in there
 * would be lost; and a later one would not run at all if a listener of the app throws or calls `process.exit()`.
 * Node calls `process.emit` for 'beforeExit', 'exit' (natural end, `process.exit()`, uncaught error: lib/internal/
 * process/per_thread.js, src/api/hooks.cc), and `process.reallyExit` at the very end of `process.exit()`.
 */

import { replaceProcessMethod } from './patch-process';

export interface EndHandlers {
  /** An error that nobody caught, in the context in which it was thrown. The app may still take care of it. */
  onUncaught(error: unknown): void;
  /** The event loop ran dry and nobody else listens to 'beforeExit': asynchronous work is still possible. */
  onIdle(): void;
  /**
   * After all 'exit' listeners, or in the middle of them when one ends the process itself. May be called twice.
   * @param isReal false where a library emits 'exit' itself; the process may then live on
   */
  onExit(isReal: boolean): void;
}

type Emit = (this: NodeJS.Process, event: string | symbol, ...args: unknown[]) => boolean;
type ReallyExit = (this: NodeJS.Process, code?: number) => never;

/** `process`, with what its types do not say. */
interface Endable {
  emit: Emit;
  reallyExit: ReallyExit;
  /** Set by Node before it emits 'exit'. */
  readonly _exiting?: boolean;
}

export function watchProcessEnd(handlers: EndHandlers): () => void {
  const target = process as unknown as Endable;
  const { emit, reallyExit } = target;

  // `arguments` are handed on as they are: a spread would ask for Array.prototype[Symbol.iterator], which may be gone.
  const noteUncaught = (error: unknown): void => {
    try {
      handlers.onUncaught(error);
    } catch {
      // The program deals with an error of its own.
    }
  };

  // biome-ignore-start lint/complexity/noArguments: see above
  const watchingEmit: Emit = function (this: NodeJS.Process, event, error) {
    if (event === 'exit') {
      try {
        return Reflect.apply(emit, this, arguments);
      } finally {
        handlers.onExit(target._exiting === true);
      }
    }
    // Node tells of every uncaught error and of every rejection that ends the process by this event first.
    if (event === 'uncaughtExceptionMonitor') noteUncaught(error);
    const heard = Reflect.apply(emit, this, arguments);
    // Work begun in 'beforeExit' makes Node emit it once more: a listener of the app would run twice.
    if (event === 'beforeExit' && !heard) handlers.onIdle();
    return heard;
  };
  // biome-ignore-end lint/complexity/noArguments: see above
  const watchingExit: ReallyExit = function (this: NodeJS.Process, code) {
    handlers.onExit(true);
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
