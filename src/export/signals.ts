/**
 * SIGTERM, SIGINT and SIGHUP end a process at once if nobody listens. We listen, flush, take our listener off and
 * raise the signal again, so that the parent sees the same end. If the app listens too, the ending is the app's.
 *
 * Our listeners are left out of `process.listeners()` and `process.listenerCount()`: libraries ask these whether
 * somebody else takes care of the signal (signal-exit, part of half of npm, ends the process only if nobody
 * does). Seeing us, they would do nothing, as we do nothing when we see them, and the process would never end.
 */

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];
type Listeners = (this: NodeJS.Process, event: string | symbol) => unknown[];
type ListenerCount = (this: NodeJS.Process, event: string | symbol, listener?: unknown) => number;

/** `process`, with those methods as they are called and not as they are typed. */
interface Countable {
  listeners: Listeners;
  listenerCount: ListenerCount;
  emit(event: string | symbol, ...args: unknown[]): boolean;
}

/** `beforeEnd` is given the time it may take by its caller; its failure does not matter. */
export function endBySignal(beforeEnd: () => Promise<unknown>): () => void {
  const target = process as unknown as Countable;
  const { listeners, listenerCount } = target;
  let ending = false;

  const onSignal = (signal: Signal): void => {
    if (listeners.call(process, signal).some((listener) => listener !== onSignal)) return;
    if (ending) {
      raise(signal); // asked twice: a person is impatient
      return;
    }
    ending = true;
    const end = (): void => raise(signal);
    beforeEnd().then(end, end);
  };
  const raise = (signal: Signal): void => {
    process.removeListener(signal, onSignal);
    process.kill(process.pid, signal);
  };

  const hiding: Listeners = function (this: NodeJS.Process, event) {
    return listeners.call(this, event).filter((listener) => listener !== onSignal);
  };
  const notCounting: ListenerCount = function (this: NodeJS.Process, event, listener) {
    const count = listenerCount.call(this, event, listener);
    return listener === undefined && !nodeAsks && isHidden(event) ? count - 1 : count;
  };
  const isHidden = (event: string | symbol): boolean =>
    SIGNALS.includes(event as Signal) && listeners.call(process, event).includes(onSignal);

  // When a listener is removed, Node itself counts those that are left, and lets go of the signal at 0
  // (lib/internal/process/signal.js): it must count us.
  let nodeAsks = false;
  const { emit } = target;
  const tellingEmit = function (this: NodeJS.Process, event: string | symbol, ...args: unknown[]): boolean {
    if (event !== 'removeListener') return emit.call(this, event, ...args);
    nodeAsks = true;
    try {
      return emit.call(this, event, ...args);
    } finally {
      nodeAsks = false;
    }
  };

  for (const signal of SIGNALS) process.on(signal, onSignal);
  define('emit', tellingEmit);
  define('listeners', hiding);
  define('listenerCount', notCounting);
  return () => {
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
    if (target.listeners === hiding) define('listeners', listeners);
    if (target.listenerCount === notCounting) define('listenerCount', listenerCount);
    if (target.emit === tellingEmit) define('emit', emit);
  };
}

function define(name: keyof Countable, value: unknown): void {
  Object.defineProperty(process, name, { value, writable: true, configurable: true, enumerable: false });
}
