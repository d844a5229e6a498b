/**
 * Runs in a thread of its own while the thread that started it ends and waits: sends the last batches to all
 * destinations in parallel, one attempt each. A file of its own, `dist/export/shutdown/worker.cjs`.
 */
import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';
import { transportName } from '../destination';
import type { Batch, CreateTransport, SendResult, Transport } from '../types';
import { deadlineFor, type FinalJob, type FinalResult, JobState, monotonicMs } from './worker-protocol';

/** As many as the agent of the HTTP transport has connections. */
const MAX_PARALLEL = 4;

const TIME_IS_UP =
  'check that the backend is up and not overloaded; CANVASOPS_EXIT_TIMEOUT sets how long the end may take';

const job = workerData as FinalJob;
const load = createRequire(job.file);
const deadline = deadlineFor(job);

function report(result: FinalResult): void {
  job.port.postMessage(result);
}

async function sendRest(rest: number): Promise<void> {
  const { destination, batches } = job.rests[rest] as FinalJob['rests'][number];
  const { createTransport } = load(`../transports/${transportName(destination)}.cjs`) as {
    createTransport: CreateTransport;
  };
  const transport = createTransport(destination, job.resource);
  let next = 0;
  let failed = false;
  const run = async (): Promise<void> => {
    while (next < batches.length && !failed) {
      const index = next++;
      const result = await sendBatch(transport, batches[index] as Batch);
      failed = failed || result.outcome !== 'delivered';
      report({ rest, index, result });
    }
  };
  const lanes = destination.transport === 'otlp' ? Math.min(MAX_PARALLEL, batches.length) : 1;
  await Promise.all(Array.from({ length: lanes }, run));
  await transport.close();
}

async function sendBatch(transport: Transport, batch: Batch): Promise<SendResult> {
  const result = await transport.send(batch, Math.max(1, deadline - monotonicMs()));
  // The time that is up is not the one for a request.
  return result.outcome === 'retry' && result.status === 'timeout' ? { ...result, fix: TIME_IS_UP } : result;
}

function unusable(error: unknown): SendResult {
  return { outcome: 'retry', status: 'error', reason: String(error), fix: 'reinstall @canvasops/register' };
}

function tell(state: number): void {
  Atomics.store(job.state, 0, state);
  Atomics.notify(job.state, 0);
}

async function main(): Promise<void> {
  tell(JobState.sending);
  // The transports keep no thread alive, so something else has to.
  const alive = setTimeout(() => {}, deadline - monotonicMs());
  const sends = job.rests.map((_, rest) =>
    sendRest(rest).catch((error: unknown) => report({ rest, index: 0, result: unusable(error) })),
  );
  await Promise.all(sends);
  tell(JobState.done);
  job.port.close();
  clearTimeout(alive);
}

void main();
