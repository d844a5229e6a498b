import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codes, destination, ids, loadFrom, otlpDestination, problemWith } from './loading';

describe('every configured destination is one, and OTEL_TRACES_EXPORTER selects among the standard ones', () => {
  const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' };
  const legacy = { OTLP_ENDPOINT: 'http://c:4318' };
  const arize = { ARIZE_API_KEY: 'k', ARIZE_SPACE_ID: 'U3BhY2U6MQ==' };
  const rows: [env: Record<string, string>, ids: string[], problems: string[]][] = [
    [{}, ['otlp'], []],
    [
      {
        ...otel,
        JAEGER_HOST: 'j',
        ...arize,
        PHOENIX_COLLECTOR_ENDPOINT: 'http://p:6006',
        OTEL_TRACES_EXPORTER: 'otlp,console',
        CANVASOPS_EXPORTER: './x.mjs',
      },
      ['otlp', 'jaeger', 'arize', 'phoenix', 'console', 'custom'],
      [],
    ],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, ['otlp'], []],
    [{ OTEL_TRACES_EXPORTER: 'console' }, ['console'], []],
    [{ OTEL_TRACES_EXPORTER: 'Console, OTLP' }, ['otlp', 'console'], []],
    [{ OTEL_TRACES_EXPORTER: 'console', JAEGER_HOST: 'j' }, ['jaeger', 'console'], []],
    [{ OTEL_TRACES_EXPORTER: 'console', ...legacy }, ['otlp', 'console'], []],
    [{ OTEL_TRACES_EXPORTER: 'console', ...otel }, ['console'], ['OTLP_NOT_SELECTED']],
    [{ OTEL_TRACES_EXPORTER: 'none' }, [], []],
    [{ OTEL_TRACES_EXPORTER: 'none', ...arize }, [], ['EXPORTER_NONE_WINS']],
    [{ OTEL_TRACES_EXPORTER: 'none', ...otel }, [], ['EXPORTER_NONE_WINS']],
    [{ OTEL_TRACES_EXPORTER: 'none,console' }, [], ['EXPORTER_NONE_MIXED']],
    [{ OTEL_TRACES_EXPORTER: 'zipkin' }, ['otlp'], ['EXPORTER_UNKNOWN']],
    [{ OTEL_TRACES_EXPORTER: 'jaeger,console' }, ['console'], ['EXPORTER_UNKNOWN']],
    [{ OTEL_TRACES_EXPORTER: ',' }, ['otlp'], []],
    [{ CANVASOPS_EXPORTER: './x.mjs' }, ['custom'], []],
    [{ JAEGER_HOST: 'j' }, ['jaeger'], []],
    [{ ...arize }, ['arize'], []],
  ];
  for (const [env, expected, problems] of rows) {
    it(`${JSON.stringify(env)} -> ${expected.join(', ') || 'nothing'}`, () => {
      const loaded = loadFrom(env);
      assert.deepEqual(ids(loaded), expected);
      assert.deepEqual(codes(loaded), problems);
    });
  }
  it('asked for by name, localhost is not the implicit destination', () => {
    assert.equal(otlpDestination(loadFrom({ OTEL_TRACES_EXPORTER: 'otlp' })).implicit, false);
    assert.equal(otlpDestination(loadFrom({})).implicit, true);
  });
  it('a protocol alone changes the implicit destination', () => {
    const { url, implicit } = otlpDestination(loadFrom({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }));
    assert.deepEqual([url, implicit], ['http://localhost:4317', true]);
  });
  it('jaeger as an exporter is pointed to JAEGER_HOST', () => {
    assert.match(
      problemWith(loadFrom({ OTEL_TRACES_EXPORTER: 'jaeger' }), 'EXPORTER_UNKNOWN').fix,
      /JAEGER_HOST/,
    );
  });
  it('destinations can come from both sources', () => {
    assert.deepEqual(ids(loadFrom({ JAEGER_HOST: 'j' }, otel)), ['otlp', 'jaeger']);
  });
});

