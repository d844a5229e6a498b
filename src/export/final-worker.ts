/**
 * Runs in a thread of its own while the thread that started it ends and waits: sends the last batches to all
 * destinations in parallel, one attempt each. A file of its own, `dist/export/final-worker.cjs`.
 */
import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';
import { type FinalJob, type FinalResult, JobState } from './final-job';
import { transportName } from './transport-name';
import type { Batch, CreateTransport, SendResult, Transport } from './types';

/** As many as the agent of the HTTP transport has connections. */
const MAX_PARALLEL = 4;

const job = workerData as FinalJob;
const load = createRequire(job.file);
const deadline = performance.now() + job.timeoutMs;

function report(result: FinalResult): void {
  job.port.postMessage(result);
}

async function sendRest(rest: number): Promise<void> {
  const { destination, batches } = job.rests[rest] as FinalJob['rests'][number];
  const { createTransport } = load(`./${transportName(destination)}.cjs`) as {
    createTransport: CreateTransport;
  };
  const transport = createTransport(destination, job.resource);
  const waiting = [...batches];
  let failed = false;
  const run = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined && !failed; batch = waiting.shift()) {
      const result = await sendBatch(transport, batch);
      failed = failed || result.outcome !== 'delivered';
      report(outcomeOf(rest, batch, result));
    }
  };
  const lanes = destination.transport === 'otlp' ? Math.min(MAX_PARALLEL, waiting.length) : 1;
  await Promise.all(Array.from({ length: lanes }, run));
  await transport.close();
}

function sendBatch(transport: Transport, batch: Batch): Promise<SendResult> {
  return transport.send(batch, Math.max(1, deadline - performance.now()));
}

function outcomeOf(rest: number, batch: Batch, result: SendResult): FinalResult {
  if (result.outcome !== 'delivered') return { rest, delivered: 0, reason: result.reason };
  const reason = result.rejected > 0 ? `the backend rejected ${result.rejected} of them` : '';
  return { rest, delivered: batch.spanCount - result.rejected, reason };
}

function tell(state: number): void {
  Atomics.store(job.state, 0, state);
  Atomics.notify(job.state, 0);
}

async function main(): Promise<void> {
  tell(JobState.sending);
  // The transports keep no thread alive, so something else has to.
  const alive = setTimeout(() => {}, job.timeoutMs);
  const sends = job.rests.map((_, rest) =>
    sendRest(rest).catch((error: unknown) => report({ rest, delivered: 0, reason: String(error) })),
  );
  await Promise.all(sends);
  tell(JobState.done);
  job.port.close();
  clearTimeout(alive);
}

void main();
