/** What is left for one destination when the process ends, and what becomes of it. */
import type { Destination } from '../../config/types';
import type { QueuedBatch } from '../batching/queue';
import type { Sender } from '../delivery/sender';
import type { DropReason, SendResult, Trouble } from '../types';

export interface Rest {
  readonly sender: Sender;
  readonly entries: readonly QueuedBatch[];
}

export interface Rests {
  /** To be sent by other means, and settled with {@link settleRest}. */
  readonly rests: readonly Rest[];
  /** A backend has been sent all of a batch, but has not answered yet. */
  readonly unanswered: boolean;
}

/** More batches than this are sent faster over several connections, by a worker thread. */
const MAX_BLOCKING = 4;
/** They live in this thread's memory: nothing of them can be sent from elsewhere. */
const OF_THIS_THREAD = new Set<Destination['transport']>(['console', 'custom']);

export interface End {
  /** Runs outside of the app's context. */
  detached(fn: () => void): void;
  /** Milliseconds that the end may still take. */
  timeLeft(): number;
}

/** Sends what can be sent from here, and returns the rest. */
export function takeRests(senders: readonly Sender[], end: End): Rests {
  const rests: Rest[] = [];
  let unanswered = false;
  for (const sender of senders) {
    unanswered = unanswered || sender.queue.isUnanswered;
    const rest = takeRest(sender);
    // What can be kept need not be tried once more at a backend that has just failed.
    if (sender.isHopelessAtExit || (sender.health.isFailing && sender.keeper !== undefined)) {
      giveUp(rest, 'exit', sender.health.trouble);
      continue;
    }
    const isHere = OF_THIS_THREAD.has(sender.destination.transport);
    const count = rest.entries.length;
    const left = count > 0 && (isHere || count <= MAX_BLOCKING) ? sendNow(rest, end) : rest;
    if (left.entries.length > 0) rests.push(left);
    // The console still holds traces without an end, a custom exporter may close its file.
    if (isHere) end.detached(() => void sender.close());
  }
  // What an earlier start left behind is taken along, but is no reason to hold up this one.
  if (rests.some(({ entries }) => entries.some(({ batch }) => batch.resource === undefined))) {
    return { rests, unanswered };
  }
  for (const rest of rests) giveUp(rest, 'exit', rest.sender.health.trouble);
  return { rests: [], unanswered };
}

/** One after the other, up to the first that cannot be sent from here. Returns the others. */
function sendNow({ sender, entries }: Rest, { detached, timeLeft }: End): Rest {
  const results = new Map<number, SendResult>();
  let last: SendResult | undefined;
  detached(() => {
    for (const [index, { batch }] of entries.entries()) {
      const result = sender.sendNow(batch, timeLeft());
      if (result === undefined) return;
      last = result;
      results.set(index, result);
      // Another process's failure is that of its next batch, too; an exporter of the app's is asked for each.
      if (result.outcome === 'retry') return;
    }
  });
  const isFailing = last?.outcome === 'retry';
  const sent = isFailing ? entries.length : results.size;
  settleRest(
    { sender, entries: entries.slice(0, sent) },
    results,
    last?.outcome === 'retry' ? last : NO_ANSWER,
  );
  return { sender, entries: entries.slice(sent) };
}

const NO_ANSWER: Trouble = {
  reason: 'they were sent, but not answered',
  fix: 'check that the backend is up and not overloaded; CANVASOPS_EXIT_TIMEOUT sets how long the end may take',
};

/** Empties the queue. Settles what the operating system has already, and returns the others. */
export function takeRest(sender: Sender): Rest {
  const { rest, written } = sender.queue.drain();
  const unanswered: QueuedBatch[] = [];
  for (const entry of written) {
    if (sender.isPresumedDelivered(entry)) {
      sender.counters.delivered += entry.batch.spanCount;
      sender.keeper?.release(entry);
    } else unanswered.push(entry);
  }
  giveUp({ sender, entries: unanswered }, 'unanswered', NO_ANSWER);
  for (const entry of rest) takeOff(sender, entry);
  return { sender, entries: rest };
}

/** Spans that have left already must not be sent again with those behind them. */
function takeOff(sender: Sender, entry: QueuedBatch): void {
  const { batch, progress } = entry;
  const written = progress.spansWritten ?? 0;
  if (written === 0) return;
  sender.counters.delivered += written;
  entry.batch = { ...batch, spanCount: batch.spanCount - written, spans: batch.spans.slice(written) };
}

/** Nobody sends these any more: they are kept on disk, or lost. */
export function giveUp({ sender, entries }: Rest, reason: DropReason, trouble: Trouble): void {
  let lost = 0;
  let kept = 0;
  for (const entry of entries) {
    const { spanCount } = entry.batch;
    if (sender.keeper?.keepNow(entry)) kept += spanCount;
    else lost += spanCount;
  }
  sender.counters.drop('spooled', kept);
  sender.counters.drop(reason, lost);
  sender.failureLog.leftAtEnd(lost, kept, trouble);
}

/** `results`: what became of the entries, by their index; those without a result failed because of `otherwise`. */
export function settleRest(rest: Rest, results: ReadonlyMap<number, SendResult>, otherwise: Trouble): void {
  const { sender } = rest;
  const failed: QueuedBatch[] = [];
  let trouble = otherwise;
  rest.entries.forEach((entry, index) => {
    const result = results.get(index);
    const { spanCount } = entry.batch;
    if (result === undefined || result.outcome === 'retry') {
      trouble = result ?? trouble;
      failed.push(entry);
      return;
    }
    sender.keeper?.release(entry);
    sender.account(result, spanCount, 'refused');
    if (result.outcome === 'refused') sender.failureLog.leftAtEnd(spanCount, 0, result);
    else if (result.rejected > 0) sender.failureLog.partly(result.rejected, result.message ?? '');
  });
  giveUp({ sender, entries: failed }, 'exit', trouble);
}
