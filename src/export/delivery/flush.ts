/** Waits until every destination has what was queued so far. */
import timers from 'node:timers';
import type { Sender } from './sender';

const { setTimeout: setTimer, clearTimeout: clearTimer } = timers;

/**
 * True: everything has been taken by every destination within the time. A ref'ed timer keeps the process alive
 * while somebody waits for the answer, and no longer.
 */
export function drainAll(senders: readonly Sender[], timeoutMs: number, lastCall: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    let open = senders.length;
    let all = true;
    const finish = (delivered: boolean): void => {
      clearTimer(timer);
      for (const stop of stops) stop();
      resolve(delivered);
    };
    const timer = setTimer(() => finish(false), timeoutMs);
    if (open === 0) finish(true);
    for (const sender of senders) {
      const stop = sender.drain(lastCall, (delivered) => {
        all = all && delivered;
        if (--open === 0) finish(all);
      });
      stops.push(stop);
    }
  });
}
