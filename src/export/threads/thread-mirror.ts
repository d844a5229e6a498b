/** Runs in a worker thread. Copies its spans to memory where the main thread finds them if this thread is terminated. */
import { BroadcastChannel, threadId } from 'node:worker_threads';
import type { EndedSpan } from '../../tracing/types';
import { packSpan } from './packed-span';
import { type Progress, ThreadLog } from './thread-log';

/** The threads of a process find each other by this name. Only code that opens a channel of this name can see it. */
export const THREAD_CHANNEL = 'canvasops.register.threads';

/** The message that a thread sends once. */
export interface ThreadAnnouncement {
  readonly threadId: number;
  readonly memory: SharedArrayBuffer;
  /** `targetOf()` its settings. The main thread ignores threads that send to other places. */
  readonly target: number;
}

export interface ThreadMirror {
  /**
   * Called when a span has ended. Never throws.
   *
   * @param number Of the span among those of this thread.
   */
  add(span: EndedSpan, number: number): void;
  /** Called when something was sent, delivered or dropped. Never throws. */
  update(): void;
  /** Whether the process ends, and the main thread sends what is left here. */
  readonly isTaken: boolean;
}

/**
 * @param target `targetOf()` the settings. Called once, at the first span.
 * @param progress How far each destination has got.
 */
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
        log.write(number, bytes); // If there is still no room, the span is only in this thread's queues.
      } catch {
        isOff = true; // There is no memory, or the app has removed globals. This thread delivers its spans itself.
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
