import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../src/config/types';
import { codes, loadFrom, otlpDestination, problemWith } from './loading';

const otlpOf = (config: Config) =>
  config.destinations.find((destination) => destination.transport === 'otlp');

const SWITCHES: [variable: string, read: (config: Config) => boolean][] = [
  ['CANVASOPS_ENABLED', (c) => c.enabled],
  ['CANVASOPS_CAPTURE_USER', (c) => c.captureUser],
  ['CANVASOPS_DB_PARAMETERS', (c) => c.dbParameters],
];

describe('a switch is true only for true', () => {
  for (const [variable, read] of SWITCHES) {
    for (const [text, expected] of [
      ['true', true],
      ['TRUE', true],
      ['True', true],
      ['false', false],
      ['FALSE', false],
    ] as const) {
      it(`${variable}=${text}`, () => {
        const loaded = loadFrom({ [variable]: text });
        assert.equal(read(loaded.config), expected);
        assert.deepEqual(codes(loaded), []);
      });
    }
    for (const text of ['1', '0', 'yes', 'no', 'on', 'off', 't', 'truee', 'tru e']) {
      it(`${variable}=${text} is reported and counts as false`, () => {
        const loaded = loadFrom({ [variable]: text });
        assert.equal(read(loaded.config), false);
        const problem = problemWith(loaded, 'VALUE_NOT_BOOLEAN');
        assert.equal(problem.variable, variable);
        assert.match(problem.fix, /true or false/);
      });
    }
  }
  for (const text of ['1', 'yes', 'on']) {
    it(`OTEL_SDK_DISABLED=${text} does not disable`, () => {
      const loaded = loadFrom({ OTEL_SDK_DISABLED: text });
      assert.equal(loaded.config.enabled, true);
      problemWith(loaded, 'VALUE_NOT_BOOLEAN');
    });
  }
});

const NUMBERS: [
  variable: string,
  read: (config: Config) => number | undefined,
  fallback: number | undefined,
  tooSmall?: string,
][] = [
  ['CANVASOPS_EXIT_TIMEOUT', (c) => c.exitTimeoutMs, 500],
  ['CANVASOPS_MAX_QUEUE_BYTES', (c) => c.batch.maxQueueBytes, 16777216, '100'],
  ['OTEL_BSP_SCHEDULE_DELAY', (c) => c.batch.scheduleDelayMs, 5000],
  ['OTEL_BSP_EXPORT_TIMEOUT', (c) => c.batch.exportTimeoutMs, 30000],
  ['OTEL_BSP_MAX_QUEUE_SIZE', (c) => c.batch.maxQueueSize, undefined, '0'],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', (c) => c.batch.maxBatchSize, 512, '0'],
  ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', (c) => c.limits.attributeCount, 128],
  ['OTEL_ATTRIBUTE_COUNT_LIMIT', (c) => c.limits.attributeCount, 128],
  ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', (c) => c.limits.attributeValueLength, Number.POSITIVE_INFINITY],
  ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', (c) => c.limits.attributeValueLength, Number.POSITIVE_INFINITY],
  ['OTEL_SPAN_EVENT_COUNT_LIMIT', (c) => c.limits.eventCount, 128],
  ['OTEL_SPAN_LINK_COUNT_LIMIT', (c) => c.limits.linkCount, 128],
  ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', (c) => c.limits.attributePerEventCount, 128],
  ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', (c) => c.limits.attributePerLinkCount, 128],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', (c) => otlpOf(c)?.timeoutMs, 10000],
  ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', (c) => otlpOf(c)?.timeoutMs, 10000],
];

describe('a number that cannot be used is reported and ignored', () => {
  for (const [variable, read, fallback, tooSmall] of NUMBERS) {
    it(`${variable} takes a number`, () => {
      const loaded = loadFrom({ [variable]: ' 70000 ' });
      assert.equal(read(loaded.config), 70000);
      assert.deepEqual(codes(loaded), []);
    });
    for (const text of [
      'abc',
      '5s',
      '1.5',
      '1e3',
      '0x10',
      '1_000',
      '1,000',
      'NaN',
      'Infinity',
      '--1',
      '-',
      '١٢',
    ]) {
      it(`${variable}=${text} is no number`, () => {
        const loaded = loadFrom({ [variable]: text });
        assert.equal(read(loaded.config), fallback);
        const problem = problemWith(loaded, 'VALUE_NOT_NUMBER');
        assert.equal(problem.severity, 'error');
        assert.ok(problem.why.includes(text) && problem.fix.includes(variable));
      });
    }
    for (const text of ['-1', '99999999999999999999', ...(tooSmall ? [tooSmall] : [])]) {
      it(`${variable}=${text} is out of range`, () => {
        const loaded = loadFrom({ [variable]: text });
        assert.equal(read(loaded.config), fallback);
        problemWith(loaded, 'VALUE_OUT_OF_RANGE');
      });
    }
  }
});

