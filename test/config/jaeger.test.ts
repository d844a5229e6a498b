import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codes, destination, ids, loadFrom, otlpDestination, problemWith } from './loading';

describe('Jaeger: the port says which way in is meant', () => {
  const http = 'http/protobuf';
  const rows: [
    env: Record<string, string>,
    protocol: string,
    url: string,
    ui: string | undefined,
    problems: string[],
  ][] = [
    [{ JAEGER_HOST: 'jaeger' }, http, 'http://jaeger:4318/v1/traces', 'http://jaeger:16686', []],
    [
      { JAEGER_HOST: 'jaeger', JAEGER_PORT: '4318' },
      http,
      'http://jaeger:4318/v1/traces',
      'http://jaeger:16686',
      [],
    ],
    [{ JAEGER_HOST: 'jaeger', JAEGER_PORT: '4317' }, 'grpc', 'http://jaeger:4317', 'http://jaeger:16686', []],
    [
      { JAEGER_HOST: 'jaeger', JAEGER_PORT: '9000' },
      http,
      'http://jaeger:9000/v1/traces',
      'http://jaeger:16686',
      ['JAEGER_PORT_UNUSUAL'],
    ],
    [{ JAEGER_HOST: 'jaeger:4317' }, 'grpc', 'http://jaeger:4317', 'http://jaeger:16686', []],
    [{ JAEGER_HOST: 'jaeger:4318' }, http, 'http://jaeger:4318/v1/traces', 'http://jaeger:16686', []],
    [{ JAEGER_HOST: 'http://jaeger' }, http, 'http://jaeger:4318/v1/traces', 'http://jaeger:16686', []],
    [{ JAEGER_HOST: 'http://jaeger:4318/' }, http, 'http://jaeger:4318/v1/traces', 'http://jaeger:16686', []],
    [
      { JAEGER_HOST: 'http://jaeger:4318/v1/traces' },
      http,
      'http://jaeger:4318/v1/traces',
      'http://jaeger:16686',
      [],
    ],
    [{ JAEGER_HOST: 'https://jaeger.example' }, http, 'https://jaeger.example/v1/traces', undefined, []],
    [
      { JAEGER_HOST: 'https://jaeger.example/jaeger' },
      http,
      'https://jaeger.example/jaeger/v1/traces',
      undefined,
      [],
    ],
    [{ JAEGER_HOST: 'grpc://jaeger' }, 'grpc', 'http://jaeger:4317', 'http://jaeger:16686', []],
    [
      { JAEGER_HOST: 'jaeger:4318', JAEGER_PORT: '4317' },
      'grpc',
      'http://jaeger:4317',
      'http://jaeger:16686',
      ['JAEGER_PORT_TWICE'],
    ],
    [{ JAEGER_HOST: '::1' }, http, 'http://[::1]:4318/v1/traces', 'http://[::1]:16686', []],
    [{ JAEGER_HOST: '[::1]', JAEGER_PORT: '4317' }, 'grpc', 'http://[::1]:4317', 'http://[::1]:16686', []],
    [
      { JAEGER_PORT: '4318' },
      http,
      'http://localhost:4318/v1/traces',
      'http://localhost:16686',
      ['JAEGER_HOST_DEFAULTED'],
    ],
    [
      { JAEGER_HOST: 'jaeger', JAEGER_PORT: 'abc' },
      http,
      'http://jaeger:4318/v1/traces',
      'http://jaeger:16686',
      ['VALUE_NOT_NUMBER'],
    ],
    [
      { JAEGER_HOST: 'jaeger', JAEGER_PORT: '70000' },
      http,
      'http://jaeger:4318/v1/traces',
      'http://jaeger:16686',
      ['VALUE_OUT_OF_RANGE'],
    ],
    [
      { JAEGER_HOST: 'jaeger', JAEGER_PORT: 'tcp://10.0.0.1:16686' },
      http,
      'http://jaeger:4318/v1/traces',
      'http://jaeger:16686',
      ['KUBERNETES_SERVICE_LINK'],
    ],
  ];
  for (const [env, protocol, url, ui, expected] of rows) {
    it(`${JSON.stringify(env)} -> ${protocol} ${url}`, () => {
      const loaded = loadFrom(env);
      const found = otlpDestination(loaded, 'jaeger');
      assert.deepEqual([found.protocol, found.url, found.uiUrl], [protocol, url, ui]);
      assert.deepEqual(codes(loaded), expected);
      assert.deepEqual(ids(loaded), ['jaeger']);
    });
  }

  it('6831 is Thrift over UDP, with a word about what that means', () => {
    const loaded = loadFrom({ JAEGER_HOST: 'jaeger', JAEGER_PORT: '6831' });
    assert.deepEqual(destination(loaded, 'jaeger'), {
      id: 'jaeger',
      label: 'Jaeger over UDP',
      transport: 'jaeger-udp',
      host: 'jaeger',
      port: 6831,
      uiUrl: 'http://jaeger:16686',
    });
    const { severity, why, fix } = problemWith(loaded, 'JAEGER_UDP');
    assert.equal(severity, 'warning');
    assert.match(why, /Jaeger opens it, but Jaeger's container image does not expose it/);
    assert.match(fix, /4318/);
  });
  it('an IPv6 host loses its brackets for UDP', () => {
    const found = destination(loadFrom({ JAEGER_HOST: '[::1]:6831' }), 'jaeger');
    assert.equal(found.transport === 'jaeger-udp' && found.host, '::1');
  });
  for (const port of ['6832', '14268', '14250', '16686', '5778', '9411']) {
    it(`${port} takes nothing that can be sent`, () => {
      const loaded = loadFrom({ JAEGER_HOST: 'jaeger', JAEGER_PORT: port });
      assert.deepEqual(ids(loaded), []);
      const { severity, why, fix, variable } = problemWith(loaded, 'JAEGER_PORT_WRONG');
      assert.equal(severity, 'error');
      assert.equal(variable, 'JAEGER_PORT');
      assert.ok(why.includes(port));
      assert.match(fix, /4318/);
    });
  }
  it('what Kubernetes sets for a Service named jaeger configures nothing', () => {
    const loaded = loadFrom({
      JAEGER_PORT: 'tcp://10.0.0.1:16686',
      JAEGER_SERVICE_HOST: '10.0.0.1',
      JAEGER_SERVICE_PORT: '16686',
      JAEGER_PORT_16686_TCP: 'tcp://10.0.0.1:16686',
      JAEGER_PORT_16686_TCP_ADDR: '10.0.0.1',
      OTEL_COLLECTOR_SERVICE_HOST: '10.0.0.2',
      CANVASOPS_API_SERVICE_PORT_HTTP: '80',
    });
    assert.equal(otlpDestination(loaded).implicit, true);
    assert.deepEqual(codes(loaded), ['KUBERNETES_SERVICE_LINK']);
  });
  it('an unusual port: how gRPC is chosen is told', () => {
    const { fix } = problemWith(
      loadFrom({ JAEGER_HOST: 'jaeger', JAEGER_PORT: '9000' }),
      'JAEGER_PORT_UNUSUAL',
    );
    assert.match(fix, /JAEGER_HOST with grpc:\/\/ in front/);
    const grpc = loadFrom({ JAEGER_HOST: 'grpc://jaeger', JAEGER_PORT: '9000' });
    assert.equal(otlpDestination(grpc, 'jaeger').url, 'http://jaeger:9000');
    assert.deepEqual(codes(grpc), []);
  });
  it('compression', () => {
    const loaded = loadFrom({ JAEGER_HOST: 'jaeger', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' });
    assert.equal(otlpDestination(loaded, 'jaeger').compression, 'gzip');
  });
  it('gets none of the OTLP headers', () => {
    const loaded = loadFrom({ JAEGER_HOST: 'localhost', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=k' });
    assert.deepEqual(otlpDestination(loaded, 'jaeger').headers, {});
    assert.match(problemWith(loaded, 'OTLP_WITHOUT_ENDPOINT').why, /not sent anywhere/);
  });
});
