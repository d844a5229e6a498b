/**
 * The recording spans that have begun and not ended, for the end of the process.
 *
 * Nobody may hold a span that its owner has given up: a program that forgets to end its spans would keep all of them.
 * So only the newest are held, in an array in which each span knows its place; a span that is still open when so many
 * newer ones are gets a WeakRef instead. Most spans end before, and a WeakRef costs ten times as much as the rest.
 */
import type { RecordingSpan } from './span';

/** Held as long as they are open. */
const MAX_HELD = 512;
/** Followed by a WeakRef. Beyond that the oldest are forgotten. */
const MAX_FOLLOWED = 16_384;
const NO_PLACE = -1;

export class OpenSpans {
  private readonly held: RecordingSpan[] = [];
  private followed: WeakRef<RecordingSpan>[] = [];
  /** Whose place the next span gets when all are taken. Each place has its turn, so that is an old one. */
  private turn = 0;

  add(span: RecordingSpan): void {
    const { held } = this;
    if (held.length < MAX_HELD) {
      span.place = held.length;
      held.push(span);
      return;
    }
    const { turn } = this;
    this.turn = (turn + 1) % MAX_HELD;
    const old = held[turn] as RecordingSpan;
    old.place = NO_PLACE;
    this.follow(old);
    span.place = turn;
    held[turn] = span;
  }

  /** Called once for each span that was added. */
  remove(span: RecordingSpan): void {
    const { place } = span;
    // Its WeakRef, if it has one, is passed over and goes with the next that do not fit.
    if (place === NO_PLACE || this.held[place] !== span) return;
    const last = this.held.pop() as RecordingSpan;
    if (last !== span) {
      this.held[place] = last;
      last.place = place;
    }
    span.place = NO_PLACE;
  }

  /** All that are open now and not forgotten, the older ones first. */
  all(): RecordingSpan[] {
    const open: RecordingSpan[] = [];
    for (const reference of this.followed) {
      const span = reference.deref();
      if (span !== undefined && !span.ended) open.push(span);
    }
    open.push(...this.held);
    return open;
  }

  private follow(span: RecordingSpan): void {
    if (this.followed.length >= MAX_FOLLOWED) {
      this.followed = this.followed.filter((reference) => reference.deref()?.ended === false);
      // Where nearly all of them are open, a quarter goes, lest the next span asks all of them again.
      const most = (MAX_FOLLOWED * 3) / 4;
      if (this.followed.length > most) this.followed = this.followed.slice(-most);
    }
    this.followed.push(new WeakRef(span));
  }
}
