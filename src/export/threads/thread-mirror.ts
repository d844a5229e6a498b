/** In a worker thread: keeps what has not been delivered where the main thread finds it when this thread is terminated. */
import { BroadcastChannel, threadId } from 'node:worker_threads';
import type { EndedSpan } from '../../tracing/types';
import { packSpan } from './packed-span';
import { type Progress, ThreadLog } from './thread-log';

/** Threads of a process find each other by it; nothing of it is visible where nobody asks for this very name. */
export const THREAD_CHANNEL = 'canvasops.register.threads';

/** What a thread says of itself, once. */
export interface ThreadAnnouncement {
  readonly threadId: number;
  readonly memory: SharedArrayBuffer;
  /** Of settings that say where spans go: those of a thread with others are none of the main thread's business. */
  readonly target: number;
}

export interface ThreadMirror {
  /** A span has ended. Never throws. */
  add(span: EndedSpan, number: number): void;
  /** Something was sent, settled or given up. */
  update(): void;
  /** The process ends, and the main thread sends what is left here. */
  readonly isTaken: boolean;
}

/** @param target called once, by the first span */
export type CreateThreadMirror = (target: () => number, progress: () => readonly Progress[]) => ThreadMirror;

export const createThreadMirror: CreateThreadMirror = (target, progress) => {
  let log: ThreadLog | undefined;
  let isOff = false;

  const open = (): ThreadLog | undefined => {
    const created = ThreadLog.create(progress().length);
    if (created === undefined) return undefined;
    const channel = new BroadcastChannel(THREAD_CHANNEL);
    const said: ThreadAnnouncement = { threadId, memory: created.memory, target: target() };
    channel.postMessage(said);
    channel.close();
    return created;
  };

  return {
    add: (span, number) => {
      if (isOff) return;
      try {
        log ??= open();
        if (log === undefined) {
          isOff = true;
          return;
        }
        const bytes = packSpan(span);
        if (log.write(number, bytes)) return;
        log.update(progress());
        log.write(number, bytes); // with no room even now, it is as if there were no log
      } catch {
        isOff = true; // memory or globals that are gone; this thread delivers its spans as ever
      }
    },
    update: () => {
      try {
        log?.update(progress());
      } catch {
        isOff = true;
      }
    },
    get isTaken() {
      return log?.isClosed === true;
    },
  };
};
