/**
 * In the thread that starts others: takes what a thread left behind that was terminated, and at the end of the process
 * what those have that still run. Loaded when the first thread is started.
 */
import timers from 'node:timers';
import { BroadcastChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import type { EndedSpan } from '../../tracing/types';
import { unpackSpan } from './packed-span';
import { ThreadLog } from './thread-log';
import { THREAD_CHANNEL, type ThreadAnnouncement } from './thread-mirror';

const { setInterval: setTimer, clearInterval: clearTimer } = timers;

/** Whether a thread is gone is asked so often; listening to it would be a listener more on an object of the app's. */
const LOOK_MS = 1000;
/** `threadId` of a worker that has ended. */
const ENDED = -1;

export interface LeftBehind {
  /** In the order in which they ended. */
  readonly spans: readonly { readonly number: number; readonly span: EndedSpan }[];
  /** By destination: spans before that number have left already. */
  readonly sent: readonly number[];
}

export interface ThreadWatch {
  /** A thread was started. */
  started(worker: Worker): void;
  /** @param isEnd takes from threads that still run, too: they are about to be stopped */
  collect(isEnd: boolean): void;
}

export interface ThreadWatchOptions {
  readonly target: number;
  readonly onLeft: (left: LeftBehind) => void;
  /** Runs outside of any request of the app. */
  readonly runDetached: (fn: () => void) => void;
}

export type CreateThreadWatch = (options: ThreadWatchOptions) => ThreadWatch;

/** Its types do not say so, but Node takes a BroadcastChannel as well. */
function receive(channel: BroadcastChannel): { message: ThreadAnnouncement } | undefined {
  return receiveMessageOnPort(channel as unknown as MessagePort) as
    | { message: ThreadAnnouncement }
    | undefined;
}

export const createThreadWatch: CreateThreadWatch = ({ target, onLeft, runDetached }) => {
  const workers = new Map<number, Worker>();
  const logs = new Map<number, ThreadLog>();
  let channel: BroadcastChannel | undefined;
  let timer: NodeJS.Timeout | undefined;

  const announced = (said: ThreadAnnouncement): void => {
    if (said.target !== target || !workers.has(said.threadId)) return;
    logs.set(said.threadId, new ThreadLog(said.memory));
  };

  const collect = (isEnd: boolean): void => {
    if (channel === undefined) return;
    for (let next = receive(channel); next !== undefined; next = receive(channel)) announced(next.message);
    for (const [id, worker] of workers) {
      const isAlive = worker.threadId !== ENDED;
      if (isAlive && !isEnd) continue;
      const log = logs.get(id);
      workers.delete(id);
      logs.delete(id);
      if (log !== undefined) take(log, isAlive);
    }
    if (workers.size > 0 || timer === undefined) return;
    clearTimer(timer);
    timer = undefined;
  };

  const take = (log: ThreadLog, isAlive: boolean): void => {
    const { spans, sent } = log.takeAll(isAlive);
    const least = Math.min(...sent);
    const left = spans.filter(({ number }) => number >= least);
    if (left.length === 0) return;
    onLeft({
      spans: left.map(({ number, bytes }) => ({ number, span: unpackSpan(bytes) })),
      sent,
    });
  };

  const open = (): void => {
    channel = new BroadcastChannel(THREAD_CHANNEL);
    channel.onmessage = (event: unknown) => announced((event as { data: ThreadAnnouncement }).data);
    (channel as unknown as { unref(): void }).unref();
  };

  const look = (): void => {
    timer = setTimer(() => collect(false), LOOK_MS);
    timer.unref();
  };

  return {
    started: (worker) => {
      workers.set(worker.threadId, worker);
      if (channel === undefined) runDetached(open);
      if (timer === undefined) runDetached(look);
    },
    collect,
  };
};
