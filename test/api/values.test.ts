import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { metadataValue } from '../../src/api/values';

class ObjectId {
  constructor(private readonly id: string) {}
  toJSON(): string {
    return this.id;
  }
}
class Money {
  constructor(
    readonly amount: number,
    readonly currency: string,
  ) {}
}

const cyclic: Record<string, unknown> = { a: 1 };
cyclic.self = cyclic;
const refuse = (): never => {
  throw new Error('refused');
};
const throwing = Object.defineProperty({ a: 1 }, 'b', { get: refuse, enumerable: true });
const shared = { x: 1 };

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const conversions: [name: string, value: unknown, expected: unknown][] = [
  ['text', 'abc', 'abc'],
  ['empty text', '', ''],
  ['a number', 1.5, 1.5],
  ['a boolean', false, false],
  ['nothing', undefined, undefined],
  ['null', null, undefined],
  ['a bigint', 2n ** 70n, '1180591620717411303424'],
  ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['a Date of another realm', runInNewContext('new Date(0)'), '1970-01-01T00:00:00.000Z'],
  ['an invalid Date', new Date('x'), 'Invalid Date'],
  ['an Error', new TypeError('no'), 'TypeError: no'],
  ['an Error of another realm', runInNewContext('new TypeError("no")'), 'TypeError: no'],
  ['a URL', new URL('https://a.example/x?y=1'), 'https://a.example/x?y=1'],
  ['an object with toJSON', new ObjectId('507f1f77bcf86cd799439011'), '507f1f77bcf86cd799439011'],
  ['a symbol', Symbol('x'), 'Symbol(x)'],
  ['a function', function handler() {}, '[function handler]'],
  [
    'an arrow without name',
    (
      () => () =>
        1
    )(),
    '[function anonymous]',
  ],
  ['bytes', Buffer.from('abc'), '<3 bytes>'],
  ['texts', ['a', 'b'], ['a', 'b']],
  ['numbers with a gap', [1, null, 2], [1, null, 2]],
  ['an empty array', [], []],
  ['a mixed array', [1, 'a', null, undefined], '[1,"a",null,null]'],
  ['an array of objects', [{ a: 1 }], '[{"a":1}]'],
  ['a plain object', { a: 1, b: { c: ['x'] }, d: undefined, e: null }, '{"a":1,"b":{"c":["x"]},"e":null}'],
  ['an object of a class', new Money(5, 'EUR'), '{"amount":5,"currency":"EUR"}'],
  ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  [
    'a Map',
    new Map<unknown, unknown>([
      ['a', 1],
      [{}, 2],
    ]),
    '{"a":1,"[object Object]":2}',
  ],
  ['a Set', new Set([1, 'a']), '[1,"a"]'],
  [
    'nested specials',
    { d: new Date(0), b: 1n, e: new Error('no'), u: Buffer.alloc(2) },
    '{"d":"1970-01-01T00:00:00.000Z","b":"1","e":"Error: no","u":"<2 bytes>"}',
  ],
  ['a cycle', cyclic, '{"a":1,"self":"[circular]"}'],
  ['an object that is there twice', [shared, shared], '[{"x":1},{"x":1}]'],
  ['a getter that throws', throwing, '{"a":1}'],
  ['a toJSON that throws', { toJSON: refuse }, '<unreadable>'],
  ['a toJSON that throws further down', { a: { toJSON: refuse }, b: 1 }, '{"a":"<unreadable>","b":1}'],
  ['a revoked Proxy', revoked(), '<unreadable>'],
  ['a key called __proto__', JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
];
for (const [name, value, expected] of conversions) {
  test(`${name} becomes ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(metadataValue('value', value), expected);
  });
}

const masked = [
  'password',
  'user_password',
  'PASSWD',
  'pass',
  'secret',
  'client_secret',
  'token',
  'accessToken',
  'refresh_token',
  'apiKey',
  'api_key',
  'X-Api-Key',
  'authorization',
  'cookie',
  'set-cookie',
  'private_key',
  'credentials',
  'jwt',
  'cvv',
];
for (const key of masked) {
  test(`${key} is masked, as a key and inside of objects`, () => {
    assert.equal(metadataValue(key, 'hunter2'), 'REDACTED');
    assert.equal(metadataValue('config', { [key]: 'hunter2', ok: 1 }), `{"${key}":"REDACTED","ok":1}`);
    assert.equal(metadataValue('config', new Map([[key, 'hunter2']])), `{"${key}":"REDACTED"}`);
  });
}

const business = [
  'code',
  'key',
  'session',
  'state',
  'pin',
  'ticket',
  'policy',
  'postal_code',
  'country_code',
  'cache.key',
  'partition_key',
  'tokens',
  'token_count',
  'max_tokens',
  'author',
  'status',
  'keyboard',
  'passenger',
  'secretary',
];
for (const key of business) {
  test(`${key} is an ordinary word and stays`, () => {
    assert.equal(metadataValue(key, 'abc'), 'abc');
    assert.equal(metadataValue('order', { [key]: 'abc' }), `{"${key}":"abc"}`);
  });
}

test('secrets in the message of an error are masked', () => {
  const text = String(metadataValue('error', new Error('no way to https://bob:hunter2@db.local/')));
  assert.ok(text.startsWith('Error: no way') && !text.includes('hunter2'), text);
});

test('huge values are cut, and soon', () => {
  const started = performance.now();
  // every level holds the one below 200 times: 200^8 members if somebody wrote them all
  let laughs: unknown = 'ha';
  for (let i = 0; i < 10; i++) laughs = new Array(200).fill(laughs).concat({});
  let deep: unknown = 1;
  for (let i = 0; i < 10_000; i++) deep = { deep };
  const values = [laughs, deep, { text: 'x'.repeat(10_000_000) }, process, new Array(1_000_000).fill({})];
  for (const value of values) assert.ok(String(metadataValue('value', value)).length <= 16_384);
  assert.equal((metadataValue('list', new Array(1000).fill('x')) as string[]).length, 200);
  assert.ok(performance.now() - started < 2000, `${performance.now() - started} ms`);
});
