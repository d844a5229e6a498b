/**
 * CANVASOPS_EXPORTER: an exporter of the user's own, written for the official SDK's `SpanExporter`. It has the methods
 * `export(spans, callback)` and `shutdown()`, and perhaps `forceFlush()`. Its errors do not reach the app.
 */
import type { CustomDestination, Destination } from '../../config/types';
import { clearTimer, setTimer } from '../../timers';
import type { Batch, SendProgress, SendResult, Transport } from '../types';
import {
  isThenable,
  loadExporter,
  loadExporterSync,
  type SpanExporter,
  type Spans,
  UnusableExporter,
} from './custom/module';

/** `ExportResultCode.SUCCESS` of @opentelemetry/core. */
const SUCCESS = 0;

class CustomTransport implements Transport {
  private readonly destination: CustomDestination;
  private readonly loading: Promise<SpanExporter>;
  private exporter: SpanExporter | undefined;
  private calledBackAgain = false;

  constructor(destination: CustomDestination) {
    this.destination = destination;
    this.loading = this.load();
    this.loading.catch(() => undefined); // Reported by the sends that need it.
  }

  async send(batch: Batch, timeoutMs: number, progress?: SendProgress): Promise<SendResult> {
    let exporter: SpanExporter;
    try {
      exporter = await this.loading;
    } catch (error) {
      return unusable(error);
    }
    if (progress !== undefined) progress.written = true; // It has the spans. If the process ends now, they are not sent twice.
    const result = await this.export(exporter, batch.spans, timeoutMs);
    if (!this.calledBackAgain || result.outcome !== 'delivered') return result;
    this.calledBackAgain = false;
    return { ...result, message: 'the exporter calls back more than once per export(); call it once' };
  }

  /** Works for exporters that call back before they return. */
  sendSync(batch: Batch): SendResult {
    try {
      this.exporter ??= loadExporterSync(this.destination.module);
    } catch (error) {
      return unusable(error);
    }
    let result: SendResult | undefined;
    try {
      const returned = this.exporter.export(batch.spans, (answer) => {
        result ??= this.judge(answer);
      });
      if (isThenable(returned)) returned.then(undefined, () => undefined);
    } catch (error) {
      return this.threw(error);
    }
    return result ?? this.failed('needs longer than the process has', 'call flush() before the process ends');
  }

  async close(): Promise<void> {
    try {
      await this.exporter?.shutdown?.();
    } catch {
      // The process ends in any case.
    }
  }

  private async load(): Promise<SpanExporter> {
    const exporter = await loadExporter(this.destination.module);
    this.exporter ??= exporter;
    return this.exporter;
  }

  private export(exporter: SpanExporter, spans: Spans, timeoutMs: number): Promise<SendResult> {
    return new Promise((resolve) => {
      let answered = false;
      const answer = (result: SendResult): void => {
        answered = true;
        clearTimer(timer);
        resolve(result);
      };
      const timer = setTimer(() => {
        answer(
          this.failed(
            `did not call back within ${timeoutMs} ms`,
            'call the second argument of export() when done',
          ),
        );
      }, timeoutMs);
      timer.unref();
      try {
        const returned = exporter.export(spans, (result) => {
          if (answered) this.calledBackAgain = true;
          else answer(this.judge(result));
        });
        if (isThenable(returned)) {
          const byPromise = exporter.export.length < 2; // Without a callback its promise settles when it is done.
          returned.then(
            () => byPromise && !answered && answer(DELIVERED),
            (error: unknown) => !answered && answer(this.threw(error)),
          );
        }
      } catch (error) {
        if (!answered) answer(this.threw(error));
      }
    });
  }

  private judge(result: unknown): SendResult {
    const { code, error } = (result ?? {}) as { code?: unknown; error?: unknown };
    if (code === SUCCESS) return DELIVERED;
    const why = error === undefined ? `answered code ${String(code)}` : `failed: ${messageOf(error)}`;
    return this.failed(why, 'success is callback({ code: 0 })');
  }

  private threw(error: unknown): SendResult {
    return this.failed(`threw: ${messageOf(error)}`, 'export() should report failures through its callback');
  }

  /** It is never tried again. The official SDK calls an exporter once per batch, and exporters rely on that. */
  private failed(what: string, fix: string): SendResult {
    return { outcome: 'refused', status: 'failed', reason: `the exporter ${what}`, fix };
  }
}

const DELIVERED: SendResult = { outcome: 'delivered', rejected: 0, status: 'exported' };

function unusable(error: unknown): SendResult {
  const trouble =
    error instanceof UnusableExporter
      ? error.trouble
      : { reason: `the exporter cannot be used: ${messageOf(error)}`, fix: 'correct its module' };
  return { outcome: 'refused', status: 'failed', ...trouble };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * @param destination Must be of the transport `custom`.
 * @throws {TypeError} The destination is of another transport.
 */
export function createTransport(destination: Destination): Transport {
  if (destination.transport !== 'custom') throw new TypeError(`not a custom destination: ${destination.id}`);
  return new CustomTransport(destination);
}
