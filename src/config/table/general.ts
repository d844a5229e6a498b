/** Rows of the settings table: on or off, who the service is, what is sampled and kept. */
import { CLOUD_NAMES, REQUIRE_PARENT_NAMES } from '../../tracing/names';
import { showPairs } from '../display';
import { attributes } from '../key-values';
import { librariesToLeave, librariesToTrace } from '../library-names';
import { flag, list, listOf, oneOf, ratio, text, whole } from '../parse';
import { type Parser, setting } from '../setting';
import { methodNames } from '../tokens';
import type { LogLevel, RequireParentName, SamplerName } from '../types';

const MOST = 2_147_483_647;

/** OTEL_SDK_DISABLED says the same the other way round. */
const enabled: Parser<boolean> = (value, context) => {
  const on = flag(value, context);
  return on !== undefined && context.variable === 'OTEL_SDK_DISABLED' ? !on : on;
};

const logLevel = oneOf<LogLevel>(['none', 'error', 'warn', 'info', 'debug'], {
  // Further levels of the official JavaScript SDK's logger.
  verbose: 'debug',
  all: 'debug',
});

const SAMPLERS: readonly SamplerName[] = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
];

const BUILT_IN_DETECTORS = ['env', 'host', 'os', 'process', 'serviceinstance', 'container'] as const;

const count = whole(0, MOST, 'entries');

