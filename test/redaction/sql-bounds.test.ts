import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStatement, type SqlDialect } from '../../src/redaction/sql';
import { rulesOf } from '../../src/redaction/sql-dialect';
import { SqlScanner } from '../../src/redaction/sql-scanner';
import { Random } from './sql-generator';

const DIALECTS: readonly SqlDialect[] = [
  'postgresql',
  'mysql',
  'mariadb',
  'sqlite',
  'microsoft.sql_server',
  'generic',
];

/** What may cost more than it should when repeated. */
const PIECES = [
  "'",
  '"',
  '`',
  '[',
  ']',
  '(',
  ')',
  '$',
  '$a$',
  '$a',
  '$1',
  '/*',
  '/*!',
  '*/',
  '--',
  '--x',
  '#',
  "\\'",
  '\\',
  ';',
  ',',
  '.',
  '?',
  ':',
  "''",
  '1',
  '-1',
  '0x',
  'a',
  "E'",
  "_a'",
  'IN (1,',
  'VALUES (1),',
  '(1),',
  'SELECT ',
  'FROM a,',
  'WITH a AS (',
  'JOIN ',
  'a.',
  "'\\'",
  "['",
  '--\r',
  '\n',
  '\u00a0',
  '\ud800',
  'PASSWORD ',
  'UPDATE ',
  '=',
  '"a" = ',
];

/** CPU time of the scanner alone, without caches and without what is cut off for length. */
function costOf(text: string, dialect: SqlDialect): number {
  const scanner = new SqlScanner(rulesOf(dialect));
  const start = process.cpuUsage();
  scanner.scan(text, rulesOf(dialect), true, Number.POSITIVE_INFINITY);
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

test('ten times the text costs about ten times the time, whatever is in it', () => {
  // Quadratic code takes 100 times as long. The factor leaves room for a busy machine, and so do the repetitions.
  const factor = 40;
  for (const dialect of DIALECTS) {
    if (dialect === 'mariadb') continue; // the rules of mysql
    for (const piece of PIECES) {
      const count = Math.ceil(4000 / piece.length) * 2;
      const small = piece.repeat(count);
      const large = piece.repeat(count * 10);
      let slow = costOf(large, dialect);
      let fast = costOf(small, dialect);
      for (let i = 0; i < 8 && slow > Math.max(fast, 300) * factor; i++) {
        slow = Math.min(slow, costOf(large, dialect));
        fast = Math.max(fast, costOf(small, dialect));
      }
      const result = `${fast} µs for ${small.length} characters, ${slow} µs for ${large.length}`;
      assert.ok(slow <= Math.max(fast, 300) * factor, `${dialect} ${JSON.stringify(piece)}: ${result}`);
    }
  }
});

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
