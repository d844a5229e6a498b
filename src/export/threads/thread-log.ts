/**
 * The spans that a worker thread has not delivered yet, in memory that it shares with the main thread: a ring of records,
 * one per span. `worker.terminate()` ends a thread at any point, and only this memory is left of it.
 *
 * The thread writes. The main thread reads once, when the thread is gone or the process ends. In the second case the
 * thread may be writing, which is why there is a lock. A thread that dies while it holds the lock leaves a valid ring,
 * because positions are moved after the bytes are written.
 */

/** Bytes for records. The operating system gives no memory to pages that are never written. */
const CAPACITY = 1 << 20;
const MAX_DESTINATIONS = 16;

// Where things are in the header of the shared memory, in 32-bit words and in doubles.
const LOCK = 0;
const DESTINATIONS = 1;
const HEAD = 1;
const TAIL = 2;
const HEADER_BYTES = 24 + 4 * MAX_DESTINATIONS;
const SENT_BYTES = 24;

const FREE = 0;
const HELD = 1;
/** The main thread has taken all records. */
const CLOSED = 2;

/** Bytes before each record, for its length and its span's number. */
const RECORD_HEADER = 8;
/** Milliseconds in which a thread has written one record, even on a busy machine. */
const LOCK_ATTEMPTS = 1000;

/** How far a destination has got, in numbers of spans. Numbers rise in the order in which spans ended. */
export interface Progress {
  /** All spans with a lower number are delivered or dropped. */
  readonly settled: number;
  /** All spans with a lower number have been sent, but perhaps not answered. At least `settled`. */
  readonly sent: number;
}

export interface LoggedSpan {
  readonly number: number;
  readonly bytes: Uint8Array;
}

export class ThreadLog {
  private readonly words: Int32Array;
  /** A position counts all bytes ever written. Its remainder by the capacity is the place in the ring. */
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

  /**
   * @param destinations How many destinations the thread sends to.
   * @returns undefined where these are too many.
   */
  static create(destinations: number): ThreadLog | undefined {
    if (destinations > MAX_DESTINATIONS) return undefined;
    const log = new ThreadLog(new SharedArrayBuffer(HEADER_BYTES + CAPACITY));
    log.words[DESTINATIONS] = destinations;
    return log;
  }

  /**
   * Called by the thread.
   *
   * @param number Of the span.
   * @returns Whether it was written. It is not where there is no room, or where the main thread has taken the records.
   */
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

  /** Called by the thread. Removes the spans that all destinations are done with. */
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

  /** Called by the thread. Whether the main thread has taken the records, and sends them. */
  get isClosed(): boolean {
    return Atomics.load(this.words, LOCK) === CLOSED;
  }

  /**
   * Called by the main thread, once.
   *
   * @param isAlive Whether the thread may be writing.
   * @returns All records; and by destination a number: all spans with a lower one have been sent.
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
