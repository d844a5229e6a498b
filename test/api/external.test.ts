import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { traceExternalRequest } from '../../src/api';
import { register, type TestRuntime } from './runtime';

let runtime: TestRuntime;
beforeEach(() => {
  runtime = register();
});

test('a request: a client span with method, address and status', async () => {
  const response = await traceExternalRequest('get', 'https://api.example.org/v1/items?page=2', async () => ({
    status: 200,
  }));
  assert.deepEqual(response, { status: 200 });
  assert.deepEqual([runtime.last().name, runtime.last().kind, runtime.last().status.code], ['GET', 2, 0]);
  assert.deepEqual(runtime.last().attributes, {
    'http.request.method': 'GET',
    'url.full': 'https://api.example.org/v1/items?page=2',
    'server.address': 'api.example.org',
    'server.port': 443,
    'http.response.status_code': 200,
  });
});

test('secrets in the address do not leave', () => {
  traceExternalRequest('GET', 'http://bob:hunter2@api.example.org:8080/x?token=tok-123&q=1', () => 1);
  const text = JSON.stringify(runtime.last().attributes);
  assert.ok(!text.includes('hunter2') && !text.includes('tok-123'), text);
  assert.match(text, /q=1/);
  assert.equal(runtime.last().attributes['server.port'], 8080);
});

const addresses: [url: string | URL, address: unknown, port: unknown][] = [
  ['http://[::1]/x', '::1', 80],
  ['http://[::1]:9000/x', '::1', 9000],
  [new URL('https://a.example/'), 'a.example', 443],
  ['/relative', undefined, undefined],
  ['', undefined, undefined],
];
for (const [url, address, port] of addresses) {
  test(`server of ${String(url) || 'nothing'}`, () => {
    traceExternalRequest('GET', url, () => 1);
    const { attributes } = runtime.last();
    assert.deepEqual([attributes['server.address'], attributes['server.port']], [address, port]);
  });
}

const answers: [result: unknown, code: unknown, isError: boolean][] = [
  [{ status: 201 }, 201, false],
  [{ statusCode: 302 }, 302, false],
  [{ status: 404 }, 404, true],
  [{ statusCode: 500 }, 500, true],
  [{ status: 'active', statusCode: 200 }, 200, false],
  [{ status: 'active' }, undefined, false],
  [{ status: 1.5 }, undefined, false],
  ['text', undefined, false],
  [undefined, undefined, false],
  [
    {
      get status(): never {
        throw new Error('refused');
      },
    },
    undefined,
    false,
  ],
];
for (const [result, code, isError] of answers) {
  test(`an answer with ${code === undefined ? 'no status' : code} is ${isError ? 'an error' : 'none'}`, () => {
    assert.equal(
      traceExternalRequest('GET', 'http://a/', () => result),
      result,
    );
    const { attributes, status } = runtime.last();
    assert.equal(attributes['http.response.status_code'], code);
    assert.equal(status.code, isError ? 2 : 0);
    assert.equal(attributes['error.type'], isError ? String(code) : undefined);
  });
}

test('an error names its type', async () => {
  const error = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  await assert.rejects(
    traceExternalRequest('GET', 'http://a/', async () => {
      throw error;
    }),
    (thrown) => thrown === error,
  );
  assert.equal(runtime.last().attributes['error.type'], 'ECONNREFUSED');
});

test('arguments that are none do no harm', () => {
  assert.equal(
    traceExternalRequest(undefined as never, Object.create(null) as never, () => 1),
    1,
  );
  assert.equal(
    traceExternalRequest(Symbol('m') as never, 7 as never, () => 2),
    2,
  );
});
