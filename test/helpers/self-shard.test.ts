/** All shards together run each test file once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesOfShard } from './shard';

const files = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

test('each file is in one shard, and no shard has two files more than another', () => {
  assert.deepEqual(
    ['1/3', '2/3', '3/3'].map((shard) => filesOfShard(files, shard)),
    [
      ['a', 'd', 'g'],
      ['b', 'e'],
      ['c', 'f'],
    ],
  );
  assert.deepEqual(filesOfShard(files, '1/1'), files);
});

for (const wrong of ['', '3', '0/3', '4/3', '1/0', '1/3/5', '1.5/3', '-1/3', 'a/b']) {
  test(`"${wrong}" is refused`, () => assert.throws(() => filesOfShard(files, wrong), /^Error: --shard/));
}
