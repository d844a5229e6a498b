/**
 * Watches the end of the process without adding a listener that the app could notice.
 *
 * `process.on('exit')` is not enough. A listener of ours would run before those of the app, so spans that end in there
 * would be lost. It would not run after them if one of them throws or calls `process.exit()`.
 * Node calls `process.emit` for 'beforeExit' and 'exit' (natural end, `process.exit()`, uncaught error: lib/internal/
 * process/per_thread.js, src/api/hooks.cc), and `process.reallyExit` as the last step of `process.exit()`.
 */
import { patchProcessMethod } from './patch-process';

export interface EndHandlers {
  /** Called with an error that nobody caught, in the context in which it was thrown. The app may still handle it. */
  onUncaught(error: unknown): void;
  /** Called when the event loop is empty and nobody listens to 'beforeExit'. Asynchronous work is still possible. */
  onIdle(): void;
  /**
   * Called after all 'exit' listeners, or in the middle of them when one ends the process itself. May be called twice.
   *
   * @param isReal Whether the process ends. A library may emit 'exit' itself, and the process may then go on.
   */
  onExit(isReal: boolean): void;
}

type Emit = (this: NodeJS.Process, event: string | symbol, ...args: unknown[]) => boolean;
type ReallyExit = (this: NodeJS.Process, code?: number) => never;

/** `process`, with members that its types lack. */
interface Endable {
  emit: Emit;
  reallyExit: ReallyExit;
  /** Set by Node before it emits 'exit'. */
  readonly _exiting?: boolean;
}

/** @returns Stops watching. */
export function watchProcessEnd(handlers: EndHandlers): () => void {
  const target = process as unknown as Endable;
  const { emit, reallyExit } = target;

  // `arguments` are passed on as they are. A spread reads Array.prototype[Symbol.iterator], which the app may have removed.
  const noteUncaught = (error: unknown): void => {
    try {
      handlers.onUncaught(error);
    } catch {
      // The program is handling an error of its own.
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
    // Node emits this event first for every uncaught error and for every rejection that ends the process.
    if (event === 'uncaughtExceptionMonitor') noteUncaught(error);
    const heard = Reflect.apply(emit, this, arguments);
    // Work begun in 'beforeExit' makes Node emit it once more, and a listener of the app would run twice.
    if (event === 'beforeExit' && !heard) handlers.onIdle();
    return heard;
  };
  // biome-ignore-end lint/complexity/noArguments: see above
  const watchingExit: ReallyExit = function (this: NodeJS.Process, code) {
    handlers.onExit(true);
    return reallyExit.call(this, code);
  };

  const restore = [patchProcessMethod('emit', watchingEmit), patchProcessMethod('reallyExit', watchingExit)];
  return () => {
    for (const giveBack of restore) giveBack();
  };
}
