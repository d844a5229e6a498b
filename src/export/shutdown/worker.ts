/**
 * Runs in a thread of its own while the thread that started it ends and waits. It sends the last batches to all
 * destinations in parallel, with one attempt each. Built to `dist/export/shutdown/worker.cjs`.
 */
import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';
import { transportName } from '../destination';
import type { Batch, CreateTransport, SendResult, Transport } from '../types';
import { deadlineFor, JobState, monotonicMs, type WorkerJob, type WorkerResult } from './worker-protocol';

/** The sender of a destination sends as many batches in parallel. */
const MAX_PARALLEL = 4;

const TIME_IS_UP =
  'check that the backend is up and not overloaded; CANVASOPS_EXIT_TIMEOUT sets how long the end may take';

const job = workerData as WorkerJob;
const load = createRequire(job.file);
const deadline = deadlineFor(job);

function report(result: WorkerResult): void {
  job.port.postMessage(result);
}

async function sendLeftovers(index: number): Promise<void> {
  const { destination, batches } = job.leftovers[index] as WorkerJob['leftovers'][number];
  const { createTransport } = load(`../transports/${transportName(destination)}.cjs`) as {
    createTransport: CreateTransport;
  };
  const transport = createTransport(destination, job.resource);
  let next = 0;
  let failed = false;
  const run = async (): Promise<void> => {
    while (next < batches.length && !failed) {
      const batch = next++;
      const result = await sendBatch(transport, batches[batch] as Batch);
      failed = failed || result.outcome !== 'delivered';
      report({ destination: index, index: batch, result });
    }
  };
  const lanes = destination.transport === 'otlp' ? Math.min(MAX_PARALLEL, batches.length) : 1;
  await Promise.all(Array.from({ length: lanes }, run));
  await transport.close();
}

async function sendBatch(transport: Transport, batch: Batch): Promise<SendResult> {
  const result = await transport.send(batch, Math.max(1, deadline - monotonicMs()));
  // The limit of the process has run out, not the limit of a request.
  return result.outcome === 'retry' && result.status === 'timeout' ? { ...result, fix: TIME_IS_UP } : result;
}

function unusable(error: unknown): SendResult {
  return { outcome: 'retry', status: 'error', reason: String(error), fix: 'reinstall @canvasops/register' };
}

function setState(state: number): void {
  Atomics.store(job.state, 0, state);
  Atomics.notify(job.state, 0);
}

async function main(): Promise<void> {
  setState(JobState.sending);
  // The transports keep no thread alive. This timer does.
  const alive = setTimeout(() => {}, deadline - monotonicMs());
  const sends = job.leftovers.map((_, destination) =>
    sendLeftovers(destination).catch((error: unknown) =>
      report({ destination, index: 0, result: unusable(error) }),
    ),
  );
  await Promise.all(sends);
  setState(JobState.done);
  job.port.close();
  clearTimeout(alive);
}

void main();
