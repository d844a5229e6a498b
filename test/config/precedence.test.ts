import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config, Loaded } from '../../src/config/types';
import { loadFrom, otlpDestination, problemWith } from './loading';

type Variables = Record<string, string>;
type Row = [
  what: string,
  env: Variables,
  file: Variables,
  read: (config: Config) => unknown,
  expected: unknown,
];

const ROWS: Row[] = [
  [
    'the environment beats the file',
    { OTEL_SERVICE_NAME: 'env' },
    { OTEL_SERVICE_NAME: 'file' },
    (c) => c.serviceName,
    'env',
  ],
  ['the file beats the default', {}, { OTEL_SERVICE_NAME: 'file' }, (c) => c.serviceName, 'file'],
  [
    'CANVASOPS_* beats OTEL_* within a source',
    { OTEL_SERVICE_NAME: 'otel', CANVASOPS_SERVICE_NAME: 'ours' },
    {},
    (c) => c.serviceName,
    'ours',
  ],
  [
    'the source counts more than the name',
    { OTEL_SERVICE_NAME: 'env' },
    { CANVASOPS_SERVICE_NAME: 'file' },
    (c) => c.serviceName,
    'env',
  ],
  [
    'empty is not set',
    { OTEL_SERVICE_NAME: '' },
    { OTEL_SERVICE_NAME: 'file' },
    (c) => c.serviceName,
    'file',
  ],
  [
    'whitespace is not set',
    { CANVASOPS_LOG_LEVEL: ' \t', OTEL_LOG_LEVEL: 'debug' },
    {},
    (c) => c.logLevel,
    'debug',
  ],
  [
    'an unusable value is not set',
    { CANVASOPS_LOG_LEVEL: 'loud', OTEL_LOG_LEVEL: 'debug' },
    {},
    (c) => c.logLevel,
    'debug',
  ],
  ['values are trimmed', { OTEL_LOG_LEVEL: ' Info\r\n' }, {}, (c) => c.logLevel, 'info'],
  ['a switch of ours', { CANVASOPS_ENABLED: 'false' }, {}, (c) => c.enabled, false],
  ['the standard switch, the other way round', { OTEL_SDK_DISABLED: 'true' }, {}, (c) => c.enabled, false],
  ['the standard switch, off', { OTEL_SDK_DISABLED: 'FALSE' }, {}, (c) => c.enabled, true],
  [
    'our switch beats the standard one',
    { CANVASOPS_ENABLED: 'true', OTEL_SDK_DISABLED: 'true' },
    {},
    (c) => c.enabled,
    true,
  ],
  [
    'OTEL_SERVICE_NAME beats service.name',
    { OTEL_SERVICE_NAME: 'a', OTEL_RESOURCE_ATTRIBUTES: 'service.name=b' },
    {},
    (c) => [c.serviceName, c.resourceAttributes['service.name']],
    ['a', 'a'],
  ],
  [
    'service.name alone',
    { OTEL_RESOURCE_ATTRIBUTES: 'service.name=b,x=1' },
    {},
    (c) => [c.serviceName, { ...c.resourceAttributes }],
    ['b', { 'service.name': 'b', x: '1' }],
  ],
  [
    'service.name of the environment beats OTEL_SERVICE_NAME of the file',
    { OTEL_RESOURCE_ATTRIBUTES: 'service.name=b' },
    { OTEL_SERVICE_NAME: 'a' },
    (c) => c.serviceName,
    'b',
  ],
  [
    'the span limit beats the general one',
    { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '5', OTEL_ATTRIBUTE_COUNT_LIMIT: '9' },
    {},
    (c) => c.limits.attributeCount,
    5,
  ],
  [
    'the general limit',
    { OTEL_ATTRIBUTE_COUNT_LIMIT: '9', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '10' },
    {},
    (c) => [c.limits.attributeCount, c.limits.attributeValueLength],
    [9, 10],
  ],
  [
    'our list of libraries beats the standard one',
    { CANVASOPS_INSTRUMENTATIONS_ENABLED: 'Pg, http,pg', OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'redis' },
    {},
    (c) => c.enabledInstrumentations,
    ['pg', 'http'],
  ],
  ['no operation needs a parent', { CANVASOPS_REQUIRE_PARENT: 'none' }, {}, (c) => c.requireParent, []],
  [
    'some operations need a parent',
    { CANVASOPS_REQUIRE_PARENT: 'Database, polling' },
    {},
    (c) => c.requireParent,
    ['database', 'polling'],
  ],
  ['no propagators', { OTEL_PROPAGATORS: 'none' }, {}, (c) => c.propagators, []],
  [
    'propagators once each',
    { OTEL_PROPAGATORS: 'b3, B3,tracecontext' },
    {},
    (c) => c.propagators,
    ['b3', 'tracecontext'],
  ],
  ['trace headers to nobody', { CANVASOPS_PROPAGATE_TO: 'none' }, {}, (c) => c.propagateTo, []],
  [
    'trace headers to some',
    { CANVASOPS_PROPAGATE_TO: '*.Example.com, api:8080' },
    {},
    (c) => c.propagateTo,
    ['*.example.com', 'api:8080'],
  ],
  [
    'the traces protocol beats the general one',
    { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    {},
    (c) => c.destinations.map((d) => d.transport === 'otlp' && d.protocol),
    ['http/json'],
  ],
  [
    'a timeout of 0 is no limit',
    { OTEL_EXPORTER_OTLP_TIMEOUT: '0' },
    {},
    (c) => c.destinations.map((d) => d.transport === 'otlp' && d.timeoutMs),
    [2147483647],
  ],
];

describe('of several sources and names the strongest one that is usable wins', () => {
  for (const [what, env, file, read, expected] of ROWS) {
    it(what, () => assert.deepEqual(read(loadFrom(env, file).config), expected));
  }
});

describe('endpoints', () => {
  const url = (loaded: Loaded) => otlpDestination(loaded).url;
  it('traces beats base beats OTLP_ENDPOINT within one source', () => {
    const all = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a:4318/x',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b:4318',
      OTLP_ENDPOINT: 'http://c:4318',
    };
    assert.equal(url(loadFrom(all)), 'http://a:4318/x');
    const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: _, ...two } = all;
    assert.equal(url(loadFrom(two)), 'http://b:4318/v1/traces');
  });
  it('the environment beats the file, whatever the names', () => {
    const loaded = loadFrom(
      { OTLP_ENDPOINT: 'http://c:4318' },
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a:4318/x' },
    );
    assert.equal(url(loaded), 'http://c:4318/v1/traces');
  });
  it('an OTLP_ENDPOINT that loses is said to, and its key goes nowhere', () => {
    const loaded = loadFrom(
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://b' },
      { OTLP_ENDPOINT: 'https://c', OTLP_API_KEY: 'k' },
    );
    assert.deepEqual({ ...otlpDestination(loaded).headers }, {});
    assert.match(problemWith(loaded, 'ENDPOINT_SHADOWED').fix, /OTEL_EXPORTER_OTLP_HEADERS/);
  });
});

