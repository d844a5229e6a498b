import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codes, ids, loadFrom, otlpDestination, problemWith } from './loading';

const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const TRACES = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
const LEGACY = 'OTLP_ENDPOINT';

describe('an endpoint that cannot be used is a problem with a way out, and not a destination', () => {
  const rows: [value: string, code: string][] = [
    ['http://', 'ENDPOINT_INVALID'],
    ['http:///v1/traces', 'ENDPOINT_INVALID'],
    ['http://:4318', 'ENDPOINT_INVALID'],
    [':4318', 'ENDPOINT_INVALID'],
    ['4318', 'ENDPOINT_INVALID'],
    ['http:localhost:4318', 'ENDPOINT_INVALID'],
    ['https:/localhost:4318', 'ENDPOINT_INVALID'],
    ['http://localhost:99999', 'ENDPOINT_INVALID'],
    ['http://localhost:0', 'ENDPOINT_INVALID'],
    ['http://localhost:4318:4318', 'ENDPOINT_INVALID'],
    ['http://local host:4318', 'ENDPOINT_INVALID'],
    ['http://local\nhost:4318', 'ENDPOINT_INVALID'],
    ['http://local\0host:4318', 'ENDPOINT_INVALID'],
    ['http:\\\\localhost:4318', 'ENDPOINT_INVALID'],
    ['http://[::1:4318', 'ENDPOINT_INVALID'],
    ['http://<host>:4318', 'ENDPOINT_INVALID'],
    ['ftp://localhost', 'ENDPOINT_SCHEME'],
    ['tcp://localhost:4317', 'ENDPOINT_SCHEME'],
    ['unix:///run/otel.sock', 'ENDPOINT_SCHEME'],
    ['unix:/run/otel.sock', 'ENDPOINT_SCHEME'],
    ['dns:collector:4317', 'ENDPOINT_SCHEME'],
    ['javascript://x', 'ENDPOINT_SCHEME'],
  ];
  for (const variable of [BASE, TRACES, LEGACY]) {
    for (const [value, code] of rows) {
      it(`${variable}=${JSON.stringify(value)} -> ${code}`, () => {
        const loaded = loadFrom({ [variable]: value });
        assert.deepEqual(ids(loaded), [], 'and certainly not localhost instead');
        const problem = problemWith(loaded, code);
        assert.equal(problem.severity, 'error');
        assert.equal(problem.variable, variable);
        assert.match(problem.fix, /http:\/\/localhost:4318/);
      });
    }
  }
});

describe('the classic mistakes are named together with their fix', () => {
  it('HTTP spoken to 4317', () => {
    const loaded = loadFrom({ [BASE]: 'http://c:4317', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' });
    const { severity, why, fix } = problemWith(loaded, 'ENDPOINT_GRPC_PORT');
    assert.equal(severity, 'error');
    assert.match(why, /Parse Error: Expected HTTP/);
    assert.match(fix, /4318/);
    assert.match(fix, /OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc/);
  });
  it('gRPC spoken to 4318', () => {
    const { severity, fix } = problemWith(
      loadFrom({ [BASE]: 'http://c:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }),
      'ENDPOINT_HTTP_PORT',
    );
    assert.equal(severity, 'error');
    assert.match(fix, /4317/);
  });
  it('a traces endpoint without a path', () => {
    const { severity, fix } = problemWith(loadFrom({ [TRACES]: 'http://c:4318' }), 'ENDPOINT_NO_PATH');
    assert.equal(severity, 'warning');
    assert.match(fix, /\/v1\/traces/);
  });
});

describe('OTEL_EXPORTER_OTLP_INSECURE decides where an endpoint for gRPC has no scheme', () => {
  const rows: [insecure: string | undefined, url: string, problems: string[]][] = [
    ['true', 'http://collector:4317', []],
    ['false', 'https://collector:4317', []],
    [undefined, 'http://collector:4317', ['ENDPOINT_NO_SCHEME']],
  ];
  for (const [insecure, url, expected] of rows) {
    it(`${insecure} -> ${url}`, () => {
      const loaded = loadFrom({
        [BASE]: 'collector:4317',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_INSECURE: insecure,
      });
      assert.equal(otlpDestination(loaded).url, url);
      assert.deepEqual(codes(loaded), expected);
    });
  }
});

describe('a user and password in an endpoint', () => {
  it('become a Basic authorization header and leave the URL', () => {
    const { url, headers } = otlpDestination(loadFrom({ [BASE]: 'https://me:p%40ss%2F@c.example:4318' }));
    assert.equal(url, 'https://c.example:4318/v1/traces');
    assert.equal(headers.authorization, `Basic ${Buffer.from('me:p@ss/').toString('base64')}`);
  });
  it('give way to an authorization header that is set', () => {
    const loaded = loadFrom({
      [BASE]: 'https://me:pw@c.example',
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=mine',
    });
    assert.deepEqual({ ...otlpDestination(loaded).headers }, { authorization: 'mine' });
  });
  for (const password of ['pa/ss', '12/ss', 'pa?ss', '12?ss', 'pa#ss', '12#ss']) {
    it(`are not guessed at where the password has an unencoded character: ${password}`, () => {
      const loaded = loadFrom({ [BASE]: `https://me:${password}@c.example` });
      assert.deepEqual(ids(loaded), []);
      const { why, fix } = problemWith(loaded, 'ENDPOINT_INVALID');
      assert.match(fix, /Percent-encode/);
      assert.ok(!(why + fix).includes(password));
    });
  }
});
