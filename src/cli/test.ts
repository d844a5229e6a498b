/** `canvasops test`: one real trace, through the real encoders and transports, to every destination. */
import { printable, quote, showUrl } from '../config/display';
import { load } from '../config/load';
import { readSources } from '../config/sources';
import type { Config, Destination } from '../config/types';
import { BatchEncoder } from '../export/batching/encoder';
import { formOf, transportName } from '../export/destination';
import type { Batch, CreateTransport, Form, SendResult } from '../export/types';
import { registry } from '../instrumentations';
import { ROOT_CONTEXT } from '../tracing/context';
import { detectResource } from '../tracing/resource';
import { createSampler } from '../tracing/sampler';
import type { RecordingSpan } from '../tracing/span';
import { RegisterTracerProvider } from '../tracing/tracer';
import type { EndedSpan, ReadableSpanView, Resource } from '../tracing/types';
import { VERSION } from '../version';
import type { CommandIo } from './command';

const HELP = `canvasops test [--json]

Sends one test trace to every configured destination and says what each of them answered.

  --json   the same as one JSON object

Exit code: 0 every destination took it, 1 at least one did not, 2 wrong usage.
`;

/** Nobody waits longer in front of a terminal. */
const MOST_TIMEOUT_MS = 15_000;

interface Outcome {
  readonly id: string;
  readonly label: string;
  readonly url: string;
  readonly ok: boolean;
  readonly answer: string;
  readonly latencyMs: number;
  readonly traceId: string;
  readonly fix?: string;
  readonly look?: string;
  /** Sent, and nobody says whether it arrived. */
  readonly unanswered?: true;
}

export async function test(args: readonly string[], io: CommandIo): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    io.stdout(HELP);
    return 0;
  }
  const unknown = args.find((arg) => arg !== '--json');
  if (unknown !== undefined) {
    io.stderr(`canvasops test does not know ${quote(unknown)}; see canvasops test --help\n`);
    return 2;
  }
  const { config, problems } = load(readSources(io.env, io.cwd), registry);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const resource = detectResource({
    serviceName: config.serviceName,
    attributes: config.resourceAttributes,
    detectors: config.resourceDetectors,
    env: io.env,
    distroVersion: VERSION,
  });
  const spans = makeTrace(config, resource);
  const outcomes = await Promise.all(
    config.destinations.map((destination) => sendTo(destination, spans, resource, config)),
  );
  const ok = errors.length === 0 && outcomes.length > 0 && outcomes.every((outcome) => outcome.ok);
  if (args.includes('--json')) {
    io.stdout(`${JSON.stringify({ ok, destinations: outcomes, problems: errors }, undefined, 2)}\n`);
    return ok ? 0 : 1;
  }
  for (const outcome of outcomes) io.stdout(`${describe(outcome)}\n`);
  if (outcomes.length === 0) io.stdout('There is no destination to send to; see canvasops check-config.\n');
  for (const { code, why, fix } of errors) io.stdout(`error ${code}\n  why: ${why}\n  fix: ${fix}\n`);
  return ok ? 0 : 1;
}

type Span = EndedSpan & ReadableSpanView;

/** A request with a query in it: what every backend has a picture for. */
function makeTrace(config: Config, resource: Resource): Span[] {
  const spans: Span[] = [];
  const provider = new RegisterTracerProvider({
    limits: config.limits,
    sampler: createSampler('always_on', 1),
    sink: { onEnd: (span) => spans.push(span) },
    resource: () => resource,
  });
  const tracer = provider.getTracer('@canvasops/register/test', VERSION);
  const root = tracer.begin('canvasops test', 0, undefined, ROOT_CONTEXT) as RecordingSpan;
  root.put('canvasops.test', true);
  const child = tracer.begin('a step of the test', 0, root, ROOT_CONTEXT);
  child.addEvent('everything is in place');
  child.end();
  root.end();
  return spans;
}

