/**
 * Runs in the thread that starts others. Takes the spans of threads that were terminated, and at the end of the process
 * the spans of threads that still run. Loaded when the first thread is started.
 */
import { BroadcastChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { clearTicker, setTicker } from '../../timers';
import type { EndedSpan } from '../../tracing/types';
import { unpackSpan } from './packed-span';
import { ThreadLog } from './thread-log';
import { THREAD_CHANNEL, type ThreadAnnouncement } from './thread-mirror';

/** It is checked so often whether a thread is gone. A listener on the app's worker could be noticed by the app. */
const LOOK_MS = 1000;
/** `threadId` of a worker that has ended. */
const ENDED = -1;

export interface LeftBehind {
  /** The spans with their numbers, in the order in which they ended. */
  readonly spans: readonly { readonly number: number; readonly span: EndedSpan }[];
  /** By destination: spans with a lower number than this have been sent. */
  readonly sent: readonly number[];
}

export interface ThreadWatch {
  /** Called when a thread was started. */
  started(worker: Worker): void;
  /** @param isEnd Whether the process ends. Then the spans of threads that still run are taken as well. */
  collect(isEnd: boolean): void;
}

export interface ThreadWatchOptions {
  /** `targetOf()` the settings. */
  readonly target: number;
  readonly onLeft: (left: LeftBehind) => void;
  /** Runs outside of the app's requests. */
  readonly runDetached: (fn: () => void) => void;
}

export type CreateThreadWatch = (options: ThreadWatchOptions) => ThreadWatch;

/** Node accepts a BroadcastChannel, although the types of `receiveMessageOnPort` do not. */
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
    clearTicker(timer);
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
    timer = setTicker(() => collect(false), LOOK_MS);
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
