import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type * as sql from '../../../src/redaction/sql/describe';
import type { SqlDialect } from '../../../src/redaction/sql/describe';
import { loadBundled } from '../bundled';
import { Random } from '../random';
import { CANARY, CANARY_NUMBER, type Mode, StatementGenerator } from './generator';

const STATEMENTS = Number(process.env.CANARY_STATEMENTS ?? 4000);

const bundled = loadBundled<typeof sql>(join(__dirname, '../../../src/redaction/sql/describe.ts'));

function check(
  describeStatement: typeof sql.describeStatement,
  text: string,
  dialect: SqlDialect,
  seed: number,
): void {
  const description = describeStatement(text, dialect);
  const all = [description.text, description.summary, description.operation, description.collection].join(
    '\n',
  );
  // Parts of the canary would be leaks as well.
  const leaks = all.includes('anary') || all.includes('zqC') || all.includes(CANARY_NUMBER);
  assert.ok(!leaks, `seed ${seed}, ${dialect}\n${JSON.stringify(text)}\n${JSON.stringify(description)}`);
  assert.ok(description.summary.length <= 255);
}

async function run(dialect: SqlDialect, mode: Mode, as: SqlDialect): Promise<void> {
  const { describeStatement } = await bundled;
  for (let seed = 1; seed <= STATEMENTS; seed++) {
    check(describeStatement, new StatementGenerator(new Random(seed), dialect, mode).statement(), as, seed);
  }
}

const DIALECTS: readonly SqlDialect[] = ['postgresql', 'mysql', 'mariadb', 'sqlite', 'microsoft.sql_server'];

for (const dialect of DIALECTS) {
  test(`no literal of ${dialect} comes out`, () => run(dialect, 'usual', dialect));
}

test('MySQL with NO_BACKSLASH_ESCAPES', () => run('mysql', 'no-backslash-escapes', 'mysql'));
test('PostgreSQL with standard_conforming_strings = off', () =>
  run('postgresql', 'backslash-escapes', 'postgresql'));
for (const dialect of DIALECTS) {
  test(`${dialect}, read as an unknown dialect`, () => run(dialect, 'usual', 'generic'));
}

test(`the canary is in the statements`, () => {
  const text = Array.from({ length: 50 }, (_, seed) =>
    new StatementGenerator(new Random(seed), 'mysql', 'usual').statement(),
  ).join();
  assert.ok(text.includes(CANARY) && text.includes(CANARY_NUMBER));
});
