/**
 * SIGTERM, SIGINT and SIGHUP end a process at once if nobody listens. We listen, flush, remove our listener and raise the
 * signal again, so that the parent sees the same end. If the app listens too, we leave the end to the app.
 *
 * We listen from the beginning of the first span on. Before that we do not, because a listener is called only when the
 * event loop turns, and a program that computes without a pause would ignore Ctrl-C. The end of the first span would be
 * too late, because a signal may come while the first response is on its way. The listener stays until the end, because
 * a signal that libuv has caught and not passed on yet would be lost with it.
 *
 * Our listeners are hidden from `process.listeners()`, `listenerCount()` and `eventNames()`. Libraries such as
 * signal-exit end the process only if nobody else listens. If they saw our listener they would do nothing. We do nothing
 * when we see theirs, so the process would never end.
 */
import os from 'node:os';
import { patchProcessMethod } from './patch-process';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];
type Listeners = (this: NodeJS.Process, event: string | symbol) => unknown[];
type EventNames = (this: NodeJS.Process) => (string | symbol)[];
type ListenerCount = (this: NodeJS.Process, event: string | symbol, listener?: unknown) => number;
type Kill = (this: NodeJS.Process, pid: number, signal?: string | number) => true;

/** `process`, with these methods typed as they are called here. */
interface Countable {
  listeners: Listeners;
  rawListeners: Listeners;
  eventNames: EventNames;
  listenerCount: ListenerCount;
  kill: Kill;
  emit(event: string | symbol, ...args: unknown[]): boolean;
}

export interface SignalHandlers {
  /** Called when the signal came. The signal is raised again when the promise settles. */
  onSignal(): Promise<unknown>;
  /** Called when the process sends itself the signal and nobody listens. Nothing runs after this. */
  onOwnSignal(): void;
}

export interface SignalGuard {
  listen(): void;
  stop(): void;
}

/** @returns Starts listening when it is told to. */
export function endBySignal({ onSignal, onOwnSignal }: SignalHandlers): SignalGuard {
  const target = process as unknown as Countable;
  const { listeners, rawListeners, eventNames, listenerCount, kill, emit } = target;
  let listening = false;
  let ending = false;

  const isOurs = (signal: Signal): boolean => {
    const all = listeners.call(process, signal);
    return all.length > 0 && all.every((listener) => listener === heard);
  };
  const heard = (signal: Signal): void => {
    if (!isOurs(signal)) return;
    if (ending) {
      raise(signal); // A person has pressed Ctrl-C twice.
      return;
    }
    ending = true;
    const end = (): void => raise(signal);
    onSignal().then(end, end);
  };
  const raise = (signal: Signal): void => {
    process.removeListener(signal, heard);
    kill.call(process, process.pid, signal);
  };

  /** Without us the process ends before `process.kill()` returns. With our listener it would go on for a while. */
  const killing: Kill = function (this: NodeJS.Process, pid, signal) {
    const name = Number(pid) === process.pid ? signalOf(signal) : undefined;
    if (name !== undefined && isOurs(name)) {
      onOwnSignal();
      process.removeListener(name, heard);
    }
    return kill.call(this, pid, signal);
  };

  const hiding: Listeners = function (this: NodeJS.Process, event) {
    return listeners.call(this, event).filter((listener) => listener !== heard);
  };
  const hidingRaw: Listeners = function (this: NodeJS.Process, event) {
    return rawListeners.call(this, event).filter((listener) => listener !== heard);
  };
  const notNaming: EventNames = function (this: NodeJS.Process) {
    return eventNames
      .call(this)
      .filter((event) => !SIGNALS.includes(event as Signal) || !isOurs(event as Signal));
  };
  const notCounting: ListenerCount = function (this: NodeJS.Process, event, listener) {
    const count = listenerCount.call(this, event, listener);
    return listener === undefined && !nodeAsks && isHidden(event) ? count - 1 : count;
  };
  const isHidden = (event: string | symbol): boolean =>
    SIGNALS.includes(event as Signal) && listeners.call(process, event).includes(heard);

  // When a listener is removed, Node counts those that are left, and stops watching the signal at 0
  // (lib/internal/process/signal.js). It has to count ours.
  let nodeAsks = false;
  // biome-ignore-start lint/complexity/noArguments: a spread reads an iterator that the app may have removed
  const tellingEmit = function (this: NodeJS.Process, event: string | symbol): boolean {
    if (event !== 'removeListener') return Reflect.apply(emit, this, arguments) as boolean;
    nodeAsks = true;
    try {
      return Reflect.apply(emit, this, arguments) as boolean;
    } finally {
      nodeAsks = false;
    }
  };
  // biome-ignore-end lint/complexity/noArguments: see above
  const ours = {
    emit: tellingEmit,
    listeners: hiding,
    rawListeners: hidingRaw,
    eventNames: notNaming,
    listenerCount: notCounting,
    kill: killing,
  };
  let restore: (() => void)[] = [];

  return {
    listen: () => {
      if (listening) return;
      listening = true;
      for (const signal of SIGNALS) process.on(signal, heard);
      restore = Object.entries(ours).map(([name, method]) => patchProcessMethod(name, method));
    },
    stop: () => {
      for (const signal of SIGNALS) process.removeListener(signal, heard);
      for (const giveBack of restore) giveBack();
    },
  };
}

/** @param signal As `process.kill()` accepts it: a name, a number, or nothing. */
function signalOf(signal: string | number | undefined): Signal | undefined {
  if (signal === undefined) return 'SIGTERM';
  return SIGNALS.find((name) => name === signal || os.constants.signals[name] === signal);
}
