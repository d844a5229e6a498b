/** A pipeline on the real transports, straight from the sources, with its log in a list. */
import type { Config } from '../../src/config/types';
import type { Log } from '../../src/diagnostics/log';
import { createPipeline, type Pipeline } from '../../src/export/pipeline';
import { createTransport as createConsole } from '../../src/export/transports/console';
import { createTransport as createCustom } from '../../src/export/transports/custom';
import { createTransport as createGrpc } from '../../src/export/transports/grpc';
import { createTransport as createHttp } from '../../src/export/transports/http';
import { createTransport as createJaegerUdp } from '../../src/export/transports/jaeger-udp';
import type { Batch, CreateTransport, DestinationStats, TransportName } from '../../src/export/types';
import { ScopeSpansJsonBuilder } from '../../src/otlp/json';
import { ScopeSpansBuilder } from '../../src/otlp/scope-spans';
import type { EndedSpan, ReadableSpanView, Resource } from '../../src/tracing/types';
import { plainSpan } from '../otlp/random-span';

export const resource: Resource = {
  attributes: { 'service.name': 'test', 'telemetry.distro.version': '1.2.3' },
};

export const transports: Record<TransportName, CreateTransport> = {
  http: createHttp,
  grpc: createGrpc,
  'jaeger-udp': createJaegerUdp,
  console: createConsole,
  custom: createCustom,
};

export interface TestLog extends Log {
  readonly lines: string[];
}

/** Keeps what is said of trouble; news are told at level info. */
export function testLog(): TestLog {
  const lines: string[] = [];
  const line = (message: string): void => void lines.push(message);
  return { lines, error: line, warn: line, info: () => undefined, debug: line };
}

export type AnySpan = EndedSpan & ReadableSpanView;

export function span(index: number, over: Partial<EndedSpan> = {}): AnySpan {
  return plainSpan(index, over) as AnySpan;
}

export function pipelineOf(
  config: Config,
  load?: (name: TransportName) => CreateTransport,
): { pipeline: Pipeline; log: TestLog } {
  const log = testLog();
  const pipeline = createPipeline(config, resource, {
    log,
    loadTransport: load ?? ((name) => transports[name]),
    runDetached: (fn) => fn(),
    workerFile: '',
    now: performance.now.bind(performance),
  });
  return { pipeline, log };
}

export function batchOf(form: Batch['form'], spans: readonly AnySpan[]): Batch {
  if (form === 'spans')
    return {
      form,
      first: 1,
      spanCount: spans.length,
      bytes: spans.length * 500,
      pieces: [],
      spans,
      resource: undefined,
    };
  const builder = form.startsWith('json') ? new ScopeSpansJsonBuilder(false) : new ScopeSpansBuilder(false);
  for (const item of spans) builder.add(item);
  const pieces = builder.finish();
  return {
    form,
    first: 1,
    spanCount: spans.length,
    bytes: pieces.reduce((sum, piece) => sum + piece.length, 0),
    pieces,
    spans: [],
    resource: undefined,
  };
}

/** created = delivered + all dropped + pending */
export function isConserved(stats: DestinationStats): boolean {
  const dropped = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
  return stats.created === stats.delivered + dropped + stats.pending;
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain: ${what}`);
}

/** Neither transports nor test receivers keep a process alive; a test that waits for them has to. */
export function stayAlive(): () => void {
  const timer = setInterval(() => {}, 60_000);
  return () => clearInterval(timer);
}
