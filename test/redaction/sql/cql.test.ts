/** What CQL has that is in no dialect of SQL. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainCql } from '../../../src/redaction/sql/cql';
import { describeStatement } from '../../../src/redaction/sql/describe';

const UUID = 'a3f1c2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d';

/** The statement, and what may be told of it. */
const statements: readonly (readonly [string, string])[] = [
  [`SELECT * FROM t WHERE id = ${UUID}`, 'SELECT * FROM t WHERE id = ?'],
  [`SELECT * FROM t WHERE id = ${UUID.toUpperCase()}`, 'SELECT * FROM t WHERE id = ?'],
  [`SELECT * FROM t WHERE id IN (${UUID},${UUID})`, 'SELECT * FROM t WHERE id IN (?,?)'],
  [`INSERT INTO t (id) VALUES (${UUID}) IF NOT EXISTS`, 'INSERT INTO t (id) VALUES (?) IF NOT EXISTS'],
  [`SELECT '${UUID}' FROM t`, 'SELECT ? FROM t'],
  ["SELECT a FROM t // don't\nWHERE b = 'secret'", 'SELECT a FROM t WHERE b = ?'],
  ["SELECT a FROM t WHERE b = 'x // y' AND c = 1", 'SELECT a FROM t WHERE b = ? AND c = ?'],
  ["SELECT a FROM t WHERE b = 'it''s // y' AND c = 'z'", 'SELECT a FROM t WHERE b = ? AND c = ?'],
  ["SELECT a -- don't // know\nFROM t WHERE b = 'secret'", 'SELECT a FROM t WHERE b = ?'],
  ["SELECT a /* don't // know */ FROM t WHERE b = 'secret'", 'SELECT a FROM t WHERE b = ?'],
  ['SELECT "a//b" FROM "T"', 'SELECT "a//b" FROM "T"'],
  ["UPDATE t SET a = $$it's // secret$$ WHERE b = 1", 'UPDATE t SET a = ? WHERE b = ?'],
  ['SELECT a FROM t WHERE b = 0xCAFE', 'SELECT a FROM t WHERE b = ?'],
  ['SELECT a FROM t WHERE b = 1h30m', 'SELECT a FROM t WHERE b = ?'],
  ['SELECT a FROM t WHERE b = :name AND c = ?', 'SELECT a FROM t WHERE b = :name AND c = ?'],
  ["UPDATE t SET m['key'] = {'a': 1, 'b': [2]}", 'UPDATE t SET m[?] = {?: ?, ?: [?]}'],
  ['SELECT a FROM t // at the end', 'SELECT a FROM t'],
];

for (const [statement, expected] of statements) {
  test(statement, () => {
    assert.equal(describeStatement(statement, 'cassandra').text, expected);
  });
}

test('a text with nothing of that kind is the same text', () => {
  for (const text of ['SELECT a FROM t', 'SELECT a - b FROM t', '', '-', "'"])
    assert.equal(plainCql(text), text);
});
