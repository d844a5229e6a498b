/** What is told of statements that are sent together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeBatch } from '../../../src/redaction/sql/describe';

test('what all statements have in common is told once', () => {
  assert.deepEqual(describeBatch(['insert into t values (1)', "insert into t values ('b')"], 'sqlite'), {
    text: 'insert into t values (?)',
    summary: 'BATCH INSERT t',
    operation: 'BATCH INSERT',
    collection: 't',
  });
});

test('statements that differ are told one after the other', () => {
  assert.deepEqual(describeBatch(['insert into t values (1)', 'delete from u'], 'sqlite'), {
    text: 'insert into t values (?); delete from u',
    summary: 'BATCH',
    operation: 'BATCH',
    collection: '',
  });
});

test('the text is bounded', () => {
  const texts = Array.from({ length: 10_000 }, (_, index) => `select * from t${index} where a = ${index}`);
  assert.ok(describeBatch(texts, 'sqlite').text.length <= 8192 + 3);
});
