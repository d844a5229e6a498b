import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problemsMarkdown, settingsMarkdown } from '../../src/config/docs';
import { ROWS } from '../../src/config/settings';
import { nearest } from '../../src/config/suggest';
import { codes, loadFrom, problemWith } from './loading';

describe('a mistyped variable is told, with the name that was probably meant', () => {
  const rows: [name: string, meant: string][] = [
    ['CANVASOPS_ENABLE', 'CANVASOPS_ENABLED'],
    ['CANVASOPS_IGNORE_PATH', 'CANVASOPS_IGNORE_PATHS'],
    ['CANVASOPS_LOGLEVEL', 'CANVASOPS_LOG_LEVEL'],
    ['CANVASOPS_SDK_DISABLED', 'OTEL_SDK_DISABLED'],
    ['OTEL_TRACE_SAMPLER', 'OTEL_TRACES_SAMPLER'],
    ['OTEL_TRACES_EXPORTERS', 'OTEL_TRACES_EXPORTER'],
    ['OTEL_EXPORTER_OLTP_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    ['OTEL_EXPORTER_OTLP_ENDPIONT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    ['OTEL_EXPORTER_TRACES_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
    ['OTEL_SERVICENAME', 'OTEL_SERVICE_NAME'],
    ['OTEL_NODE_DISABLED_INSTRUMENTATION', 'OTEL_NODE_DISABLED_INSTRUMENTATIONS'],
    ['OTEL_INSTRUMENTATION_HTTP_KNOWN_METHOD', 'OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS'],
    ['OTLP_ENDPOIN', 'OTLP_ENDPOINT'],
    ['ARIZE_APIKEY', 'ARIZE_API_KEY'],
    ['PHOENIX_COLECTOR_ENDPOINT', 'PHOENIX_COLLECTOR_ENDPOINT'],
    ['JAEGER_HOTS', 'JAEGER_HOST'],
  ];
  for (const [name, meant] of rows) {
    it(`${name} -> ${meant}`, () => {
      for (const loaded of [loadFrom({ [name]: 'x' }), loadFrom({}, { [name]: 'x' })]) {
        const problem = problemWith(loaded, 'UNKNOWN_VARIABLE');
        assert.equal(problem.severity, 'error');
        assert.equal(problem.variable, name);
        assert.equal(problem.fix, `Did you mean ${meant}?`);
      }
    });
  }
  for (const name of ['CANVASOPS_FROBNICATE', 'OTEL_EXPORTER_FROBNICATE']) {
    it(`${name}, which is like no other, is told all the same`, () => {
      const { severity, fix } = problemWith(loadFrom({ [name]: 'x' }), 'UNKNOWN_VARIABLE');
      assert.equal(severity, 'error');
      assert.doesNotMatch(fix, /Did you mean/);
    });
  }
  it('OTEL_FROBNICATE may belong to another program, so it is a warning', () => {
    const { severity, fix } = problemWith(loadFrom({ OTEL_FROBNICATE: 'x' }), 'UNRECOGNIZED_VARIABLE');
    assert.equal(severity, 'warning');
    assert.doesNotMatch(fix, /Did you mean/);
  });
});

describe('what is not ours is left in peace', () => {
  const names = [
    'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
    'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
    'OTEL_EXPORTER_OTLP_LOGS_HEADERS',
    'OTEL_BLRP_SCHEDULE_DELAY',
    'OTEL_BLRP_MAX_QUEUE_SIZE',
    'OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT',
    'OTEL_METRIC_EXPORT_INTERVAL',
    'OTEL_SEMCONV_STABILITY_OPT_IN',
    'OTEL_EXPORTER_PROMETHEUS_PORT',
    'OTEL_PYTHON_LOG_CORRELATION',
    'OTEL_JAVAAGENT_ENABLED',
    'OTEL_DOTNET_AUTO_HOME',
    'OTEL_RESOURCE_ATTRIBUTES_POD_NAME',
    'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
    'OTEL_ENTITIES',
    'PHOENIX_WORKING_DIR',
    'PHOENIX_PORT',
    'PHOENIX_SECRET',
    'JAEGER_QUERY_BASE_PATH',
    'ARIZE_SOMETHING_ELSE',
    'CANVASOPSX',
    'MY_OTEL_SERVICE_NAME',
  ];
  for (const name of names) it(name, () => assert.deepEqual(codes(loadFrom({ [name]: '1' })), []));
  it('an unknown variable that is empty', () =>
    assert.deepEqual(codes(loadFrom({ OTEL_FROBNICATE: ' ' })), []));
});

describe('metrics and logs are not sent', () => {
  for (const name of ['OTEL_METRICS_EXPORTER', 'OTEL_LOGS_EXPORTER']) {
    for (const value of ['otlp', 'console', 'otlp,console']) {
      it(`${name}=${value} is told`, () => {
        const { severity, why } = problemWith(loadFrom({ [name]: value }), 'SIGNAL_NOT_SENT');
        assert.equal(severity, 'warning');
        assert.match(why, /only traces are sent/);
      });
    }
    it(`${name}=none is what happens`, () => assert.deepEqual(codes(loadFrom({ [name]: 'None' })), []));
  }
});

describe('standard variables that would change traces but do nothing here are told', () => {
  for (const name of [
    'OTEL_EXPORTER_JAEGER_ENDPOINT',
    'OTEL_EXPORTER_ZIPKIN_ENDPOINT',
    'OTEL_CONFIG_FILE',
    'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT',
    'OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT',
    'JAEGER_AGENT_HOST',
  ]) {
    it(name, () => assert.deepEqual(codes(loadFrom({ [name]: 'x' })), ['VARIABLE_WITHOUT_EFFECT']));
  }
});

it('a flood of unknown variables is cut short and costs little', () => {
  const env = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`OTEL_UNKNOWN_${index}`, 'x']));
  const started = performance.now();
  assert.equal(loadFrom(env).problems.length, 20);
  assert.ok(performance.now() - started < 500);
});

it('a name as short as a value is only near at one step, of which two swapped letters are one', () => {
  assert.equal(nearest('oltp', ['otlp', 'none']), 'otlp');
  assert.equal(nearest('gzpi', ['gzip', 'none']), 'gzip');
  assert.equal(nearest('nine', ['gzip', 'otlp']), undefined);
  assert.equal(nearest('x'.repeat(10_000), ['otlp']), undefined);
});

it('no known name is the near miss of nothing but itself', () => {
  const names = ROWS.flatMap(([, row]) => row.names);
  for (const name of names) assert.equal(nearest(name, names), name);
  assert.equal(new Set(names).size, names.length, 'no variable belongs to two settings');
});

describe('the documentation derives from the tables', () => {
  it('every variable and every code has its line', () => {
    const settings = settingsMarkdown();
    for (const [id, row] of ROWS) {
      for (const name of row.names) assert.ok(settings.includes(`\`${name}\``), name);
      assert.ok(row.help.endsWith('.') || row.help.endsWith('`.'), `${id}: a whole sentence`);
    }
    assert.match(settings, /### Arize\n\n\| variable \| default \|/);
    assert.ok(!settings.includes('undefined') && !settings.includes('[object'));
    assert.match(problemsMarkdown(), /\| `KEY_OVER_CLEAR_TEXT` \| error \|/);
  });
});
