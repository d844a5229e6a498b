import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codes, loadFrom, otlpDestination, problemWith } from './loading';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example' };

function headersFor(list: string) {
  const loaded = loadFrom({ ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: list });
  return { headers: { ...otlpDestination(loaded).headers }, codes: codes(loaded), loaded };
}

describe('a header list is read as the standard has it', () => {
  const rows: [list: string, headers: Record<string, string>][] = [
    ['a=b', { a: 'b' }],
    ['a=b,c=d', { a: 'b', c: 'd' }],
    [' a = b , c = d ,', { a: 'b', c: 'd' }],
    ['Authorization=Bearer abc', { authorization: 'Bearer abc' }],
    ['authorization=Basic%20dXNlcjpwYXNz', { authorization: 'Basic dXNlcjpwYXNz' }],
    ['authorization=Basic dXNlcg==', { authorization: 'Basic dXNlcg==' }],
    ['x=a%2Cb%3Dc', { x: 'a,b=c' }],
    ['x=a=b=c', { x: 'a=b=c' }],
    ['x=a+b', { x: 'a+b' }],
    ['x=1,X=2', { x: '2' }],
    ['x-a%2Db=1', { 'x-a-b': '1' }],
    ['__proto__=x', Object.fromEntries([['__proto__', 'x']])],
  ];
  for (const [list, expected] of rows) {
    it(list, () => {
      const { headers, codes: found } = headersFor(list);
      assert.deepEqual(headers, expected);
      assert.deepEqual(found, []);
    });
  }
});

describe('what cannot be read is reported by its position, never by its text', () => {
  const rows: [list: string, headers: Record<string, string>, code: string][] = [
    ['a=b,CANARY,c=d', { a: 'b', c: 'd' }, 'PAIR_INVALID'],
    ['Authorization: Bearer CANARY', {}, 'PAIR_INVALID'],
    ['Authorization: Basic CANARY==', {}, 'PAIR_INVALID'],
    ['CANARY=', {}, 'PAIR_INVALID'],
    ['CANARY==', {}, 'PAIR_INVALID'],
    ['=CANARY', {}, 'PAIR_INVALID'],
    ['%zz=CANARY', {}, 'PAIR_INVALID'],
    ['CANARY CANARY=1', {}, 'PAIR_INVALID'],
    ['x=CANARY%0d%0aevil: 1', {}, 'HEADER_INVALID'],
    ['x=CANARY%0A', {}, 'HEADER_INVALID'],
    ['x=CANARY%00', {}, 'HEADER_INVALID'],
    ['x=CANARYé', {}, 'HEADER_INVALID'],
    ['x=CANARY%zz', { x: 'CANARY%zz' }, 'PAIR_NOT_DECODED'],
    ['host=CANARY', {}, 'HEADER_RESERVED'],
    ['Content-Length=CANARY', {}, 'HEADER_RESERVED'],
    ['transfer-encoding=CANARY', {}, 'HEADER_RESERVED'],
    ['grpc-timeout=CANARY', {}, 'HEADER_RESERVED'],
  ];
  for (const [list, expected, code] of rows) {
    it(JSON.stringify(list), () => {
      const { headers, loaded } = headersFor(list);
      assert.deepEqual(headers, expected);
      problemWith(loaded, code);
      assert.ok(!JSON.stringify([loaded.problems, loaded.settings]).toUpperCase().includes('CANARY'));
    });
  }
});

