/** Configurations for the tests of the pipeline. */
import type { Config, Destination, OtlpDestination } from '../../src/config/types';

export function otlp(url: string, over: Partial<OtlpDestination> = {}): OtlpDestination {
  return {
    id: 'otlp',
    label: 'OTLP',
    transport: 'otlp',
    protocol: 'http/protobuf',
    url,
    headers: {},
    compression: 'none',
    timeoutMs: 5000,
    tls: {},
    resourceAttributes: {},
    dialect: 'plain',
    implicit: false,
    ...over,
  };
}

export function config(destinations: readonly Destination[], batch: Partial<Config['batch']> = {}): Config {
  return {
    enabled: true,
    logLevel: 'info',
    serviceName: 'test',
    resourceAttributes: {},
    resourceDetectors: [],
    propagators: [],
    sampler: 'always_on',
    samplerRatio: 1,
    destinations,
    batch: {
      scheduleDelayMs: 5000,
      exportTimeoutMs: 30_000,
      maxQueueSize: undefined,
      maxBatchSize: 512,
      maxQueueBytes: 16 * 1024 * 1024,
      ...batch,
    },
    spool: undefined,
    exitTimeoutMs: 500,
    requireParent: [],
    limits: {
      attributeCount: 128,
      attributeValueLength: Number.POSITIVE_INFINITY,
      eventCount: 128,
      linkCount: 128,
      attributePerEventCount: 128,
      attributePerLinkCount: 128,
    },
    enabledInstrumentations: undefined,
    disabledInstrumentations: [],
    ignorePaths: [],
    captureUser: true,
    captureRequestHeaders: [],
    captureResponseHeaders: [],
    redactKeys: [],
    dbParameters: false,
    dbConnectionWait: 1,
    dbRepeatedStatements: 10,
    propagateTo: undefined,
    instrumentations: [],
    knownMethods: undefined,
  };
}
