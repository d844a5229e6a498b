import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRedisCommand } from '../../../src/redaction/database/redis';

const CASES: readonly (readonly [name: string, args: readonly unknown[], expected: string])[] = [
  ['get', ['user:1'], 'GET user:1'],
  ['SET', ['user:1', 'secret'], 'SET user:1 ?'],
  ['set', ['user:1', 'secret', 'EX', 10, 'NX'], 'SET user:1 ? ? ? ?'],
  ['SETEX', ['k', 10, 'secret'], 'SETEX k ? ?'],
  ['HSET', ['h', 'f', 'secret', 'g', 'secret'], 'HSET h f ? g ?'],
  ['HGET', ['h', 'f'], 'HGET h f'],
  ['HMGET', ['h', 'f', 'g'], 'HMGET h f g'],
  ['HINCRBY', ['h', 'f', 5], 'HINCRBY h f ?'],
  ['MSET', ['a', 'secret', 'b', 'secret'], 'MSET a ? b ?'],
  ['MGET', ['a', 'b'], 'MGET a b'],
  ['DEL', ['a', 'b', 'c'], 'DEL a b c'],
  ['LPUSH', ['l', 'secret', 'secret'], 'LPUSH l ? ?'],
  ['ZADD', ['z', 1, 'secret'], 'ZADD z ? ?'],
  ['XADD', ['s', '*', 'f', 'secret'], 'XADD s ? ? ?'],
  ['PUBLISH', ['c', 'secret'], 'PUBLISH c ?'],
  ['AUTH', ['secret'], 'AUTH ?'],
  ['AUTH', ['user', 'secret'], 'AUTH ? ?'],
  ['HELLO', ['3', 'AUTH', 'user', 'secret'], 'HELLO 3 ? ? ?'],
  ['CONFIG', ['SET', 'requirepass', 'secret'], 'CONFIG SET ? ?'],
  ['ACL', ['SETUSER', 'bob', '>secret'], 'ACL SETUSER ? ?'],
  ['MIGRATE', ['h', 6379, '', 0, 100, 'AUTH', 'secret', 'KEYS', 'a'], 'MIGRATE ? ? ? ? ? ? ? ? ?'],
  ['EVAL', ["return 'secret'", 1, 'k', 'secret'], 'EVAL ? ? ? ?'],
  ['EVALSHA', ['abc', 1, 'k', 'secret'], 'EVALSHA abc ? ? ?'],
  ['ECHO', ['secret'], 'ECHO ?'],
  ['CLIENT', ['SETNAME', 'secret'], 'CLIENT SETNAME ?'],
  ['OBJECT', ['ENCODING', 'k'], 'OBJECT ENCODING k'],
  ['FT.SEARCH', ['idx', 'secret'], 'FT.SEARCH ? ?'],
  ['PING', [], 'PING'],
  ['SELECT', [2], 'SELECT 2'],
  ['', ['secret'], '? ?'],
  ['SET k secret', ['x'], '? ?'],
  ['GET', [Buffer.from('user:1')], 'GET user:1'],
  ['GET', [Buffer.from([0xff, 0x00, 0x41])], 'GET \ufffd A'],
  ['GET', [12n], 'GET 12'],
  ['GET', [undefined], 'GET ?'],
  ['GET', [null], 'GET ?'],
  ['GET', [{}], 'GET ?'],
  ['GET', [['secret']], 'GET ?'],
  ['GET', ['a\nb\0c'], 'GET a b c'],
  ['GET', ['sess:eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'], 'GET sess:REDACTED'],
];

for (const [name, args, expected] of CASES) {
  test(expected, () => assert.equal(describeRedisCommand(name, args), expected));
}

test('arguments are never called', () => {
  const throws = (): never => {
    throw new Error('called');
  };
  const hostile = { toString: throws, [Symbol.toPrimitive]: throws, toJSON: throws };
  assert.equal(describeRedisCommand('GET', [hostile]), 'GET ?');
  assert.equal(describeRedisCommand('GET', [Symbol('x')]), 'GET ?');
});

test('what throws is left out', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(describeRedisCommand('GET', [proxy]), 'GET');
  const list = new Proxy([], {
    get() {
      throw new Error('trap');
    },
  });
  assert.equal(describeRedisCommand('GET', list), 'GET');
  assert.equal(describeRedisCommand(undefined as unknown as string, undefined as unknown as []), '?');
});

test('the text is bounded', () => {
  const many = describeRedisCommand(
    'DEL',
    Array.from({ length: 100_000 }, (_, i) => `k${i}`),
  );
  assert.ok(many.endsWith(' k63 ...'));
  const long = describeRedisCommand(
    'DEL',
    Array.from({ length: 50 }, () => 'x'.repeat(10_000)),
  );
  assert.ok(long.length <= 1024 + 4);
  assert.equal(describeRedisCommand('GET', ['x'.repeat(1000)]), `GET ${'x'.repeat(128)}...`);
});
