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

  // `arguments` are handed on as they are: a spread would ask for Array.prototype[Symbol.iterator], which may be gone.
  // biome-ignore-start lint/complexity/noArguments: see above
  const watchingEmit: Emit = function (this: NodeJS.Process, event) {
    if (event === 'exit') {
      try {
        return Reflect.apply(emit, this, arguments);
      } finally {
        handlers.onExit();
      }
    }
    const heard = Reflect.apply(emit, this, arguments);
    // Work begun in 'beforeExit' makes Node emit it once more: a listener of the app would run twice.
    if (event === 'beforeExit' && !heard) handlers.onIdle();
    return heard;
  };
  // biome-ignore-end lint/complexity/noArguments: see above
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
