import assert from 'node:assert/strict';
import { it } from 'node:test';
import { codes, loadFrom } from './loading';

it('nothing set: the documented defaults, no problem', () => {
  const loaded = loadFrom({ PATH: '/bin', HOME: '/root' });
  assert.deepEqual(codes(loaded), []);
  const { destinations, ...config } = loaded.config;
  assert.deepEqual(config, {
    enabled: true,
    logLevel: 'warn',
    serviceName: undefined,
    resourceAttributes: {},
    resourceDetectors: ['env', 'host', 'os', 'process', 'serviceinstance', 'container'],
    propagators: ['tracecontext', 'baggage'],
    sampler: 'parentbased_always_on',
    samplerRatio: 1,
    batch: {
      scheduleDelayMs: 5000,
      exportTimeoutMs: 30000,
      maxQueueSize: undefined,
      maxBatchSize: 512,
      maxQueueBytes: 16777216,
    },
    spool: undefined,
    exitTimeoutMs: 500,
    limits: {
      attributeCount: 128,
      attributeValueLength: Number.POSITIVE_INFINITY,
      eventCount: 128,
      linkCount: 128,
      attributePerEventCount: 128,
      attributePerLinkCount: 128,
    },
    requireParent: ['blocking', 'polling', 'connection', 'library'],
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
  });
  assert.deepEqual(destinations, [
    {
      id: 'otlp',
      label: 'OTLP (default)',
      transport: 'otlp',
      protocol: 'http/protobuf',
      url: 'http://localhost:4318/v1/traces',
      headers: {},
      compression: 'none',
      timeoutMs: 10000,
      tls: {},
      resourceAttributes: {},
      dialect: 'plain',
      implicit: true,
    },
  ]);
});