export const GENERAL = {
  enabled: setting<boolean>({
    group: 'General',
    names: ['CANVASOPS_ENABLED', 'OTEL_SDK_DISABLED'],
    parse: enabled,
    fallback: true,
    help: 'Whether anything is traced. `OTEL_SDK_DISABLED` says it the other way round.',
  }),
  logLevel: setting<LogLevel>({
    group: 'General',
    names: ['CANVASOPS_LOG_LEVEL', 'OTEL_LOG_LEVEL'],
    parse: logLevel,
    // The specification's default is info; a preload keeps quiet unless something is wrong.
    fallback: 'warn',
    help: 'How much is said on stderr: `none`, `error`, `warn`, `info` or `debug`.',
  }),
  envFile: setting<string | undefined>({
    group: 'General',
    names: ['CANVASOPS_ENV_FILE'],
    parse: text,
    fallback: undefined,
    fallbackText: '`.env` in the working directory',
    envOnly: true,
    help: 'A file of settings, weaker than the environment. It is only read, never put into `process.env`.',
  }),
  serviceName: setting<string | undefined>({
    group: 'Service',
    names: ['CANVASOPS_SERVICE_NAME', 'OTEL_SERVICE_NAME'],
    parse: text,
    fallback: undefined,
    fallbackText: "`service.name` of `OTEL_RESOURCE_ATTRIBUTES`, else the name in the app's package.json",
    help: 'The name of the service. Beats `service.name` in `OTEL_RESOURCE_ATTRIBUTES`.',
  }),
  resourceAttributes: setting<Readonly<Record<string, string>>>({
    group: 'Service',
    names: ['OTEL_RESOURCE_ATTRIBUTES'],
    parse: attributes,
    fallback: {},
    fallbackText: 'none',
    show: showPairs,
    help: 'What else is known of the service: `key=value,key2=value2`.',
  }),
  resourceDetectors: setting<readonly string[]>({
    group: 'Service',
    names: ['OTEL_NODE_RESOURCE_DETECTORS'],
    parse: listOf([...BUILT_IN_DETECTORS, ...CLOUD_NAMES, 'all', 'none']),
    fallback: BUILT_IN_DETECTORS,
    help: 'What is found out by itself: the default, and `aws`, `gcp`, `azure`, `alibaba` (by their `@opentelemetry/resource-detector-*` packages), `all`, `none`.',
  }),
  propagators: setting({
    group: 'Traces',
    names: ['OTEL_PROPAGATORS'],
    parse: listOf(['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'xray', 'ottrace', 'none']),
    fallback: ['tracecontext', 'baggage'],
    help: 'Headers that carry a trace from service to service. `none` switches them off.',
  }),
  sampler: setting<SamplerName>({
    group: 'Traces',
    names: ['OTEL_TRACES_SAMPLER'],
    parse: oneOf(SAMPLERS),
    fallback: 'parentbased_always_on',
    help: `Which traces are kept: ${SAMPLERS.map((name) => `\`${name}\``).join(', ')}.`,
  }),
  samplerRatio: setting<number>({
    group: 'Traces',
    names: ['OTEL_TRACES_SAMPLER_ARG'],
    parse: ratio,
    fallback: 1,
    help: 'The share of traces the ratio samplers keep, from 0 to 1.',
  }),
  requireParent: setting<readonly (RequireParentName | 'none')[]>({
    group: 'Traces',
    names: ['CANVASOPS_REQUIRE_PARENT'],
    parse: listOf([...REQUIRE_PARENT_NAMES, 'none']),
    fallback: ['blocking', 'polling', 'connection', 'library'],
    help: 'What makes no span of its own outside of a trace: commands that wait at the server (`blocking`), fetch the next job (`polling`), set up or keep up a connection (`connection`), or are sent by a queue library for itself (`library`); all of `database` or `http-client`; or `none`.',
  }),
  enabledInstrumentations: setting<readonly string[] | undefined>({
    group: 'Traces',
    names: ['CANVASOPS_INSTRUMENTATIONS_ENABLED', 'OTEL_NODE_ENABLED_INSTRUMENTATIONS'],
    parse: librariesToTrace,
    fallback: undefined,
    fallbackText: 'all',
    help: 'Only these libraries are traced: `http,pg`.',
  }),
  disabledInstrumentations: setting<readonly string[]>({
    group: 'Traces',
    names: ['CANVASOPS_INSTRUMENTATIONS_DISABLED', 'OTEL_NODE_DISABLED_INSTRUMENTATIONS'],
    parse: librariesToLeave,
    fallback: [],
    help: 'These libraries are not traced.',
  }),
  instrumentations: setting<readonly string[]>({
    group: 'Traces',
    names: ['CANVASOPS_INSTRUMENTATIONS'],
    parse: list,
    fallback: [],
    help: 'OpenTelemetry instrumentation packages of the app to be hosted as well: `@opentelemetry/instrumentation-graphql`; `@opentelemetry/auto-instrumentations-node` for those of that package.',
  }),
  knownMethods: setting<readonly string[] | undefined>({
    group: 'Traces',
    names: ['OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS'],
    parse: methodNames,
    fallback: undefined,
    fallbackText: 'the standard methods',
    help: 'HTTP methods that are reported by name; any other is reported as `_OTHER`.',
  }),
  attributeCount: setting<number>({
    group: 'Traces',
    names: ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
    parse: count,
    fallback: 128,
    help: 'Most attributes of a span.',
  }),
  attributeValueLength: setting<number>({
    group: 'Traces',
    names: ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
    parse: whole(0, MOST, 'characters'),
    fallback: Number.POSITIVE_INFINITY,
    fallbackText: 'no limit',
    show: (value) => (value === Number.POSITIVE_INFINITY ? 'no limit' : String(value)),
    help: 'Longest text of an attribute; longer ones are cut.',
  }),
  eventCount: setting<number>({
    group: 'Traces',
    names: ['OTEL_SPAN_EVENT_COUNT_LIMIT'],
    parse: count,
    fallback: 128,
    help: 'Most events of a span.',
  }),
  linkCount: setting<number>({
    group: 'Traces',
    names: ['OTEL_SPAN_LINK_COUNT_LIMIT'],
    parse: count,
    fallback: 128,
    help: 'Most links of a span.',
  }),
  attributePerEventCount: setting<number>({
    group: 'Traces',
    names: ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'],
    parse: count,
    fallback: 128,
    help: 'Most attributes of an event.',
  }),
  attributePerLinkCount: setting<number>({
    group: 'Traces',
    names: ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'],
    parse: count,
    fallback: 128,
    help: 'Most attributes of a link.',
  }),
};
