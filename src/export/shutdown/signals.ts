/**
 * SIGTERM, SIGINT and SIGHUP end a process at once if nobody listens. We listen, flush, take our listener off and
 * raise the signal again, so that the parent sees the same end. If the app listens too, the ending is the app's.
 *
 * We listen from the beginning of the first span on: who listens is asked only when the event loop turns, so a program
 * that computes without a pause would not heed Ctrl-C. Not from its end on, since a signal may come while the answer to
 * the first request is on its way. Never taking the listener off before the end is deliberate, too: a signal that libuv
 * has caught, but not handed over yet, would be lost with it.
 *
 * Our listeners are left out of what `process.listeners()`, `listenerCount()` and `eventNames()` tell: libraries ask
 * whether somebody else takes care of the signal (signal-exit, part of half of npm, ends the process only if nobody
 * does). Seeing us, they would do nothing, as we do nothing when we see them, and the process would never end.
 */
import os from 'node:os';
import { replaceProcessMethod } from './patch-process';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];
type Listeners = (this: NodeJS.Process, event: string | symbol) => unknown[];
type EventNames = (this: NodeJS.Process) => (string | symbol)[];
type ListenerCount = (this: NodeJS.Process, event: string | symbol, listener?: unknown) => number;
type Kill = (this: NodeJS.Process, pid: number, signal?: string | number) => true;

/** `process`, with those methods as they are called and not as they are typed. */
interface Countable {
  listeners: Listeners;
  rawListeners: Listeners;
  eventNames: EventNames;
  listenerCount: ListenerCount;
  kill: Kill;
  emit(event: string | symbol, ...args: unknown[]): boolean;
}

export interface SignalHandlers {
  /** Given the time it may take by its caller; its failure does not matter. */
  onSignal(): Promise<unknown>;
  /** The process sends itself the signal, which nobody listens to: nothing runs after this. */
  onOwnSignal(): void;
}

export interface SignalGuard {
  listen(): void;
  stop(): void;
}

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
      raise(signal); // asked twice: a person is impatient
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

  /** Without us the process would be gone when `process.kill()` returns; with us it would go on for a while. */
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

  // When a listener is removed, Node itself counts those that are left, and lets go of the signal at 0
  // (lib/internal/process/signal.js): it must count us.
  let nodeAsks = false;
  // biome-ignore-start lint/complexity/noArguments: a spread would ask for an iterator that may be gone
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
      restore = Object.entries(ours).map(([name, method]) => replaceProcessMethod(name, method));
    },
    stop: () => {
      for (const signal of SIGNALS) process.removeListener(signal, heard);
      for (const giveBack of restore) giveBack();
    },
  };
}

/** As `process.kill()` reads its second argument: a name, a number, or nothing. */
function signalOf(signal: string | number | undefined): Signal | undefined {
  if (signal === undefined) return 'SIGTERM';
  return SIGNALS.find((name) => name === signal || os.constants.signals[name] === signal);
}