describe('headers of several variables', () => {
  it('those for traces are laid over the general ones', () => {
    const loaded = loadFrom({
      ...endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'B=2',
    });
    assert.deepEqual({ ...otlpDestination(loaded).headers }, { a: '1', b: '2' });
  });
  it('but those of the environment over those of the file', () => {
    const loaded = loadFrom(
      { ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: 'a=env' },
      { OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=file' },
    );
    assert.deepEqual({ ...otlpDestination(loaded).headers }, { a: 'env' });
  });
});

describe('OTLP_API_KEY', () => {
  const legacy = { OTLP_ENDPOINT: 'https://host:4317' };
  it('is sent as a bearer token', () => {
    assert.deepEqual(
      { ...otlpDestination(loadFrom({ ...legacy, OTLP_API_KEY: 'k' })).headers },
      { authorization: 'Bearer k' },
    );
  });
  it('is not called bearer twice', () => {
    assert.equal(
      otlpDestination(loadFrom({ ...legacy, OTLP_API_KEY: 'bearer k' })).headers.authorization,
      'bearer k',
    );
  });
  for (const empty of ['', '  ']) {
    it(`sends nothing when it is ${JSON.stringify(empty)}`, () => {
      assert.deepEqual({ ...otlpDestination(loadFrom({ ...legacy, OTLP_API_KEY: empty })).headers }, {});
    });
  }
  it('gives way to an authorization header', () => {
    const loaded = loadFrom({
      ...legacy,
      OTLP_API_KEY: 'k',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=mine',
    });
    assert.equal(otlpDestination(loaded).headers.authorization, 'mine');
  });
  it('with a line break in it is not sent', () => {
    const loaded = loadFrom({ ...legacy, OTLP_API_KEY: 'k\r\nevil: 1' });
    assert.deepEqual({ ...otlpDestination(loaded).headers }, {});
    problemWith(loaded, 'HEADER_INVALID');
  });
});

describe('keys do not cross a network unencrypted', () => {
  const key = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=k,x-scope-orgid=tenant,x-own=k' };
  for (const url of [
    'http://collector:4318',
    'http://10.0.0.1:4318',
    'grpc://collector',
    'collector:4318',
    'http://127.evil.example:4318',
    'http://localhost.evil.example:4318',
  ]) {
    it(`${url}: the destination stays, its keys do not, the tenant does`, () => {
      const loaded = loadFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: url, ...key });
      assert.deepEqual({ ...otlpDestination(loaded).headers }, { 'x-scope-orgid': 'tenant' });
      const problem = problemWith(loaded, 'KEY_OVER_CLEAR_TEXT');
      assert.equal(problem.severity, 'error');
      assert.match(problem.fix, /OTEL_EXPORTER_OTLP_INSECURE=true/);
    });
  }
  for (const url of [
    'http://localhost:4318',
    'http://app.localhost:4318',
    'http://127.0.0.2:4318',
    'http://127.1:4318',
    'http://[::1]:4318',
    'https://collector:4318',
    'grpcs://collector',
  ]) {
    it(`${url}: keys are sent`, () => {
      const loaded = loadFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: url, ...key });
      assert.equal(otlpDestination(loaded).headers.authorization, 'k');
      assert.deepEqual(codes(loaded), []);
    });
  }
  it('nor those in the query, of which the rest stays', () => {
    const url = 'http://collector:4318/v1/traces?organization=a%20b&api_key=CANARY&x-token=CANARY';
    const loaded = loadFrom({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url });
    assert.equal(otlpDestination(loaded).url, 'http://collector:4318/v1/traces?organization=a+b');
    problemWith(loaded, 'KEY_OVER_CLEAR_TEXT');
    for (const trusted of [url.replace('http:', 'https:'), url.replace('collector', 'localhost')]) {
      const { url: kept } = otlpDestination(loadFrom({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: trusted }));
      assert.equal(kept, trusted);
    }
    const harmless = url.slice(0, url.indexOf('&'));
    const without = loadFrom({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: harmless });
    assert.equal(otlpDestination(without).url, harmless);
    assert.deepEqual(codes(without), []);
  });
  it('unless the user says that this network is trusted', () => {
    const loaded = loadFrom({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318',
      OTEL_EXPORTER_OTLP_INSECURE: 'true',
      ...key,
    });
    assert.equal(otlpDestination(loaded).headers.authorization, 'k');
    assert.deepEqual(codes(loaded), []);
  });
  for (const env of [
    { OTLP_ENDPOINT: 'http://host:4317', OTLP_API_KEY: 'k' },
    { OTLP_ENDPOINT: 'http://user:pw@host:4317' },
    { PHOENIX_COLLECTOR_ENDPOINT: 'http://phoenix:6006', PHOENIX_API_KEY: 'k' },
    { ARIZE_API_KEY: 'k', ARIZE_SPACE_ID: 'U3BhY2U6MQ==', ARIZE_COLLECTOR_ENDPOINT: 'http://arize:80' },
    { JAEGER_HOST: 'http://user:pw@jaeger' },
  ]) {
    it(`whichever way they are given: ${Object.keys(env).join(', ')}`, () => {
      const loaded = loadFrom(env);
      problemWith(loaded, 'KEY_OVER_CLEAR_TEXT');
      const [destination] = loaded.config.destinations;
      assert.ok(destination?.transport === 'otlp');
      assert.deepEqual(
        Object.keys(destination.headers).filter((name) => name !== 'arize-interface'),
        [],
      );
    });
  }
});

describe('resource attributes', () => {
  it('are decoded, and one bad entry leaves the others', () => {
    const loaded = loadFrom({
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod,Team=a%20b,bad,x=ü',
    });
    assert.deepEqual(
      { ...loaded.config.resourceAttributes },
      { 'deployment.environment.name': 'prod', Team: 'a b', x: 'ü' },
    );
    assert.match(problemWith(loaded, 'PAIR_INVALID').why, /Entry 3/);
  });
});