describe('the same URL twice', () => {
  it('gets each span once, with what both know of it', () => {
    const loaded = loadFrom({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.arize.com',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-own=1',
      ARIZE_API_KEY: 'k',
      ARIZE_SPACE_ID: 'U3BhY2U6MQ==',
    });
    assert.deepEqual(ids(loaded), ['arize']);
    const { headers, dialect } = otlpDestination(loaded, 'arize');
    assert.deepEqual([headers['x-own'], headers.space_id, dialect], ['1', 'U3BhY2U6MQ==', 'openinference']);
    problemWith(loaded, 'DESTINATION_DUPLICATE');
  });
  it('Jaeger by two ways', () => {
    const loaded = loadFrom({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318',
      JAEGER_HOST: 'localhost',
    });
    assert.deepEqual(ids(loaded), ['jaeger']);
  });
  it('another port or protocol is another destination', () => {
    const loaded = loadFrom({ OTLP_ENDPOINT: 'http://localhost:4317', JAEGER_HOST: 'localhost' });
    assert.deepEqual(ids(loaded), ['otlp', 'jaeger']);
  });
});

describe('a custom exporter', () => {
  const rows: [value: string, module: string][] = [
    ['./x.mjs', '/app/x.mjs'],
    ['../x.mjs', '/x.mjs'],
    ['/opt/x.cjs', '/opt/x.cjs'],
    ['file:///opt/a%20b.mjs', '/opt/a b.mjs'],
    ['my-exporter', 'my-exporter'],
    ['@me/exporter/sub', '@me/exporter/sub'],
  ];
  for (const [value, module] of rows) {
    it(`${value} -> ${module}`, () => {
      const found = destination(loadFrom({ CANVASOPS_EXPORTER: value }), 'custom');
      assert.deepEqual(found, {
        id: 'custom',
        label: 'Custom exporter',
        transport: 'custom',
        module,
        timeoutMs: 30000,
      });
    });
  }
  for (const value of ['console', 'OTLP', 'none', 'true', 'file://%zz', './x\0.mjs']) {
    it(`${JSON.stringify(value)} is no module`, () => {
      const loaded = loadFrom({ CANVASOPS_EXPORTER: value });
      assert.deepEqual(ids(loaded), []);
      problemWith(loaded, 'EXPORTER_MODULE_NAME');
    });
  }
});

describe('TLS files', () => {
  const tls = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c', OTEL_EXPORTER_OTLP_CERTIFICATE: 'ca.pem' };
  it('are found from the working directory', () => {
    const pair = {
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/k.pem',
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: './c.pem',
    };
    const loaded = loadFrom({ ...tls, ...pair });
    assert.deepEqual(otlpDestination(loaded).tls, {
      certificate: '/app/ca.pem',
      clientKey: '/k.pem',
      clientCertificate: '/app/c.pem',
    });
    assert.deepEqual(codes(loaded), []);
  });
  it('a key needs its certificate', () => {
    const loaded = loadFrom({ ...tls, OTEL_EXPORTER_OTLP_CLIENT_KEY: 'k.pem' });
    assert.match(problemWith(loaded, 'TLS_PAIR').fix, /OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE/);
  });
  it('are no use without TLS', () => {
    problemWith(loadFrom({ ...tls, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }), 'TLS_UNUSED');
  });
  it('are not given to other destinations', () => {
    assert.deepEqual(otlpDestination(loadFrom({ ...tls, JAEGER_HOST: 'j' }), 'jaeger').tls, {});
  });
});

it('compression and timeout', () => {
  const loaded = loadFrom({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_TIMEOUT: '1234',
    PHOENIX_COLLECTOR_ENDPOINT: 'https://p',
  });
  const { compression, timeoutMs } = otlpDestination(loaded);
  assert.deepEqual([compression, timeoutMs], ['gzip', 1234]);
  assert.equal(otlpDestination(loaded, 'phoenix').timeoutMs, 1234);
});
