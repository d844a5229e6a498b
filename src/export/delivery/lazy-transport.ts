import type { Batch, SendResult, Transport } from '../types';

/** Creates the transport of a destination when it is first needed. Nothing here throws or rejects. */
export class LazyTransport {
  private transport: Transport | undefined;

  /**
   * @param create May throw.
   * @param onUnusable Called with what it threw.
   */
  constructor(
    private readonly create: () => Transport,
    private readonly onUnusable: (error: unknown) => void,
  ) {}

  /** @returns The transport; undefined where it cannot be created. */
  open(): Transport | undefined {
    if (this.transport !== undefined) return this.transport;
    try {
      this.transport = this.create();
    } catch (error) {
      this.onUnusable(error);
    }
    return this.transport;
  }

  /**
   * Sends synchronously.
   *
   * @param timeoutMs Limit in milliseconds.
   * @param mayCreate Whether to create the transport where there is none yet.
   * @returns undefined where the transport cannot send synchronously now; the batch has not been sent then.
   */
  sendSync(batch: Batch, timeoutMs: number, mayCreate: boolean): SendResult | undefined {
    const transport = mayCreate ? this.open() : this.transport;
    try {
      return transport?.sendSync?.(batch, timeoutMs);
    } catch (error) {
      return unexpectedFailure(error);
    }
  }

  async close(): Promise<void> {
    const { transport } = this;
    this.transport = undefined;
    try {
      await transport?.close();
    } catch {
      // It is not used any more.
    }
  }
}

/** @returns The result of a send for which a transport threw or rejected, although it should not. */
export function unexpectedFailure(error: unknown): SendResult {
  return { outcome: 'refused', status: 'error', reason: `unexpected: ${String(error)}`, fix: 'report this' };
}