describe('each setting tells where it came from', () => {
  it('environment, file or default, and what it overrides', () => {
    const { settings } = loadFrom({ OTEL_LOG_LEVEL: 'info' }, { OTEL_LOG_LEVEL: 'debug', JAEGER_HOST: 'j' });
    const byId = new Map(settings.map((setting) => [setting.id, setting]));
    assert.deepEqual(byId.get('logLevel')?.origin, { kind: 'env', variable: 'OTEL_LOG_LEVEL' });
    assert.deepEqual(byId.get('logLevel')?.overridden, [
      { kind: 'file', variable: 'OTEL_LOG_LEVEL', file: '/app/.env' },
    ]);
    assert.deepEqual(byId.get('jaegerHost')?.origin, {
      kind: 'file',
      variable: 'JAEGER_HOST',
      file: '/app/.env',
    });
    assert.deepEqual(byId.get('sampler')?.origin, { kind: 'default', variable: '' });
  });
  it('the service name shows the resource attribute it was taken from', () => {
    const { settings } = loadFrom({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop' });
    const { shown, origin } = settings.find(({ id }) => id === 'serviceName') ?? assert.fail('no such row');
    assert.deepEqual([shown, origin.variable], ['shop', 'OTEL_RESOURCE_ATTRIBUTES']);
  });
});