async function sendTo(
  destination: Destination,
  spans: Span[],
  resource: Resource,
  config: Config,
): Promise<Outcome> {
  const batch = batchOf(spans, formOf(destination));
  const timeoutMs = Math.min(
    MOST_TIMEOUT_MS,
    ('timeoutMs' in destination && destination.timeoutMs) || config.batch.exportTimeoutMs || MOST_TIMEOUT_MS,
  );
  const start = performance.now();
  const result = await send(destination, batch, resource, timeoutMs);
  const [first] = spans;
  const traceId = first === undefined ? '' : first.traceId;
  const ok = result.outcome === 'delivered' && result.rejected === 0;
  return {
    id: destination.id,
    label: destination.label,
    url: addressOf(destination),
    ok,
    answer: printable(answerOf(result), 300),
    latencyMs: Math.round(performance.now() - start),
    traceId,
    ...(result.outcome !== 'delivered' && { fix: printable(result.fix, 300) }),
    ...(ok && { look: whereToLook(destination, traceId) }),
    ...(ok && destination.transport === 'jaeger-udp' && { unanswered: true }),
  };
}

function batchOf(spans: Span[], form: Form): Batch {
  const batches: Batch[] = [];
  const encoder = new BatchEncoder({
    form,
    maxSpans: Number.POSITIVE_INFINITY,
    maxBytes: Number.POSITIVE_INFINITY,
    onBatch: (batch) => batches.push(batch),
    onLost: (_form, error) => {
      throw error;
    },
  });
  for (const [index, span] of spans.entries()) encoder.add(span, index);
  encoder.finish();
  return batches[0] as Batch;
}

async function send(
  destination: Destination,
  batch: Batch,
  resource: Resource,
  timeoutMs: number,
): Promise<SendResult> {
  const file = require(`./export/transports/${transportName(destination)}.cjs`) as {
    createTransport: CreateTransport;
  };
  const transport = file.createTransport(destination, resource);
  // The transports keep no process alive, so something else has to.
  const alive = setTimeout(() => {}, MOST_TIMEOUT_MS);
  try {
    const result = await transport.send(batch, timeoutMs);
    await transport.close();
    return result;
  } finally {
    clearTimeout(alive);
  }
}

function answerOf(result: SendResult): string {
  if (result.outcome !== 'delivered') return `${result.status}: ${result.reason}`;
  const { status, rejected, message } = result;
  return `${status}${rejected > 0 ? `, ${rejected} spans rejected` : ''}${message ? ` (${message})` : ''}`;
}

function addressOf(destination: Destination): string {
  switch (destination.transport) {
    case 'otlp':
      return showUrl(destination.url);
    case 'jaeger-udp':
      return `udp://${destination.host}:${destination.port}`;
    case 'console':
      return 'this terminal';
    case 'custom':
      return printable(destination.module, 300);
  }
}

function whereToLook(destination: Destination, traceId: string): string {
  const ui = 'uiUrl' in destination ? destination.uiUrl : undefined;
  if (destination.transport === 'console') return 'above';
  if (ui === undefined) return `search for trace ${traceId} in the backend`;
  return destination.id === 'jaeger' ? `${showUrl(ui)}/trace/${traceId}` : `${showUrl(ui)}, trace ${traceId}`;
}

function describe(outcome: Outcome): string {
  const { label, url, ok, answer, latencyMs, traceId, fix, look, unanswered } = outcome;
  const verdict = unanswered ? 'sent' : ok ? 'ok  ' : 'FAIL';
  const took = ok ? ` after ${latencyMs} ms` : ` (${latencyMs} ms)`;
  const said = unanswered ? `${answer}; UDP gives no answer` : answer + took;
  const lines = [`${verdict} ${label}  ${url}`, `       answer:  ${said}`];
  if (fix !== undefined) lines.push(`       fix:     ${fix}`);
  lines.push(`       trace:   ${traceId}`);
  if (look !== undefined) lines.push(`       look at: ${look}`);
  return lines.join('\n');
}
