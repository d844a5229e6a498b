import { defer } from '../../timers';
import type { Sender } from './sender';

/** Starts the senders on a stack of its own, because making a request takes far longer than ending a span. */
export class Pump {
  private readonly senders: Sender[] = [];
  private readonly cold: Sender[] = [];
  private isScheduled = false;

  /** @param runDetached Runs a function outside of the app's requests. */
  constructor(private readonly runDetached: (fn: () => void) => void) {}

  add(sender: Sender): void {
    this.senders.push(sender);
    // A module of the user's may take a while to load. It is loaded with the first span, before the first batch is due.
    if (sender.destination.transport === 'custom') this.cold.push(sender);
  }

  /** Lets the senders send what they have, soon. */
  schedule(): void {
    if (!this.isScheduled) this.runDetached(this.arm);
  }

  /** Loads the transports that take a while to load, soon and once. */
  warmUp(): void {
    if (this.cold.length === 0) return;
    const cold = this.cold.splice(0);
    const warm = (): void => {
      for (const sender of cold) sender.warmUp();
    };
    this.runDetached(() => void defer(warm).unref());
  }

  private readonly arm = (): void => {
    defer(this.run).unref();
    // Only now: where the app has used up the stack, the line before has thrown, and nothing is scheduled.
    this.isScheduled = true;
  };

  private readonly run = (): void => {
    this.isScheduled = false;
    for (const sender of this.senders) sender.pump();
  };
}
