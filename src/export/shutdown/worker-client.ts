/**
 * Sends what is left when the event loop does not turn any more: a worker thread does it, this thread waits,
 * bounded. Works inside 'exit' on all supported versions of Node, in the main thread and in workers.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import type * as WorkerThreads from 'node:worker_threads';
import type { Resource } from '../../tracing/types';
import { plainSpan } from '../batching/plain-span';
import type { Batch, SendResult, Trouble } from '../types';
import { type Rest, settleRest } from './leftovers';
import { deadlineFor, type FinalJob, type FinalResult, JobState, monotonicMs } from './worker-protocol';

/**
 * A worker starts in 20 to 40 ms, on a starved machine in ten times that: then it is worth waiting for. The user's limit
 * is meant for backends that do not answer, see {@link deadlineFor}.
 */
const START_LIMIT_MS = 2000;
/** For a worker whose time is up to say so, and to end. */
const REPORT_MS = 25;

/** Settles every span of `rests`. Never throws. */
export function sendAndWait(
  resource: Resource,
  rests: readonly Rest[],
  file: string,
  timeoutMs: number,
): void {
  const results = rests.map(() => new Map<number, SendResult>());
  let otherwise: Trouble = {
    reason: `no answer within ${Math.round(timeoutMs)} ms`,
    fix: 'check that the backend is up; CANVASOPS_EXIT_TIMEOUT sets how long the end may take',
  };
  try {
    for (const { rest, index, result } of run(resource, rests, file, timeoutMs)) {
      results[rest]?.set(index, result);
    }
  } catch (error) {
    // E.g. --permission without --allow-worker.
    otherwise = {
      reason: `no worker thread can be started (${String(error)})`,
      fix: 'call flush() before the end; under --permission, --allow-worker lets it start',
    };
  }
  rests.forEach((rest, i) => {
    settleRest(rest, results[i] ?? new Map(), otherwise);
  });
}

function run(resource: Resource, rests: readonly Rest[], file: string, timeoutMs: number): FinalResult[] {
  if (!fs.existsSync(file)) throw new Error(`${file} is missing`); // in a bundle of the app's; do not wait for it
  // Loaded only here: most processes end with nothing left to send.
  const threads = createRequire(file)('node:worker_threads') as typeof WorkerThreads;
  const { port1, port2 } = new threads.MessageChannel();
  const state = new Int32Array(new SharedArrayBuffer(4));
  const { attributes, schemaUrl } = resource;
  const beganAt = monotonicMs();
  const job: FinalJob = {
    file,
    rests: rests.map(({ sender, entries }) => ({
      destination: sender.destination,
      batches: entries.map(({ batch }) => transferable(batch)),
    })),
    resource: { attributes: { ...attributes }, schemaUrl },
    beganAt,
    timeoutMs: Math.max(1, timeoutMs - REPORT_MS),
    state,
    port: port2,
  };
  const worker = new threads.Worker(file, {
    workerData: job,
    transferList: [port2],
    // Neither our preload nor anything else that this process was started with may run in there.
    execArgv: [],
    env: {},
  });
  worker.unref();
  Atomics.wait(state, 0, JobState.starting, START_LIMIT_MS);
  Atomics.wait(state, 0, JobState.sending, deadlineFor(job) + REPORT_MS - monotonicMs());
  const results: FinalResult[] = [];
  for (
    let next = threads.receiveMessageOnPort(port1);
    next !== undefined;
    next = threads.receiveMessageOnPort(port1)
  ) {
    results.push(next.message as FinalResult);
  }
  port1.close();
  return results;
}

function transferable(batch: Batch): Batch {
  // The worker's transports read only the plain fields of a span.
  return { ...batch, spans: batch.spans.map(plainSpan) as unknown as Batch['spans'] };
}
