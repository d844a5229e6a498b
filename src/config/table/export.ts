/** Rows of the settings table: where spans go, how they are queued, and the standard OTLP settings. */
import { quote, showUrl } from '../display';
import { headers, key } from '../key-values';
import { flag, LONGEST_TIMER, oneOf, text, timeout, whole } from '../parse';
import { problem } from '../problem';
import { type Parser, setting } from '../setting';
import { nearest } from '../suggest';
import type { Compression, OtlpProtocol } from '../types';

export type TracesExporter = 'otlp' | 'console' | 'none';
const EXPORTERS: readonly TracesExporter[] = ['otlp', 'console', 'none'];

/** Exporters of other SDKs, and what does the same here. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['jaeger', 'Set JAEGER_HOST instead; Jaeger itself takes OTLP.'],
  ['zipkin', 'Use otlp and let an OpenTelemetry Collector pass the spans on to Zipkin.'],
  ['logging', 'Use console.'],
  ['stdout', 'Use console.'],
]);

const exporters: Parser<readonly TracesExporter[]> = (value, { variable, problems }) => {
  const found = new Set<TracesExporter>();
  for (const raw of value.toLowerCase().split(',')) {
    const name = raw.trim();
    if (name === '') continue;
    const match = EXPORTERS.find((known) => known === name);
    if (match !== undefined) {
      found.add(match);
      continue;
    }
    const near = nearest(name, EXPORTERS);
    const fix = ELSEWHERE.get(name) ?? (near ? `Did you mean ${near}?` : 'Use otlp, console or none.');
    problems.push(
      problem(
        'EXPORTER_UNKNOWN',
        variable,
        `There is no exporter ${quote(name)} here, so it is ignored.`,
        fix,
      ),
    );
  }
  return found.size === 0 ? undefined : [...found];
};

const path = { group: 'OTLP', parse: text, fallback: undefined, fallbackText: "Node's defaults" } as const;

export const EXPORT = {
  tracesExporter: setting<readonly TracesExporter[] | undefined>({
    group: 'Export',
    names: ['OTEL_TRACES_EXPORTER'],
    parse: exporters,
    fallback: undefined,
    fallbackText: 'whatever is configured',
    help: '`otlp`, `console` (a readable tree on stderr), both as `otlp,console`, or `none`: nothing is exported at all.',
  }),
  customExporter: setting<string | undefined>({
    group: 'Export',
    names: ['CANVASOPS_EXPORTER'],
    parse: text,
    fallback: undefined,
    help: 'A module whose default export is an OpenTelemetry `SpanExporter`, or a function returning one: `./my-exporter.mjs`.',
  }),
  exitTimeoutMs: setting<number>({
    group: 'Export',
    names: ['CANVASOPS_EXIT_TIMEOUT'],
    parse: whole(0, LONGEST_TIMER, 'milliseconds'),
    fallback: 500,
    help: 'Milliseconds an ending process may be held up to deliver what is left.',
  }),
  maxQueueBytes: setting<number>({
    group: 'Export',
    names: ['CANVASOPS_MAX_QUEUE_BYTES'],
    parse: whole(65_536, Number.MAX_SAFE_INTEGER, 'bytes'),
    fallback: 16 * 1024 * 1024,
    help: 'Most bytes waiting for one destination; what is too much is dropped and counted.',
  }),
  spoolDir: setting<string | undefined>({
    group: 'Export',
    names: ['CANVASOPS_SPOOL_DIR'],
    parse: text,
    fallback: undefined,
    help: 'A directory in which spans for OTLP destinations are kept that could not be delivered; the next start with this directory sends them. Several processes may share it.',
  }),
  spoolMaxBytes: setting<number>({
    group: 'Export',
    names: ['CANVASOPS_SPOOL_MAX_BYTES'],
    parse: whole(65_536, Number.MAX_SAFE_INTEGER, 'bytes'),
    fallback: 64 * 1024 * 1024,
    help: 'Most bytes in that directory; the oldest spans in it go first.',
  }),
  scheduleDelayMs: setting<number>({
    group: 'Export',
    names: ['OTEL_BSP_SCHEDULE_DELAY'],
    parse: whole(0, LONGEST_TIMER, 'milliseconds'),
    fallback: 5000,
    help: 'Milliseconds between two exports.',
  }),
  exportTimeoutMs: setting<number>({
    group: 'Export',
    names: ['OTEL_BSP_EXPORT_TIMEOUT'],
    parse: timeout,
    fallback: 30_000,
    help: 'Milliseconds one export may take, retries included. 0 = no limit.',
  }),
  maxQueueSize: setting<number | undefined>({
    group: 'Export',
    names: ['OTEL_BSP_MAX_QUEUE_SIZE'],
    parse: whole(1, LONGEST_TIMER, 'spans'),
    fallback: undefined,
    fallbackText: 'limited by bytes only',
    help: 'Most spans waiting for one destination.',
  }),
  maxBatchSize: setting<number>({
    group: 'Export',
    names: ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE'],
    parse: whole(1, LONGEST_TIMER, 'spans'),
    fallback: 512,
    help: 'Most spans sent at once.',
  }),
  otlpEndpoint: setting<string | undefined>({
    group: 'OTLP',
    names: ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTLP_ENDPOINT'],
    parse: text,
    fallback: undefined,
    fallbackText: '`http://localhost:4318` if nothing else is configured',
    show: (value) => (value === undefined ? 'not set' : showUrl(value)),
    help: 'The first is used as it is, the second gets `/v1/traces` appended, the third is gRPC unless its port is 4318 or it has a path. `grpc://` and `grpcs://` in any of them mean gRPC.',
  }),
  otlpProtocol: setting<OtlpProtocol | undefined>({
    group: 'OTLP',
    names: ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    parse: oneOf<OtlpProtocol>(['http/protobuf', 'http/json', 'grpc']),
    fallback: undefined,
    fallbackText: '`http/protobuf`; `grpc` on port 4317',
    help: '`http/protobuf`, `http/json` or `grpc`.',
  }),
  otlpTracesHeaders: setting<Readonly<Record<string, string>>>({
    group: 'OTLP',
    names: ['OTEL_EXPORTER_OTLP_TRACES_HEADERS'],
    parse: headers,
    fallback: {},
    fallbackText: 'none',
    secret: true,
    help: 'Request headers, added to the next ones: `name=value,name2=value2`, percent-encoded.',
  }),
  otlpHeaders: setting<Readonly<Record<string, string>>>({
    group: 'OTLP',
    names: ['OTEL_EXPORTER_OTLP_HEADERS'],
    parse: headers,
    fallback: {},
    fallbackText: 'none',
    secret: true,
    help: 'Request headers: `name=value,name2=value2`, percent-encoded.',
  }),
  otlpApiKey: setting<string | undefined>({
    group: 'OTLP',
    names: ['OTLP_API_KEY'],
    parse: key,
    fallback: undefined,
    secret: true,
    help: 'Sent as `authorization: Bearer ...` unless the headers have an authorization of their own.',
  }),
  otlpTimeoutMs: setting<number>({
    group: 'OTLP',
    names: ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'],
    parse: timeout,
    fallback: 10_000,
    help: 'Milliseconds one request may take, to any destination. 0 = no limit.',
  }),
  otlpCompression: setting<Compression>({
    group: 'OTLP',
    names: ['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'OTEL_EXPORTER_OTLP_COMPRESSION'],
    parse: oneOf<Compression>(['none', 'gzip']),
    fallback: 'none',
    help: '`gzip` or `none`, for Jaeger, Arize and Phoenix, too.',
  }),
  otlpCertificate: setting<string | undefined>({
    ...path,
    names: ['OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CERTIFICATE'],
    help: 'PEM file of the root certificate to trust.',
  }),
  otlpClientKey: setting<string | undefined>({
    ...path,
    names: ['OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY', 'OTEL_EXPORTER_OTLP_CLIENT_KEY'],
    fallbackText: 'none',
    help: "PEM file of the client's private key.",
  }),
  otlpClientCertificate: setting<string | undefined>({
    ...path,
    names: ['OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE', 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'],
    fallbackText: 'none',
    help: "PEM file of the client's certificate.",
  }),
  otlpInsecure: setting<boolean | undefined>({
    group: 'OTLP',
    names: ['OTEL_EXPORTER_OTLP_TRACES_INSECURE', 'OTEL_EXPORTER_OTLP_INSECURE'],
    parse: flag,
    fallback: undefined,
    fallbackText: '`false`',
    help: '`true` allows keys to be sent unencrypted to another host, and means `http://` where an endpoint has no scheme.',
  }),
};
