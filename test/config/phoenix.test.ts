import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codes, ids, loadFrom, otlpDestination, problemWith } from './loading';

describe('Phoenix', () => {
  const rows: [endpoint: string, protocol: string, url: string, ui: string][] = [
    ['http://localhost:6006', 'http/protobuf', 'http://localhost:6006/v1/traces', 'http://localhost:6006'],
    ['http://localhost:6006/', 'http/protobuf', 'http://localhost:6006/v1/traces', 'http://localhost:6006'],
    [
      'http://localhost:6006/v1/traces',
      'http/protobuf',
      'http://localhost:6006/v1/traces',
      'http://localhost:6006',
    ],
    ['localhost:6006', 'http/protobuf', 'http://localhost:6006/v1/traces', 'http://localhost:6006'],
    ['localhost', 'http/protobuf', 'http://localhost:6006/v1/traces', 'http://localhost:6006'],
    [
      'https://app.phoenix.arize.com/s/me',
      'http/protobuf',
      'https://app.phoenix.arize.com/s/me/v1/traces',
      'https://app.phoenix.arize.com/s/me',
    ],
    ['http://localhost:4317', 'grpc', 'http://localhost:4317', 'http://localhost:6006'],
    ['grpc://localhost:4317', 'grpc', 'http://localhost:4317', 'http://localhost:6006'],
  ];
  for (const [endpoint, protocol, url, ui] of rows) {
    it(`${endpoint} -> ${protocol} ${url}`, () => {
      const loaded = loadFrom({ PHOENIX_COLLECTOR_ENDPOINT: endpoint });
      const found = otlpDestination(loaded, 'phoenix');
      assert.deepEqual(
        [found.protocol, found.url, found.uiUrl, found.dialect],
        [protocol, url, ui, 'openinference'],
      );
      assert.deepEqual(found.resourceAttributes, {});
      assert.deepEqual(codes(loaded), []);
    });
  }
  it('without a port: the port of Phoenix is named', () => {
    const { fix } = problemWith(
      loadFrom({ PHOENIX_COLLECTOR_ENDPOINT: 'http://localhost' }),
      'ENDPOINT_NO_PORT',
    );
    assert.match(fix, /6006 for OTLP\/HTTP/);
    assert.doesNotMatch(fix, /4318/);
  });
  it('gRPC on the HTTP port: the way out is a setting that Phoenix reads', () => {
    const loaded = loadFrom({ PHOENIX_COLLECTOR_ENDPOINT: 'grpc://localhost:4318/x' });
    for (const code of ['ENDPOINT_HTTP_PORT', 'ENDPOINT_PATH_IGNORED']) {
      const { fix } = problemWith(loaded, code);
      assert.match(fix, /write PHOENIX_COLLECTOR_ENDPOINT with http:\/\/ in front/);
      assert.doesNotMatch(fix, /OTEL_EXPORTER_OTLP_PROTOCOL/);
    }
  });
  it('compression', () => {
    const env = {
      PHOENIX_COLLECTOR_ENDPOINT: 'http://localhost:6006',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    };
    assert.equal(otlpDestination(loadFrom(env), 'phoenix').compression, 'gzip');
  });
  it('key, headers and project', () => {
    const env = {
      PHOENIX_COLLECTOR_ENDPOINT: 'https://p',
      PHOENIX_API_KEY: 'k',
      PHOENIX_CLIENT_HEADERS: 'X-A=1',
    };
    const found = otlpDestination(loadFrom({ ...env, PHOENIX_PROJECT_NAME: 'name' }), 'phoenix');
    assert.deepEqual({ ...found.headers }, { 'x-a': '1', authorization: 'Bearer k' });
    assert.deepEqual(found.resourceAttributes, { 'openinference.project.name': 'name' });
    const both = loadFrom({ ...env, PHOENIX_PROJECT_NAME: 'name', PHOENIX_PROJECT: 'project' });
    assert.deepEqual(otlpDestination(both, 'phoenix').resourceAttributes, {
      'openinference.project.name': 'project',
    });
  });
  it('an authorization among the headers wins over the key', () => {
    const env = {
      PHOENIX_COLLECTOR_ENDPOINT: 'https://p',
      PHOENIX_API_KEY: 'k',
      PHOENIX_CLIENT_HEADERS: 'authorization=mine',
    };
    assert.equal(otlpDestination(loadFrom(env), 'phoenix').headers.authorization, 'mine');
  });
  for (const env of [{ PHOENIX_API_KEY: 'k' }, { PHOENIX_CLIENT_HEADERS: 'a=b' }]) {
    it(`${Object.keys(env)[0]} without an endpoint`, () => {
      const loaded = loadFrom(env);
      assert.deepEqual(ids(loaded), []);
      assert.match(problemWith(loaded, 'PHOENIX_INCOMPLETE').fix, /PHOENIX_COLLECTOR_ENDPOINT/);
    });
  }
});
