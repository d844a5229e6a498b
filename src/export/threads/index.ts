/** The threads that this one starts. When they are terminated, their spans are sent by this thread. */
import type { Worker } from 'node:worker_threads';
import type { Sender } from '../delivery/sender';
import { inherit, type Revive } from './inherit';
import type { CreateThreadMirror } from './thread-mirror';
import type { CreateThreadWatch, LeftBehind, ThreadWatch } from './thread-watch';

export interface ThreadDeps {
  /** Loads `dist/export/threads/thread-mirror.cjs`. Absent in the main thread. */
  loadMirror?(): CreateThreadMirror;
  /** Loads `dist/export/threads/thread-watch.cjs`. Called when the first thread is started. */
  loadWatch(): CreateThreadWatch;
  readonly revive: Revive;
  /** Called when a thread was started. */
  onStart(): void;
}

export interface ThreadsOptions {
  readonly deps: ThreadDeps;
  /** `targetOf()` the settings. Called when the first thread is started. */
  readonly target: () => number;
  readonly senders: readonly Sender[];
  /** Per batch. */
  readonly maxSpans: number;
  readonly maxBytes: number;
  /** Called with the number of spans that the senders have got. */
  readonly onInherited: (spans: number) => void;
  readonly runDetached: (fn: () => void) => void;
}

export class Threads {
  private watch: ThreadWatch | undefined;
  private isEnding = false;

  constructor(private readonly options: ThreadsOptions) {}

  /** @param isEnd Whether the process ends. Then the spans of threads that still run are taken as well. */
  collect(isEnd: boolean): void {
    this.isEnding = isEnd;
    this.watch?.collect(isEnd);
  }

  started(worker: Worker): void {
    if (this.isEnding) return; // It is our own worker that sends the leftovers.
    const { deps } = this.options;
    this.watch ??= this.createWatch();
    this.watch.started(worker);
    deps.onStart();
  }

  private createWatch(): ThreadWatch {
    const { deps, target, runDetached } = this.options;
    const onLeft = (left: LeftBehind): void => this.inherit(left);
    return deps.loadWatch()({ target: target(), onLeft, runDetached });
  }

  private inherit(left: LeftBehind): void {
    const { deps, senders, maxSpans, maxBytes, onInherited } = this.options;
    inherit(left, senders, deps.revive, maxSpans, maxBytes);
    onInherited(left.spans.length);
  }
}
