/** Collects what a receiver decoded and lets a test wait for it. Shared by the HTTP, gRPC and UDP receivers. */
import type { ReceivedSpan } from './span';

export type SpanCondition = number | ((spans: ReceivedSpan[]) => boolean);

export class SpanStore {
  private received: ReceivedSpan[] = [];
  private readonly defects: string[] = [];
  private readonly listeners = new Set<() => void>();

  add(spans: readonly ReceivedSpan[]): void {
    this.received.push(...spans);
    this.notify();
  }

  /** Something arrived that is not what the protocol says. Every later look at the spans reports it. */
  addDefect(what: string): void {
    this.defects.push(what);
    this.notify();
  }

  /** Wakes the waiting tests: something they may be looking at has changed. */
  notify(): void {
    for (const listener of [...this.listeners]) listener();
  }

  spans(): ReceivedSpan[] {
    if (this.defects.length > 0)
      throw new Error(`The receiver got undecodable data: ${this.defects.join('; ')}`);
    return [...this.received];
  }

  clear(): void {
    this.received = [];
  }

  /** Resolves with all spans as soon as there are so many, or as soon as the function says so. */
  async waitForSpans(condition: SpanCondition, boundMs = 20_000): Promise<ReceivedSpan[]> {
    const enough = typeof condition === 'number' ? (s: ReceivedSpan[]) => s.length >= condition : condition;
    await this.waitUntil(
      () => enough(this.spans()),
      boundMs,
      () => {
        const wanted = typeof condition === 'number' ? `${condition} spans` : 'the spans waited for';
        const names = this.received.map((span) => `${span.kind} ${span.name}`).join(', ');
        return `${wanted} did not arrive; got ${this.received.length}: ${names || 'nothing'}`;
      },
    );
    return this.spans();
  }

  /** The bound only ends a wait for something that never comes; no test asserts how long anything takes. */
  waitUntil(done: () => boolean, boundMs: number, explain: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: unknown): void => {
        clearTimeout(timer);
        this.listeners.delete(look);
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error(String(error)));
      };
      const look = (): void => {
        try {
          if (done()) finish();
        } catch (error) {
          finish(error);
        }
      };
      const timer = setTimeout(() => finish(new Error(explain())), boundMs);
      this.listeners.add(look);
      look();
    });
  }
}
