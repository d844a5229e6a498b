/**
 * Sends what is left when the event loop does not turn any more. A worker thread sends, and this thread waits for a
 * limited time. This works inside 'exit' on all supported versions of Node, in the main thread and in workers.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import type * as WorkerThreads from 'node:worker_threads';
import type { Resource } from '../../tracing/types';
import { plainSpan } from '../batching/plain-span';
import type { Batch, SendResult, Trouble } from '../types';
import { type Leftovers, settleLeftovers } from './leftovers';
import { deadlineFor, JobState, monotonicMs, type WorkerJob, type WorkerResult } from './worker-protocol';

/**
 * A worker starts in 20 to 40 ms, and on a busy machine in ten times that. It is waited for even then, since the user's
 * limit is meant for backends that do not answer. See {@link deadlineFor}.
 */
const START_LIMIT_MS = 2000;
/** A worker whose time is up needs this long to report that and to end. */
const REPORT_MS = 25;

/**
 * Settles every span of the leftovers. Never throws.
 *
 * @param resource Of the spans of this process.
 * @param file Absolute path of `dist/export/shutdown/worker.cjs`.
 * @param timeoutMs Limit in milliseconds.
 */
export function sendInWorker(
  resource: Resource,
  leftovers: readonly Leftovers[],
  file: string,
  timeoutMs: number,
): void {
  const results = leftovers.map(() => new Map<number, SendResult>());
  let otherwise: Trouble = {
    reason: `no answer within ${Math.round(timeoutMs)} ms`,
    fix: 'check that the backend is up; CANVASOPS_EXIT_TIMEOUT sets how long the end may take',
  };
  try {
    for (const { destination, index, result } of run(resource, leftovers, file, timeoutMs)) {
      results[destination]?.set(index, result);
    }
  } catch (error) {
    // E.g. --permission without --allow-worker.
    otherwise = {
      reason: `no worker thread can be started (${String(error)})`,
      fix: 'call flush() before the end; under --permission, --allow-worker lets it start',
    };
  }
  leftovers.forEach((each, i) => {
    settleLeftovers(each, results[i] ?? new Map(), otherwise);
  });
}

function run(
  resource: Resource,
  leftovers: readonly Leftovers[],
  file: string,
  timeoutMs: number,
): WorkerResult[] {
  // Where the app has bundled us, there is no such file. Waiting for the worker would be in vain.
  if (!fs.existsSync(file)) throw new Error(`${file} is missing`);
  // Loaded only now, because most processes end with nothing left to send.
  const threads = createRequire(file)('node:worker_threads') as typeof WorkerThreads;
  const { port1, port2 } = new threads.MessageChannel();
  const state = new Int32Array(new SharedArrayBuffer(4));
  const { attributes, schemaUrl } = resource;
  const beganAt = monotonicMs();
  const job: WorkerJob = {
    file,
    leftovers: leftovers.map(({ sender, entries }) => ({
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
    // Our preload must not run in there, nor any other that this process was started with.
    execArgv: [],
    env: {},
  });
  worker.unref();
  Atomics.wait(state, 0, JobState.starting, START_LIMIT_MS);
  Atomics.wait(state, 0, JobState.sending, deadlineFor(job) + REPORT_MS - monotonicMs());
  const results: WorkerResult[] = [];
  for (
    let next = threads.receiveMessageOnPort(port1);
    next !== undefined;
    next = threads.receiveMessageOnPort(port1)
  ) {
    results.push(next.message as WorkerResult);
  }
  port1.close();
  return results;
}

function transferable(batch: Batch): Batch {
  // The worker's transports read only the plain fields of a span.
  return { ...batch, spans: batch.spans.map(plainSpan) as unknown as Batch['spans'] };
}
