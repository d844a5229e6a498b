/** Rows of the settings table: Jaeger, Arize and Phoenix by their own variables. */
import { showUrl } from '../display';
import { headers, key } from '../key-values';
import { oneOf, text, whole } from '../parse';
import { problem } from '../problem';
import { type Parser, setting } from '../setting';

const portNumber = whole(1, 65_535);

/** Kubernetes gives every pod `JAEGER_PORT=tcp://10.0.0.1:16686` if there is a Service named `jaeger`. */
const jaegerPort: Parser<number> = (value, context) => {
  if (!value.startsWith('tcp://') && !value.startsWith('udp://')) return portNumber(value, context);
  context.problems.push(
    problem(
      'KUBERNETES_SERVICE_LINK',
      context.variable,
      `${context.variable} was set by Kubernetes for a Service named jaeger, so it is ignored.`,
      `Set JAEGER_HOST to the Service's name and ${context.variable} to 4318, or switch enableServiceLinks off.`,
    ),
  );
  return undefined;
};

export type ArizeRegion = 'us' | 'us-central-1a' | 'us-east-1b' | 'eu-west-1a' | 'ca-central-1a';

const showEndpoint = (value: string | undefined) => (value === undefined ? 'not set' : showUrl(value));

export const VENDORS = {
  jaegerHost: setting<string | undefined>({
    group: 'Jaeger',
    names: ['JAEGER_HOST'],
    parse: text,
    fallback: undefined,
    show: showEndpoint,
    help: 'Host of Jaeger, also as `grpc://host:port` or `https://host`.',
  }),
  jaegerPort: setting<number | undefined>({
    group: 'Jaeger',
    names: ['JAEGER_PORT'],
    parse: jaegerPort,
    fallback: undefined,
    fallbackText: '4318',
    help: '4318 = OTLP/HTTP, 4317 = OTLP/gRPC, 6831 = Thrift over UDP, which gives no delivery signal. Any other port takes HTTP, or gRPC where `JAEGER_HOST` begins with `grpc://`.',
  }),
  arizeApiKey: setting<string | undefined>({
    group: 'Arize',
    names: ['ARIZE_API_KEY'],
    parse: key,
    fallback: undefined,
    secret: true,
    help: 'API key of Arize AX.',
  }),
  arizeSpace: setting<string | undefined>({
    group: 'Arize',
    names: ['ARIZE_SPACE_ID', 'ARIZE_SPACE_KEY'],
    parse: key,
    fallback: undefined,
    secret: true,
    help: 'The space: its id (starts with `U3BhY2U6`), or the older space key.',
  }),
  arizeProject: setting<string>({
    group: 'Arize',
    names: ['ARIZE_PROJECT_NAME'],
    parse: text,
    fallback: 'default',
    help: 'Project the traces appear under.',
  }),
  arizeEndpoint: setting<string | undefined>({
    group: 'Arize',
    names: ['ARIZE_COLLECTOR_ENDPOINT'],
    parse: text,
    fallback: undefined,
    fallbackText: "the region's",
    show: showEndpoint,
    help: 'Where Arize listens, if not in one of its own regions.',
  }),
  arizeRegion: setting<ArizeRegion>({
    group: 'Arize',
    names: ['ARIZE_REGION'],
    parse: oneOf<ArizeRegion>(['us', 'us-central-1a', 'us-east-1b', 'eu-west-1a', 'ca-central-1a'], {
      eu: 'eu-west-1a',
      ca: 'ca-central-1a',
    }),
    fallback: 'us',
    help: '`us`, `eu` (`eu-west-1a`), `ca` (`ca-central-1a`), `us-central-1a` or `us-east-1b`.',
  }),
  phoenixEndpoint: setting<string | undefined>({
    group: 'Phoenix',
    names: ['PHOENIX_COLLECTOR_ENDPOINT'],
    parse: text,
    fallback: undefined,
    show: showEndpoint,
    help: 'Where Phoenix listens: `http://localhost:6006`. `/v1/traces` is appended. Port 4317 is gRPC, any other with `grpc://host:port`.',
  }),
  phoenixApiKey: setting<string | undefined>({
    group: 'Phoenix',
    names: ['PHOENIX_API_KEY'],
    parse: key,
    fallback: undefined,
    secret: true,
    help: 'Sent as `authorization: Bearer ...`.',
  }),
  phoenixHeaders: setting<Readonly<Record<string, string>>>({
    group: 'Phoenix',
    names: ['PHOENIX_CLIENT_HEADERS'],
    parse: headers,
    fallback: {},
    fallbackText: 'none',
    secret: true,
    help: 'Further request headers: `name=value,name2=value2`.',
  }),
  phoenixProject: setting<string | undefined>({
    group: 'Phoenix',
    names: ['PHOENIX_PROJECT', 'PHOENIX_PROJECT_NAME'],
    parse: text,
    fallback: undefined,
    fallbackText: "`default`, which is Phoenix's own",
    help: 'Project the traces appear under.',
  }),
};
