/**
 * Standard OTEL_* variables that this package does not act on: they belong to metrics, logs, other languages
 * or other components, so that finding them set is no mistake.
 * Source: OpenTelemetry specification, "Environment Variable Specification", and the JavaScript SDK.
 */

/** Names, and beginnings of names, that cannot be a mistyped one of ours. */
const OTHER_SIGNALS = [
  'OTEL_BLRP_',
  'OTEL_EXPORTER_OTLP_LOGS_',
  'OTEL_EXPORTER_OTLP_METRICS_',
  'OTEL_EXPORTER_OTLP_PROFILES_',
  'OTEL_EXPORTER_PROMETHEUS_',
  'OTEL_LOGRECORD_',
  'OTEL_METRIC_EXPORT_',
  'OTEL_METRICS_EXEMPLAR_FILTER',
  'OTEL_ENTITIES',
  'OTEL_SEMCONV_STABILITY_OPT_IN',
  'OTEL_RESOURCE_ATTRIBUTES_',
  'OTEL_EXPORTER_OTLP_METRIC_INSECURE',
];

/** Beginnings under which anybody may add names; checked after looking for a near miss. */
const OPEN_ENDED = [
  'OTEL_ANDROID_',
  'OTEL_AUTO_',
  'OTEL_AWS_',
  'OTEL_COLLECTOR_',
  'OTEL_CPP_',
  'OTEL_DENO',
  'OTEL_DOTNET_',
  'OTEL_EBPF_',
  'OTEL_EXPERIMENTAL_',
  'OTEL_GO_',
  'OTEL_INJECTOR_',
  'OTEL_INSTRUMENTATION_',
  'OTEL_JAVA',
  'OTEL_LAMBDA_',
  'OTEL_NODE_',
  'OTEL_OPERATOR_',
  'OTEL_PHP_',
  'OTEL_PYTHON_',
  'OTEL_RUBY_',
  'OTEL_RUST_',
];

/** Variables that choose an exporter for another signal than traces. */
const SIGNALS: ReadonlyMap<string, string> = new Map([
  ['OTEL_LOGS_EXPORTER', 'logs'],
  ['OTEL_METRICS_EXPORTER', 'metrics'],
]);

/** Set in order to change what happens to traces, and yet without effect here: worth a word. */
const WITHOUT_EFFECT: readonly (readonly [beginning: string, fix: string])[] = [
  ['OTEL_CONFIG_FILE', 'Configuration files are not read; use the variables, or a .env file.'],
  ['OTEL_EXPERIMENTAL_CONFIG_FILE', 'Configuration files are not read; use the variables, or a .env file.'],
  ['OTEL_EXPORTER_JAEGER_', 'Use JAEGER_HOST and JAEGER_PORT.'],
  ['OTEL_EXPORTER_OTLP_SPAN_INSECURE', 'Use OTEL_EXPORTER_OTLP_TRACES_INSECURE.'],
  [
    'OTEL_EXPORTER_ZIPKIN_',
    'Zipkin is not spoken; send OTLP to an OpenTelemetry Collector that passes the spans on.',
  ],
  // Names that only the JavaScript SDK has, beside the specification's.
  ['OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT', 'Use OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT.'],
  ['OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT', 'Use OTEL_LINK_ATTRIBUTE_COUNT_LIMIT.'],
  ['JAEGER_AGENT_', 'Use JAEGER_HOST and JAEGER_PORT.'],
];

function startsWithOneOf(name: string, beginnings: readonly string[]): boolean {
  return beginnings.some((beginning) => name.startsWith(beginning));
}

/** `metrics` for the variable that chooses their exporter; undefined for a variable that chooses none. */
export function signalExportedBy(name: string): string | undefined {
  return SIGNALS.get(name);
}

export function belongsToOtherSignal(name: string): boolean {
  return startsWithOneOf(name, OTHER_SIGNALS);
}

export function isOpenEnded(name: string): boolean {
  return startsWithOneOf(name, OPEN_ENDED);
}

/** What to do about a standard variable that has no effect here, or undefined if it is none. */
export function remedyFor(name: string): string | undefined {
  return WITHOUT_EFFECT.find(([beginning]) => name.startsWith(beginning))?.[1];
}
