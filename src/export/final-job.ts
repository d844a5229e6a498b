/** What passes between an ending thread and the worker that sends its last batches. */
import type { MessagePort } from 'node:worker_threads';
import type { Destination } from '../config/types';
import type { Resource } from '../tracing/types';
import type { Batch, SendResult } from './types';

export const JobState = { starting: 0, sending: 1, done: 2 } as const;

export interface FinalJob {
  /** Path of the worker's own file; the transports lie beside it. */
  readonly file: string;
  readonly rests: readonly { readonly destination: Destination; readonly batches: readonly Batch[] }[];
  readonly resource: Resource;
  /** From the worker's start on. */
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
