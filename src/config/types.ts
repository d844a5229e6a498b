/** The effective configuration: what `load()` returns and everything else reads. Plain data. */
import type { PropagatorName, RequireParentName, SamplerName } from '../tracing/names';
import type { SpanLimits } from '../tracing/types';

/** Where a value came from, for check-config. */
export interface SettingOrigin {
  readonly kind: 'env' | 'file' | 'default';
  /** The variable's name, or '' for a default. */
  readonly variable: string;
  /** Path of the .env file when kind is 'file'. */
  readonly file?: string;
}

/** One thing wrong with the configuration: a stable code, what it is, and the way out. */
export interface Problem {
  /** `error`: the setting cannot be used as meant. `warning`: it works, but probably not as meant. */
  readonly severity: 'error' | 'warning';
  /** Stable, upper case, e.g. `ENDPOINT_GRPC_PORT`. */
  readonly code: string;
  /** The variable at fault, or ''. */
  readonly variable: string;
  readonly why: string;
  readonly fix: string;
}

export type OtlpProtocol = 'http/protobuf' | 'http/json' | 'grpc';
export type Compression = 'none' | 'gzip';

interface DestinationBase {
  /** `otlp`, `jaeger`, `arize`, `phoenix`, `console`, `custom`. Unique in the list. */
  readonly id: string;
  /** For people: `Arize (EU)`, `Jaeger over UDP`. */
  readonly label: string;
}

export interface TlsFiles {
  /** PEM files' paths (trusted root, client key, client certificate); undefined = Node's defaults. */
  readonly certificate?: string;
  readonly clientKey?: string;
  readonly clientCertificate?: string;
}

export interface OtlpDestination extends DestinationBase {
  readonly transport: 'otlp';
  readonly protocol: OtlpProtocol;
  /** http: full URL with path, as it is requested. grpc: `http://host:port` or `https://host:port`. */
  readonly url: string;
  /** Lower-case names. Values are secrets: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: Compression;
  readonly timeoutMs: number;
  readonly tls: TlsFiles;
  /** Extra attributes for this destination's resource only (Arize's and Phoenix's project). */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** `openinference`: spans also carry `openinference.span.kind` and a `metadata` JSON string (Arize, Phoenix). */
  readonly dialect: 'plain' | 'openinference';
  /** Where a person looks at the traces, if known: `http://localhost:16686`. */
  readonly uiUrl?: string;
  /** True for the destination used because nothing was configured. */
  readonly implicit: boolean;
}

export interface JaegerUdpDestination extends DestinationBase {
  readonly transport: 'jaeger-udp';
  readonly host: string;
  readonly port: number;
  readonly uiUrl?: string;
}
export interface ConsoleDestination extends DestinationBase {
  readonly transport: 'console';
}
export interface CustomDestination extends DestinationBase {
  readonly transport: 'custom';
  /** Absolute path or bare specifier of the module. */
  readonly module: string;
  readonly timeoutMs: number;
}

export type Destination = OtlpDestination | JaegerUdpDestination | ConsoleDestination | CustomDestination;

export type { PropagatorName, RequireParentName, SamplerName } from '../tracing/names';
export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug';

export interface Config {
  readonly enabled: boolean;
  readonly logLevel: LogLevel;
  readonly serviceName: string | undefined;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** `env,host,os,process,serviceinstance,all,none` as OTEL_NODE_RESOURCE_DETECTORS has them. */
  readonly resourceDetectors: readonly string[];
  readonly propagators: readonly PropagatorName[];
  readonly sampler: SamplerName;
  /** 0..1; used by the ratio samplers. */
  readonly samplerRatio: number;
  readonly destinations: readonly Destination[];
  readonly batch: {
    readonly scheduleDelayMs: number;
    readonly exportTimeoutMs: number;
    /** Spans; undefined = bounded by bytes only. */
    readonly maxQueueSize: number | undefined;
    readonly maxBatchSize: number;
    /** Bytes per destination. */
    readonly maxQueueBytes: number;
  };
  /** Where undelivered spans are kept for the next start; undefined = nowhere. */
  readonly spool: { readonly folder: string; readonly maxBytes: number } | undefined;
  /** How long an ending process may be held up by an unreachable backend. */
  readonly exitTimeoutMs: number;
  readonly limits: SpanLimits;
  /** Operations that make no span where it would be the root of a trace. */
  readonly requireParent: readonly RequireParentName[];
  /** undefined = all; names as in the registry (`pg`, `http`, ...). */
  readonly enabledInstrumentations: readonly string[] | undefined;
  readonly disabledInstrumentations: readonly string[];
  /** npm names of OpenTelemetry instrumentations to be hosted. */
  readonly instrumentations: readonly string[];
  /** Globs matched against the path of incoming requests. */
  readonly ignorePaths: readonly string[];
  readonly captureUser: boolean;
  /** Lower-case header names. */
  readonly captureRequestHeaders: readonly string[];
  readonly captureResponseHeaders: readonly string[];
  /** Added to the built-in list of secret keys. */
  readonly redactKeys: readonly string[];
  readonly dbParameters: boolean;
  /** Milliseconds: a longer wait for a connection has a span. */
  readonly dbConnectionWait: number;
  /** From so many of the same statement below one span on, the request is marked. 0 = never. */
  readonly dbRepeatedStatements: number;
  /** undefined = every host. Host globs (`*.example.com`, `host:port`). */
  readonly propagateTo: readonly string[] | undefined;
  /** Methods not reported as `_OTHER`; undefined = the standard ones. */
  readonly knownMethods: readonly string[] | undefined;
}

/** What the settings must know of a library: the names of an entry of the registry. */
export interface LibraryNames {
  /** Switches it. */
  readonly name: string;
  /** Switches it together with others. */
  readonly group?: string;
  readonly title: string;
  readonly packages: readonly { readonly package: string }[];
  /** npm name of the OpenTelemetry instrumentation that makes the same spans. */
  readonly official?: string;
}

/** What `load()` works on: everything it may know of the outside. */
export interface Sources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The `.env` file, if there is one. */
  readonly file?: { readonly path: string; readonly values: Readonly<Record<string, string>> };
  readonly cwd: string;
  /** What went wrong while gathering the sources; passed on with the rest. */
  readonly problems?: readonly Problem[];
}

/** One line of check-config. Safe to print as it is: secrets are only `set` or `not set`. */
export interface EffectiveSetting {
  readonly id: string;
  readonly group: string;
  /** Variables that can set it, strongest first. */
  readonly names: readonly string[];
  readonly secret: boolean;
  readonly shown: string;
  readonly origin: SettingOrigin;
  /** Weaker variables that are set too and therefore have no effect. */
  readonly overridden: readonly SettingOrigin[];
}

/** What `load()` returns. */
export interface Loaded {
  readonly config: Config;
  readonly problems: readonly Problem[];
  readonly settings: readonly EffectiveSetting[];
}
