/** The threads that this one starts: what they leave behind when they are terminated goes to our destinations. */
import * as diagnosticsChannel from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import type { Sender } from '../delivery/sender';
import { inherit, type Revive } from './inherit';
import type { CreateThreadMirror } from './thread-mirror';
import type { CreateThreadWatch, LeftBehind, ThreadWatch } from './thread-watch';

export interface ThreadDeps {
  /** Loads `dist/export/thread-mirror.cjs`; absent in the main thread. */
  loadMirror?(): CreateThreadMirror;
  /** Loads `dist/export/thread-watch.cjs`; called when the first thread is started. */
  loadWatch(): CreateThreadWatch;
  readonly revive: Revive;
  /** A thread was started. */
  onStart(): void;
}

export interface ThreadsOptions {
  readonly deps: ThreadDeps;
  /** `targetOf()` of the settings; called when the first thread is started. */
  readonly target: () => number;
  readonly senders: readonly Sender[];
  /** Per batch. */
  readonly maxSpans: number;
  readonly maxBytes: number;
  /** Called when senders have got something. */
  readonly onInherited: (spans: number) => void;
  readonly runDetached: (fn: () => void) => void;
}

export class Threads {
  private watch: ThreadWatch | undefined;
  private isEnding = false;

  constructor(private readonly options: ThreadsOptions) {
    // Node publishes it at the end of the constructor of Worker.
    diagnosticsChannel.subscribe('worker_threads', (message) => this.started(message as { worker: Worker }));
  }

  /** @param isEnd of the process: takes from threads that still run, too */
  collect(isEnd: boolean): void {
    this.isEnding = isEnd;
    this.watch?.collect(isEnd);
  }

  private started({ worker }: { worker: Worker }): void {
    if (this.isEnding) return; // it is ours, and sends what is left
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
