/** Sends what is left when the event loop does not turn any more, by whatever means there are. */
import type { Resource } from '../../tracing/types';
import type { Sender } from '../delivery/sender';
import { type Ending, settleLeftovers, takeAllLeftovers } from './leftovers';
import { sendInWorker } from './worker-client';

/** A worker cannot start and connect in less time than this. */
const MIN_WORKER_MS = 10;

const TIME_IS_UP = {
  reason: 'its backend did not answer in time',
  fix: 'check that it is up; CANVASOPS_EXIT_TIMEOUT sets how long the end may take',
};

/** Servers drop a request whose connection ends while they work on it. A batch that has just been written gets this long. */
const GRACE_MS = 30;

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

export interface LastDelivery extends Ending {
  /** Of the spans of this process. */
  readonly resource: Resource;
  /** Absolute path of `dist/export/shutdown/worker.cjs`. */
  readonly workerFile: string;
}

/** Empties all queues. Every span in them is delivered or dropped afterwards. */
export function deliverAllLeftovers(senders: readonly Sender[], ending: LastDelivery): void {
  const { leftovers, unanswered } = takeAllLeftovers(senders, ending);
  if (leftovers.length === 0 && !unanswered) return;
  const left = ending.timeLeft();
  if (leftovers.length === 0) pause(Math.min(left, GRACE_MS));
  else if (left >= MIN_WORKER_MS) sendInWorker(ending.resource, leftovers, ending.workerFile, left);
  else for (const each of leftovers) settleLeftovers(each, new Map(), TIME_IS_UP);
}
