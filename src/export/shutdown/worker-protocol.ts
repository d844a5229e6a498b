/** What passes between an ending thread and the worker that sends its last batches. */
import type { MessagePort } from 'node:worker_threads';
import type { Destination } from '../../config/types';
import type { Resource } from '../../tracing/types';
import type { Batch, SendResult } from '../types';

export const JobState = { starting: 0, sending: 1, done: 2 } as const;

export interface FinalJob {
  /** Path of the worker's own file; the transports lie beside it. */
  readonly file: string;
  readonly rests: readonly { readonly destination: Destination; readonly batches: readonly Batch[] }[];
  readonly resource: Resource;
  /** {@link monotonicMs} when the end began to wait for the worker. */
  readonly beganAt: number;
  readonly timeoutMs: number;
  /** One number of {@link JobState}; whoever sets it notifies. */
  readonly state: Int32Array;
  readonly port: MessagePort;
}

/** What became of batch number `index` of `rests[rest]`. */
export interface FinalResult {
  readonly rest: number;
  readonly index: number;
  readonly result: SendResult;
}

/** As it was when we were loaded: test tools put fake timers in its place. */
const { hrtime } = process;

/** Milliseconds on the clock that all threads of the process share; each has a `performance.now()` of its own. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** Asked once the worker runs: its start counts, but leaves the backends at least half of the time. */
export function deadlineFor({ beganAt, timeoutMs }: FinalJob): number {
  return Math.max(beganAt + timeoutMs, monotonicMs() + timeoutMs / 2);
}
