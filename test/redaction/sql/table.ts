/** Runs tables of statements: what goes in, what must come out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStatement, type SqlDialect } from '../../../src/redaction/sql/describe';

/** Comes out as it went in. */
export const SAME = Symbol('same');

export type TextCase = readonly [statement: string, expected: string | typeof SAME];

export function testTexts(dialect: SqlDialect, cases: readonly TextCase[]): void {
  for (const [statement, expected] of cases) {
    test(`${dialect}: ${JSON.stringify(statement).slice(1, -1)}`, () => {
      const { text } = describeStatement(statement, dialect);
      assert.equal(text, expected === SAME ? statement : expected);
    });
  }
}

export type SummaryCase = readonly [
  statement: string,
  summary: string,
  operation: string,
  collection: string,
];

export function testSummaries(dialect: SqlDialect, cases: readonly SummaryCase[]): void {
  for (const [statement, summary, operation, collection] of cases) {
    test(`${dialect}: ${summary === '' ? JSON.stringify(statement) : summary}`, () => {
      const description = describeStatement(statement, dialect);
      assert.deepEqual(
        {
          summary: description.summary,
          operation: description.operation,
          collection: description.collection,
        },
        { summary, operation, collection },
      );
    });
  }
}