describe('the share of traces', () => {
  const sampler = { OTEL_TRACES_SAMPLER: 'traceidratio' };
  for (const [text, expected] of [
    ['0', 0],
    ['1', 1],
    ['0.25', 0.25],
    ['.5', 0.5],
    ['1.0', 1],
  ] as const) {
    it(`${text}`, () => {
      const loaded = loadFrom({ ...sampler, OTEL_TRACES_SAMPLER_ARG: text });
      assert.equal(loaded.config.samplerRatio, expected);
      assert.deepEqual(codes(loaded), []);
    });
  }
  for (const text of ['10%', '1.1', '-0.1', '1/2', '0,5', '.', '0.1.2', 'half', '1e-3']) {
    it(`${text} is reported and ignored`, () => {
      const loaded = loadFrom({ ...sampler, OTEL_TRACES_SAMPLER_ARG: text });
      assert.equal(loaded.config.samplerRatio, 1);
      assert.equal(loaded.problems.length, 1);
      assert.match(loaded.problems[0]?.fix ?? '', /from 0 \(none\) to 1 \(all\)/);
    });
  }
  it('without a sampler that takes it', () => {
    problemWith(loadFrom({ OTEL_TRACES_SAMPLER_ARG: '0.1' }), 'SAMPLER_ARG_UNUSED');
  });
});

const NAMES: [variable: string, bad: string, good: string, suggestion: string][] = [
  ['CANVASOPS_LOG_LEVEL', 'debg', 'debug', 'debug'],
  ['OTEL_LOG_LEVEL', 'loud', 'INFO', 'none, error, warn, info, debug'],
  ['OTEL_TRACES_SAMPLER', 'parentbased_traceidratoi', 'ParentBased_TraceIdRatio', 'parentbased_traceidratio'],
  ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'always_off', 'always_on'],
  ['OTEL_PROPAGATORS', 'tracecontex', 'b3multi', 'tracecontext'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grcp', 'grpc', 'grpc'],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http', 'HTTP/JSON', 'http/protobuf'],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'gzipp', 'gzip', 'gzip'],
  ['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'zstd', 'none', 'gzip'],
  ['OTEL_NODE_RESOURCE_DETECTORS', 'azzure', 'env,aws', 'process'],
  ['ARIZE_REGION', 'mars', 'eu', 'eu-west-1a'],
  ['OTEL_TRACES_EXPORTER', 'oltp', 'otlp', 'otlp'],
];

describe('a name that is not known is reported with the known ones, and ignored', () => {
  for (const [variable, bad, good, suggestion] of NAMES) {
    it(`${variable}=${bad}`, () => {
      const { config, problems } = loadFrom({ [variable]: bad });
      assert.deepEqual(config, loadFrom({}).config, 'as if it were not set');
      assert.equal(problems.length, 1);
      assert.equal(problems[0]?.severity, 'error');
      assert.equal(problems[0]?.variable, variable);
      assert.ok(problems[0]?.why.includes(bad), 'the value is named, to be found again');
      assert.ok(problems[0]?.fix.includes(suggestion));
    });
    it(`${variable}=${good} is fine`, () => assert.deepEqual(codes(loadFrom({ [variable]: good })), []));
  }
  it('one bad name of a list leaves the others', () => {
    const loaded = loadFrom({ OTEL_PROPAGATORS: 'b3,bogus,xray' });
    assert.deepEqual(loaded.config.propagators, ['b3', 'xray']);
    assert.match(problemWith(loaded, 'VALUE_UNKNOWN').why, /bogus/);
  });
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    it(`${name} is no log level`, () => {
      const loaded = loadFrom({ OTEL_LOG_LEVEL: name });
      assert.equal(loaded.config.logLevel, 'warn');
      problemWith(loaded, 'VALUE_UNKNOWN');
    });
  }
});

it('a batch larger than the queue is lowered to it', () => {
  const set = loadFrom({ OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '200' });
  assert.equal(set.config.batch.maxBatchSize, 100);
  problemWith(set, 'BATCH_LARGER_THAN_QUEUE');
  const byDefault = loadFrom({ OTEL_BSP_MAX_QUEUE_SIZE: '100' });
  assert.equal(byDefault.config.batch.maxBatchSize, 100);
  assert.deepEqual(codes(byDefault), []);
});

it('quotation marks that came along are taken off', () => {
  const loaded = loadFrom({
    OTEL_EXPORTER_OTLP_ENDPOINT: '"http://c:4318"',
    OTEL_LOG_LEVEL: "'debug'",
    OTEL_SERVICE_NAME: '""',
  });
  assert.equal(otlpDestination(loaded).url, 'http://c:4318/v1/traces');
  assert.equal(loaded.config.logLevel, 'debug');
  assert.equal(loaded.config.serviceName, undefined);
  assert.equal(codes(loaded).filter((code) => code === 'VALUE_QUOTED').length, 3);
});
