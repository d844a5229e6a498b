import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type * as database from '../../src/redaction/database/error-message';
import type * as url from '../../src/redaction/http/url';
import type * as cql from '../../src/redaction/sql/cql';
import type * as sql from '../../src/redaction/sql/describe';
import type { SqlDialect } from '../../src/redaction/sql/describe';
import type * as dialects from '../../src/redaction/sql/dialect';
import type * as scanners from '../../src/redaction/sql/scanner';
import type * as prose from '../../src/redaction/text/free-text';
import { loadBundled } from './bundled';
import { PIECES } from './sql/pieces';

const SOURCE = join(__dirname, '../../src/redaction');

function microseconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/**
 * Ten times the text must cost about ten times the time; quadratic code takes a hundred times as long. Of each size the
 * cheapest run counts, since other work on the machine only adds to it; what is too cheap to be measured is rounded up.
 */
function assertLinear(piece: string, name: string, work: (text: string) => void): void {
  const factor = 25;
  // An even number, so that quotes are closed in both texts or in none.
  const count = Math.ceil(3200 / piece.length) * 2;
  const [small, large] = [piece.repeat(count), piece.repeat(count * 10)];
  const costOf = (text: string): number =>
    Math.max(
      microseconds(() => work(text)),
      300,
    );
  let fast = Math.min(costOf(small), costOf(small));
  let slow = costOf(large);
  // What is compiled meanwhile makes the small text cheaper, too.
  for (let i = 0; i < 12 && slow > fast * factor; i++) {
    slow = Math.min(slow, costOf(large));
    fast = Math.min(fast, costOf(small));
  }
  const result = `${fast} µs for ${small.length} characters, ${slow} µs for ${large.length}`;
  assert.ok(slow <= fast * factor, `${name} ${JSON.stringify(piece)}: ${result}`);
}

test('SQL of all kinds is read in linear time', async () => {
  const { SqlScanner } = await loadBundled<typeof scanners>(join(SOURCE, 'sql/scanner.ts'));
  const { rulesOf } = await loadBundled<typeof dialects>(join(SOURCE, 'sql/dialect.ts'));
  const all: readonly SqlDialect[] = [
    'postgresql',
    'mysql',
    'sqlite',
    'microsoft.sql_server',
    'cassandra',
    'generic',
  ];
  for (const dialect of all) {
    const rules = rulesOf(dialect);
    const scanner = new SqlScanner(rules);
    for (const piece of PIECES) {
      assertLinear(piece, dialect, (text) => scanner.scan(text, rules, true, Number.POSITIVE_INFINITY));
    }
  }
});

test('CQL is made readable in linear time', async () => {
  const { plainCql } = await loadBundled<typeof cql>(join(SOURCE, 'sql/cql.ts'));
  for (const piece of [...PIECES, 'a-', '//', 'a3f1c2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5-'])
    assertLinear(piece, 'CQL', plainCql);
});

test('a statement that is known costs less than a microsecond', async () => {
  const { describeStatement } = await loadBundled<typeof sql>(join(SOURCE, 'sql/describe.ts'));
  const text = `SELECT a, b, c FROM some_table WHERE ${'x = $1 AND '.repeat(20)} y = $2`;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20; round++) {
    const spent = microseconds(() => {
      for (let i = 0; i < 20_000; i++) describeStatement(text, 'postgresql');
    });
    best = Math.min(best, spent / 20_000);
  }
  assert.ok(best < 1, `${best} µs`);
});

const TEXT_PIECES = [
  ...PIECES,
  'a=',
  'a:',
  'a=%3D',
  'a=%253D&',
  '?a=b',
  '&a=',
  ';a',
  '://',
  '://@',
  'x://a:b@c ',
  ':a/',
  'password=',
  'password="',
  'token: [',
  'Bearer ',
  '<token>',
  'a<token>',
  '<a:token ',
  'Basic a',
  '--token ',
  '-----BEGIN ',
  '-----BEGIN PRIVATE KEY',
  'eyJ',
  'eyJ-',
  'AKIA',
  'sk-',
  '%',
  '%25',
  '@',
  '"password":"\\',
  '" is not valid JSON',
  'Unexpected token \'a\', ..."a" is not valid JSON',
];

test('text is read in linear time', async () => {
  const { redactText } = await loadBundled<typeof prose>(join(SOURCE, 'text/free-text.ts'));
  for (const piece of TEXT_PIECES) assertLinear(piece, 'text', redactText);
});

test('URLs are bounded, messages of databases too', async () => {
  const { redactUrl } = await loadBundled<typeof url>(join(SOURCE, 'http/url.ts'));
  const { redactDatabaseMessage } = await loadBundled<typeof database>(
    join(SOURCE, 'database/error-message.ts'),
  );
  for (const piece of TEXT_PIECES) {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const spent = microseconds(() => {
      redactUrl(text);
      redactUrl(`https://${text}`);
      redactDatabaseMessage(text, text.slice(0, 8192));
    });
    assert.ok(spent < 200_000, `${JSON.stringify(piece)}: ${spent} µs`);
  }
});
