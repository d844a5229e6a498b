import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStatement, type SqlDialect } from '../../../src/redaction/sql/describe';
import { Random } from '../random';
import { PIECES } from './pieces';

const DIALECTS: readonly SqlDialect[] = [
  'postgresql',
  'mysql',
  'mariadb',
  'sqlite',
  'microsoft.sql_server',
  'cassandra',
  'generic',
];

test('never throws, and never grows', () => {
  const random = new Random(7);
  for (let round = 0; round < 20_000; round++) {
    let text = '';
    for (let i = random.below(20); i >= 0; i--) {
      text += random.below(4) === 0 ? String.fromCharCode(random.below(0x10000)) : random.pick(PIECES);
    }
    const dialect = random.pick(DIALECTS);
    const description = describeStatement(text, dialect);
    assert.ok(description.text.length <= text.length + 40, `${dialect} ${JSON.stringify(text)}`);
    assert.ok(description.summary.length <= 255);
  }
});

test('what is masked once stays as it is', () => {
  const random = new Random(8);
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: 10 }, () =>
      random.pick(['SELECT ', 'a ', '= ', '1 ', "'x' ", '$1 ', ', ', '( ', ') ', 'FROM ', 'IN (1, 2) ']),
    );
    const once = describeStatement(text.join(''), 'postgresql').text;
    assert.equal(describeStatement(once, 'postgresql').text, once);
  }
});

test('long results are cut, and say so', () => {
  const columns = `SELECT ${'column_name, '.repeat(2000)} a FROM t`;
  const { text } = describeStatement(columns, 'postgresql');
  assert.equal(text.length, 8192 + 3);
  assert.equal(text, `${columns.slice(0, 8192)}...`);
  const pairs = `SELECT ${'a'.repeat(8192 - 8)}\u{1f600} FROM t`;
  assert.equal(describeStatement(pairs, 'postgresql').text, `${pairs.slice(0, 8191)}...`);
});

test('a bulk insert is read as far as it makes sense', () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => `(${i}, 'secret ${i}')`).join(', ');
  const { text, summary } = describeStatement(`INSERT INTO t (a, b) VALUES ${rows}`, 'mysql');
  assert.ok(text.startsWith('INSERT INTO t (a, b) VALUES (?, ?)'));
  assert.ok(text.endsWith('...'));
  assert.ok(text.length < 80);
  assert.ok(!text.includes('secret'));
  assert.equal(summary, 'INSERT t');
});

test('a text that is cut within a literal shows nothing of it', () => {
  for (let length = 65_500; length < 65_560; length++) {
    const text = `SELECT a FROM t WHERE b = '${'x'.repeat(length - 60)}' AND c = 'secret' AND d = "secret" -- secret`;
    for (const dialect of ['mysql', 'generic'] as const) {
      assert.ok(!describeStatement(text, dialect).text.includes('secret'));
    }
  }
});

test('an unknown dialect is read like the generic one', () => {
  const dialect = 'oracle' as SqlDialect;
  assert.equal(describeStatement('SELECT "secret"', dialect).text, 'SELECT ?');
});
