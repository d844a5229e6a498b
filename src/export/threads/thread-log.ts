/**
 * What a worker thread has not delivered yet, in memory that it shares with the main thread: a ring of records, one per
 * span. `worker.terminate()` ends a thread in the middle of whatever it does, and this is what is left of it.
 *
 * The thread writes; the main thread reads once, when the thread is gone or the process ends. The lock is for the
 * latter. A thread that dies while it holds the lock leaves a whole ring all the same: positions move after the bytes.
 */

/** Bytes for records. Pages that were never written to take no memory. */
const CAPACITY = 1 << 20;
const MAX_DESTINATIONS = 16;

// The head of the shared memory, in 32-bit words and in doubles.
const LOCK = 0;
const DESTINATIONS = 1;
const HEAD = 1;
const TAIL = 2;
const HEADER_BYTES = 24 + 4 * MAX_DESTINATIONS;
const SENT_BYTES = 24;

const FREE = 0;
const HELD = 1;
/** The main thread has taken it all. */
const CLOSED = 2;

/** Before a record: its length and its span's number. */
const RECORD_HEADER = 8;
/** For a thread to write one record, on a machine that is busy. */
const LOCK_ATTEMPTS = 1000;

/** What is known of a destination: numbers of spans, which rise in the order in which they ended. */
export interface Progress {
  /** Everything before it is delivered or dropped. */
  readonly settled: number;
  /** Everything before it has left, if not been answered. At least `settled`. */
  readonly sent: number;
}

export interface LoggedSpan {
  readonly number: number;
  readonly bytes: Uint8Array;
}

export class ThreadLog {
  private readonly words: Int32Array;
  /** Positions count all bytes ever written: what is at one lies at its remainder. */
  private readonly positions: Float64Array;
  private readonly sent: Uint32Array;
  private readonly data: Uint8Array;
  private readonly header = new Uint32Array(2);
  private readonly headerBytes = new Uint8Array(this.header.buffer);

  constructor(readonly memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory, 0, 2);
    this.positions = new Float64Array(memory, 0, 3);
    this.sent = new Uint32Array(memory, SENT_BYTES, MAX_DESTINATIONS);
    this.data = new Uint8Array(memory, HEADER_BYTES);
  }

  /** @param destinations how many the thread sends to; undefined is returned for more than fit */
  static create(destinations: number): ThreadLog | undefined {
    if (destinations > MAX_DESTINATIONS) return undefined;
    const log = new ThreadLog(new SharedArrayBuffer(HEADER_BYTES + CAPACITY));
    log.words[DESTINATIONS] = destinations;
    return log;
  }

  /** Of the thread. @returns false where there is no room, or nobody will read it */
  write(number: number, bytes: Uint8Array): boolean {
    const head = this.positions[HEAD] as number;
    const tail = this.positions[TAIL] as number;
    const size = RECORD_HEADER + bytes.length;
    if (tail - head + size > CAPACITY || !this.lock()) return false;
    this.header[0] = bytes.length;
    this.header[1] = number;
    for (let i = 0; i < RECORD_HEADER; i++) {
      this.data[(tail + i) % CAPACITY] = this.headerBytes[i] as number;
    }
    this.copyIn(bytes, tail + RECORD_HEADER);
    this.positions[TAIL] = tail + size;
    this.unlock();
    return true;
  }

  /** Of the thread: lets go of what all destinations are done with. */
  update(progress: readonly Progress[]): void {
    if (!this.lock()) return;
    let settled = Number.POSITIVE_INFINITY;
    progress.forEach((each, index) => {
      this.sent[index] = each.sent;
      settled = Math.min(settled, each.settled);
    });
    const tail = this.positions[TAIL] as number;
    let head = this.positions[HEAD] as number;
    while (head < tail) {
      const { length, number } = this.headerAt(head);
      if (number >= settled) break;
      head += RECORD_HEADER + length;
    }
    this.positions[HEAD] = head;
    this.unlock();
  }

  /** Of the thread: the main thread has taken what was here, and sends it. */
  get isClosed(): boolean {
    return Atomics.load(this.words, LOCK) === CLOSED;
  }

  /**
   * Of the main thread, once.
   * @param isAlive the thread may be writing
   * @returns all records, and by destination the number up to which they have left
   */
  takeAll(isAlive: boolean): { spans: LoggedSpan[]; sent: number[] } {
    for (let left = isAlive ? LOCK_ATTEMPTS : 0; left > 0; left--) {
      if (Atomics.compareExchange(this.words, LOCK, FREE, CLOSED) !== HELD) break;
      Atomics.wait(this.words, LOCK, HELD, 1);
    }
    Atomics.store(this.words, LOCK, CLOSED);
    const spans: LoggedSpan[] = [];
    const tail = this.positions[TAIL] as number;
    let head = this.positions[HEAD] as number;
    while (head < tail) {
      const { length, number } = this.headerAt(head);
      spans.push({ number, bytes: this.copyOut(head + RECORD_HEADER, length) });
      head += RECORD_HEADER + length;
    }
    this.positions[HEAD] = tail;
    return { spans, sent: Array.from(this.sent.subarray(0, this.words[DESTINATIONS])) };
  }

  private lock(): boolean {
    return Atomics.compareExchange(this.words, LOCK, FREE, HELD) === FREE;
  }

  private unlock(): void {
    Atomics.compareExchange(this.words, LOCK, HELD, FREE);
    Atomics.notify(this.words, LOCK);
  }

  private headerAt(position: number): { length: number; number: number } {
    for (let i = 0; i < RECORD_HEADER; i++) {
      this.headerBytes[i] = this.data[(position + i) % CAPACITY] as number;
    }
    return { length: this.header[0] as number, number: this.header[1] as number };
  }

  private copyIn(bytes: Uint8Array, position: number): void {
    const at = position % CAPACITY;
    const first = Math.min(bytes.length, CAPACITY - at);
    this.data.set(bytes.subarray(0, first), at);
    if (first < bytes.length) this.data.set(bytes.subarray(first), 0);
  }

  private copyOut(position: number, length: number): Uint8Array {
    const at = position % CAPACITY;
    const first = Math.min(length, CAPACITY - at);
    const bytes = new Uint8Array(length);
    bytes.set(this.data.subarray(at, at + first));
    if (first < length) bytes.set(this.data.subarray(0, length - first), first);
    return bytes;
  }
}
