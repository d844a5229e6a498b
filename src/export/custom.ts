/**
 * CANVASOPS_EXPORTER: an exporter of the user's own, written against the official SDK's `SpanExporter`:
 * `export(spans, callback)`, `shutdown()`, perhaps `forceFlush()`. Whatever it does, the app does not notice.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import timers from 'node:timers';
import { pathToFileURL } from 'node:url';
import type { CustomDestination, Destination } from '../config/types';
import type { EndedSpan, ReadableSpanView } from '../tracing/types';
import type { Batch, SendProgress, SendResult, Transport } from './types';

const { setTimeout: setTimer, clearTimeout: clearTimer } = timers;

/** `require()` of ES modules, by default since Node 20.19 and 22.12; not of those with a top-level await. */
const LOADS_ESM_SYNCHRONOUSLY = (process.features as { require_module?: boolean }).require_module === true;
/** `ExportResultCode.SUCCESS` of @opentelemetry/core. */
const SUCCESS = 0;
const SHAPE =
  'its default export must be an object with the methods export(spans, callback) and shutdown(), or a function that returns one';

type Spans = readonly (EndedSpan & ReadableSpanView)[];

interface SpanExporter {
  export(spans: Spans, callback: (result: { code: number; error?: Error }) => void): unknown;
  shutdown?(): unknown;
}

class CustomTransport implements Transport {
  private readonly destination: CustomDestination;
  private readonly loading: Promise<SpanExporter>;
  private exporter: SpanExporter | undefined;
  private calledBackAgain = false;

  constructor(destination: CustomDestination) {
    this.destination = destination;
    this.loading = this.load();
    this.loading.catch(() => undefined); // told by the sends that need it
  }

  async send(batch: Batch, timeoutMs: number, progress?: SendProgress): Promise<SendResult> {
    let exporter: SpanExporter;
    try {
      exporter = await this.loading;
    } catch (error) {
      return this.failed(`cannot be loaded: ${messageOf(error)}`, SHAPE);
    }
    if (progress !== undefined) progress.written = true; // it has the spans; should the process end now, not twice
    const result = await this.export(exporter, batch.spans, timeoutMs);
    if (!this.calledBackAgain || result.outcome !== 'delivered') return result;
    this.calledBackAgain = false;
    return { ...result, message: 'the exporter calls back more than once per export(); call it once' };
  }

  /** At the end of the process: works for exporters that call back before they return. */
  sendSync(batch: Batch): SendResult {
    try {
      this.exporter ??= exporterFrom(createRequire(this.base())(this.destination.module));
    } catch (error) {
      return this.failed(
        `cannot be loaded while the process ends: ${messageOf(error)}`,
        'call flush() before the end',
      );
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
      // it ends anyway
    }
  }

  private base(): string {
    return path.join(process.cwd(), 'noop.js');
  }

  private async load(): Promise<SpanExporter> {
    const exporter = await pick(await this.module());
    if (!isExporter(exporter)) throw new TypeError(SHAPE);
    this.exporter ??= exporter;
    return this.exporter;
  }

  /**
   * Synchronously if possible: while an `import()` is under way, the end of the process could neither wait for it
   * nor, since Node 24, load the same file by itself.
   */
  private async module(): Promise<unknown> {
    const require = createRequire(this.base());
    const { module } = this.destination;
    try {
      if (LOADS_ESM_SYNCHRONOUSLY) return require(module);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    }
    return import(pathToFileURL(path.isAbsolute(module) ? module : require.resolve(module)).href);
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
          const byPromise = exporter.export.length < 2; // without a callback its promise says when it is done
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

  /** Never worth another try: the official SDK calls an exporter once per batch, and exporters rely on that. */
  private failed(what: string, fix: string): SendResult {
    return { outcome: 'refused', status: 'failed', reason: `the exporter ${what}`, fix };
  }
}

const DELIVERED: SendResult = { outcome: 'delivered', rejected: 0, status: 'exported' };

/** `default`, also where a bundler or TypeScript wrapped it once more; a function is asked for the exporter, a class made one. */
function pick(loaded: unknown): unknown {
  let candidate = defaultOf(loaded);
  if (!isExporter(candidate) && typeof candidate !== 'function') candidate = defaultOf(candidate);
  if (typeof candidate !== 'function' || isExporter(candidate)) return candidate;
  if (isExporter(candidate.prototype)) return new (candidate as new () => unknown)();
  return (candidate as () => unknown)();
}

function exporterFrom(loaded: unknown): SpanExporter {
  const exporter = pick(loaded);
  if (!isExporter(exporter)) throw new TypeError(SHAPE);
  return exporter;
}

function defaultOf(module: unknown): unknown {
  const inner =
    typeof module === 'object' && module !== null ? (module as { default?: unknown }).default : undefined;
  return inner ?? module;
}

function isExporter(value: unknown): value is SpanExporter {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as { export?: unknown }).export === 'function';
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function createTransport(destination: Destination): Transport {
  if (destination.transport !== 'custom') throw new TypeError(`not a custom destination: ${destination.id}`);
  return new CustomTransport(destination);
}
