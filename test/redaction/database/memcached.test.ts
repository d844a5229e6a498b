import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeMemcachedCommand } from '../../../src/redaction/database/memcached';

const CASES: readonly (readonly [name: string, args: readonly unknown[], expected: string])[] = [
  ['get', ['user:1'], 'get user:1'],
  ['GET', ['a', 'b'], 'get a b'],
  ['gets', ['a', 'b'], 'gets a b'],
  ['delete', ['a'], 'delete a'],
  ['set', ['user:1', 'secret'], 'set user:1 ?'],
  ['set', ['user:1', 0, 10, 6, 'secret'], 'set user:1 ? ? ? ?'],
  ['incr', ['n', 5], 'incr n ?'],
  ['flush_all', [], 'flush_all'],
  ['stats', ['items'], 'stats items'],
  ['auth', [undefined, 'secret'], 'auth ? ?'],
  ['', ['secret'], '? ?'],
  ['set k secret', ['x'], '? ?'],
  ['get', [Buffer.from('user:1')], 'get user:1'],
  ['get', ['sess:eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'], 'get sess:REDACTED'],
];

for (const [name, args, expected] of CASES) {
  test(expected, () => assert.equal(describeMemcachedCommand(name, args), expected));
}
