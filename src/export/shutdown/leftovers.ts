/** What the destinations have not got when the process ends, and what becomes of it. */
import type { Destination } from '../../config/types';
import type { QueuedBatch } from '../batching/queue';
import type { Sender } from '../delivery/sender';
import type { DropReason, SendResult, Trouble } from '../types';

/** Of one destination. */
export interface Leftovers {
  readonly sender: Sender;
  readonly entries: readonly QueuedBatch[];
}

export interface TakenLeftovers {
  /** By destination: what has to be sent by other means, and then settled with {@link settleLeftovers}. */
  readonly leftovers: readonly Leftovers[];
  /** Whether a backend has been sent all of a batch and has not answered yet. */
  readonly unanswered: boolean;
}

/** A worker thread sends more batches than this faster, over several connections. */
const MAX_BLOCKING = 4;
/** These can only send from the thread whose memory they use. */
const OF_THIS_THREAD = new Set<Destination['transport']>(['console', 'custom']);

const NO_ANSWER: Trouble = {
  reason: 'they were sent, but not answered',
  fix: 'check that the backend is up and not overloaded; CANVASOPS_EXIT_TIMEOUT sets how long the end may take',
};

export interface Ending {
  /** Runs outside of the app's requests. */
  detached(fn: () => void): void;
  /** Milliseconds that the end may still take. */
  timeLeft(): number;
}

/** Empties all queues. Sends what this thread can send synchronously, and returns the rest. */
export function takeAllLeftovers(senders: readonly Sender[], ending: Ending): TakenLeftovers {
  const leftovers: Leftovers[] = [];
  let unanswered = false;
  for (const sender of senders) {
    unanswered = unanswered || sender.queue.isUnanswered;
    const all = takeLeftovers(sender);
    // What is kept on disk is not tried once more at a backend that has just failed.
    if (sender.isHopelessAtExit || (sender.backoff.isFailing && sender.spoolWriter !== undefined)) {
      giveUp(all, 'exit', sender.backoff.trouble);
      continue;
    }
    const isHere = OF_THIS_THREAD.has(sender.destination.transport);
    const count = all.entries.length;
    const left = count > 0 && (isHere || count <= MAX_BLOCKING) ? sendSync(all, ending) : all;
    if (left.entries.length > 0) leftovers.push(left);
    // The console still holds traces without an end. A custom exporter may close its file.
    if (isHere) ending.detached(() => void sender.close());
  }
  // Batches of an earlier start are sent along with others, but the end does not wait for them alone.
  if (leftovers.some(({ entries }) => entries.some(({ batch }) => batch.resource === undefined))) {
    return { leftovers, unanswered };
  }
  for (const each of leftovers) giveUp(each, 'exit', each.sender.backoff.trouble);
  return { leftovers: [], unanswered };
}

/** Sends one batch after the other, up to the first that cannot be sent from here. @returns The others. */
function sendSync({ sender, entries }: Leftovers, { detached, timeLeft }: Ending): Leftovers {
  const results = new Map<number, SendResult>();
  let last: SendResult | undefined;
  detached(() => {
    for (const [index, { batch }] of entries.entries()) {
      const result = sender.sendSync(batch, timeLeft());
      if (result === undefined) return;
      last = result;
      results.set(index, result);
      // A backend that fails would fail for the next batch as well. An exporter of the app is asked for each.
      if (result.outcome === 'retry') return;
    }
  });
  const isFailing = last?.outcome === 'retry';
  const sent = isFailing ? entries.length : results.size;
  settleLeftovers(
    { sender, entries: entries.slice(0, sent) },
    results,
    last?.outcome === 'retry' ? last : NO_ANSWER,
  );
  return { sender, entries: entries.slice(sent) };
}

/** Empties the queue. Settles what the operating system has already, and returns the rest. */
export function takeLeftovers(sender: Sender): Leftovers {
  const { leftovers, written } = sender.queue.takeAll();
  const unanswered: QueuedBatch[] = [];
  for (const entry of written) {
    if (sender.isPresumedDelivered(entry)) {
      sender.stats.delivered += entry.batch.spanCount;
      sender.spoolWriter?.release(entry);
    } else unanswered.push(entry);
  }
  giveUp({ sender, entries: unanswered }, 'unanswered', NO_ANSWER);
  for (const entry of leftovers) removeSent(sender, entry);
  return { sender, entries: leftovers };
}

/** Removes the spans that have been sent from a batch, so that they are not sent again with the others in it. */
function removeSent(sender: Sender, entry: QueuedBatch): void {
  const { batch, progress } = entry;
  const written = progress.spansWritten ?? 0;
  if (written === 0) return;
  sender.stats.delivered += written;
  entry.batch = { ...batch, spanCount: batch.spanCount - written, spans: batch.spans.slice(written) };
}

/** Nobody sends these any more. They are kept on disk, or dropped for the given reason. */
export function giveUp({ sender, entries }: Leftovers, reason: DropReason, trouble: Trouble): void {
  let lost = 0;
  let kept = 0;
  for (const entry of entries) {
    const { spanCount } = entry.batch;
    if (sender.spoolWriter?.writeNow(entry)) kept += spanCount;
    else lost += spanCount;
  }
  sender.stats.drop('spooled', kept);
  sender.stats.drop(reason, lost);
  sender.failureReporter.leftAtEnd(lost, kept, trouble);
}

/**
 * @param results What became of the entries, by their index.
 * @param otherwise Why the entries without a result failed.
 */
export function settleLeftovers(
  { sender, entries }: Leftovers,
  results: ReadonlyMap<number, SendResult>,
  otherwise: Trouble,
): void {
  const failed: QueuedBatch[] = [];
  let trouble = otherwise;
  entries.forEach((entry, index) => {
    const result = results.get(index);
    const { spanCount } = entry.batch;
    if (result === undefined || result.outcome === 'retry') {
      trouble = result ?? trouble;
      failed.push(entry);
      return;
    }
    sender.spoolWriter?.release(entry);
    sender.account(result, spanCount, 'refused');
    if (result.outcome === 'refused') sender.failureReporter.leftAtEnd(spanCount, 0, result);
    else if (result.rejected > 0)
      sender.failureReporter.partialSuccess(result.rejected, result.message ?? '');
  });
  giveUp({ sender, entries: failed }, 'exit', trouble);
}
