/**
 * Every problem the configuration can have: its stable code, how bad it is, and when it is reported.
 * The documentation's table is made from this one.
 */
import type { Problem } from './types';

type Entry = readonly [severity: Problem['severity'], when: string];

export const PROBLEMS = {
  VALUE_NOT_BOOLEAN: ['error', 'A switch is neither `true` nor `false`; it counts as `false`.'],
  VALUE_NOT_NUMBER: ['error', 'A number cannot be read; it is ignored.'],
  VALUE_OUT_OF_RANGE: ['error', 'A number is outside its range; it is ignored.'],
  VALUE_UNKNOWN: ['error', 'A value is not one of those the setting knows; it is ignored.'],
  NAME_INVALID: ['error', 'A list has something that no header or method can be called; it is left out.'],
  GLOB_WITHOUT_MATCH: ['error', 'A glob for paths or hosts matches nothing as it is written.'],
  VALUE_QUOTED: ['warning', 'A value arrived with its quotation marks; they are taken off.'],
  PAIR_INVALID: ['error', 'An entry of a `key=value` list cannot be read; it is left out.'],
  PAIR_NOT_DECODED: ['warning', 'An entry has a `%` that is no percent-encoding; it is used as it is.'],
  HEADER_INVALID: ['error', 'A header has a name or a value that HTTP does not allow; it is left out.'],
  HEADER_RESERVED: ['error', 'A header belongs to the connection and cannot be set; it is left out.'],
  LIBRARY_UNKNOWN: [
    'error',
    'A list of libraries names one that is not traced here; it is left out, and a list of only such names is ignored.',
  ],
  LIBRARIES_ALL_OFF: [
    'warning',
    '`OTEL_NODE_ENABLED_INSTRUMENTATIONS` names only libraries that the official distribution traces and this package does not.',
  ],
  HOSTED_PACKAGE_MISSING: [
    'error',
    'A package named by `CANVASOPS_INSTRUMENTATIONS` is not installed (check-config only).',
  ],
  UNKNOWN_VARIABLE: [
    'error',
    'A variable that is not read by anything begins with `CANVASOPS_` or `OTEL_EXPORTER_`, or is nearly the name of a setting.',
  ],
  UNRECOGNIZED_VARIABLE: [
    'warning',
    'Another variable that begins with `OTEL_` is neither a setting nor a name that OpenTelemetry uses elsewhere.',
  ],
  SIGNAL_NOT_SENT: [
    'warning',
    '`OTEL_METRICS_EXPORTER` or `OTEL_LOGS_EXPORTER` asks for metrics or logs; only traces are sent.',
  ],
  VARIABLE_WITHOUT_EFFECT: ['warning', 'A standard variable is set that this package does not act on.'],
  KUBERNETES_SERVICE_LINK: [
    'warning',
    'Kubernetes set the variable for a Service of that name; it is ignored.',
  ],
  ENV_FILE_UNREADABLE: ['error', 'The file named by `CANVASOPS_ENV_FILE` cannot be read.'],
  ENV_FILE_SKIPPED: ['warning', 'There is a `.env` in the working directory, but it is not a readable file.'],
  ENDPOINT_INVALID: ['error', 'An endpoint is not a URL; nothing is sent to it.'],
  ENDPOINT_SCHEME: ['error', 'An endpoint has a scheme that cannot be spoken; nothing is sent to it.'],
  ENDPOINT_NO_SCHEME: ['warning', 'An endpoint has no scheme; one is assumed.'],
  ENDPOINT_NO_PORT: ['warning', 'An `http://` endpoint has no port, which means port 80.'],
  ENDPOINT_NO_PATH: ['warning', 'A traces endpoint, which is used as it is, has no path.'],
  ENDPOINT_PATH_DOUBLED: [
    'warning',
    'A base endpoint already ends in `/v1/traces`; it is not appended again.',
  ],
  ENDPOINT_PATH_IGNORED: ['warning', 'An endpoint spoken to over gRPC has a path, which gRPC does not use.'],
  ENDPOINT_GRPC_PORT: ['error', 'HTTP is to be spoken to 4317, the gRPC port.'],
  ENDPOINT_GRPC_ASSUMED: ['warning', 'The port is 4317 and no protocol is set: gRPC is used.'],
  ENDPOINT_HTTP_PORT: ['error', 'gRPC is to be spoken to 4318, the HTTP port.'],
  ENDPOINT_PORT_SUSPECT: ['warning', 'The port of an OTLP endpoint is known to speak something else.'],
  ENDPOINT_PROTOCOL_CONFLICT: ['error', 'The scheme says gRPC and the protocol setting says HTTP.'],
  ENDPOINT_SHADOWED: ['warning', '`OTLP_ENDPOINT` is set but a stronger endpoint variable wins.'],
  KEY_OVER_CLEAR_TEXT: ['error', 'Keys would cross a network unencrypted; they are not sent.'],
  OTLP_NOT_SELECTED: ['warning', 'An OTLP endpoint is set but `OTEL_TRACES_EXPORTER` leaves OTLP out.'],
  OTLP_WITHOUT_ENDPOINT: ['warning', 'OTLP headers or a key are set, but no OTLP endpoint.'],
  EXPORTER_UNKNOWN: [
    'error',
    '`OTEL_TRACES_EXPORTER` names something that does not exist here; it is ignored.',
  ],
  EXPORTER_NONE_MIXED: ['warning', '`OTEL_TRACES_EXPORTER` has `none` and others; `none` wins.'],
  EXPORTER_NONE_WINS: [
    'warning',
    '`OTEL_TRACES_EXPORTER=none` switches off a destination that is configured.',
  ],
  EXPORTER_MODULE_NAME: ['error', '`CANVASOPS_EXPORTER` names a built-in exporter or no module.'],
  EXPORTER_MODULE_MISSING: [
    'error',
    'The module named by `CANVASOPS_EXPORTER` is not there (check-config only).',
  ],
  JAEGER_UDP: ['warning', 'Jaeger is spoken to over UDP, which never says whether anything arrived.'],
  JAEGER_PORT_WRONG: ['error', 'The Jaeger port does not take what can be sent; nothing is sent to it.'],
  JAEGER_PORT_UNUSUAL: ['warning', 'The Jaeger port is none of the usual ones; OTLP/HTTP is assumed.'],
  JAEGER_PORT_TWICE: ['warning', '`JAEGER_HOST` and `JAEGER_PORT` name different ports.'],
  JAEGER_HOST_DEFAULTED: ['warning', '`JAEGER_PORT` is set without `JAEGER_HOST`; localhost is used.'],
  ARIZE_INCOMPLETE: ['error', 'Arize is half configured; nothing is sent to it.'],
  ARIZE_SPACE_NAME: [
    'warning',
    'The Arize space id does not look like one; Arize would drop everything silently.',
  ],
  PHOENIX_INCOMPLETE: ['error', 'Phoenix has credentials but no endpoint; nothing is sent to it.'],
  DESTINATION_DUPLICATE: ['warning', 'Two destinations have the same URL; only one is kept.'],
  TLS_PAIR: ['error', 'A client key is set without its certificate, or the other way round.'],
  TLS_UNUSED: ['warning', 'TLS files are set, but the endpoint is not encrypted.'],
  TLS_FILE_MISSING: ['error', 'A TLS file cannot be read (check-config only).'],
  DETECTOR_MISSING: [
    'error',
    '`OTEL_NODE_RESOURCE_DETECTORS` names a cloud whose detector is not installed (check-config only).',
  ],
  SAMPLER_ARG_UNUSED: ['warning', '`OTEL_TRACES_SAMPLER_ARG` is set, but the sampler takes no argument.'],
  BATCH_LARGER_THAN_QUEUE: [
    'warning',
    'The batch size is larger than the queue; it is lowered to the queue size.',
  ],
} as const satisfies Record<string, Entry>;

export type ProblemCode = keyof typeof PROBLEMS;

/** `why` and `fix` are whole sentences; they must not carry secrets, nor unquoted user text. */
export function problem(code: ProblemCode, variable: string, why: string, fix: string): Problem {
  return { severity: PROBLEMS[code][0], code, variable, why, fix };
}
