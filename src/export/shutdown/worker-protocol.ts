/** The messages between an ending thread and the worker that sends its last batches. */
import type { MessagePort } from 'node:worker_threads';
import type { Destination } from '../../config/types';
import type { Resource } from '../../tracing/types';
import type { Batch, SendResult } from '../types';

export const JobState = { starting: 0, sending: 1, done: 2 } as const;

export interface WorkerJob {
  /** Path of the worker's own file. The transports are found from there. */
  readonly file: string;
  readonly leftovers: readonly { readonly destination: Destination; readonly batches: readonly Batch[] }[];
  readonly resource: Resource;
  /** {@link monotonicMs} when the end began to wait for the worker. */
  readonly beganAt: number;
  /** Limit in milliseconds. */
  readonly timeoutMs: number;
  /** One number of {@link JobState}. Whoever sets it notifies. */
  readonly state: Int32Array;
  readonly port: MessagePort;
}

/** What became of batch number `index` of destination number `destination`. */
export interface WorkerResult {
  readonly destination: number;
  readonly index: number;
  readonly result: SendResult;
}

/** Taken when this file is loaded, because test tools replace it by fake timers. */
const { hrtime } = process;

/** @returns Milliseconds on a clock that all threads share. Each thread has a `performance.now()` of its own. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/**
 * To be called when the worker runs. The time that its start took counts, but the backends get at least half of the
 * limit.
 *
 * @returns When the worker has to stop, in {@link monotonicMs}.
 */
export function deadlineFor({ beganAt, timeoutMs }: WorkerJob): number {
  return Math.max(beganAt + timeoutMs, monotonicMs() + timeoutMs / 2);
}
