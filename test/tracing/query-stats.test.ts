import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { sanitizeName } from '../../src/redaction/sanitized';
import { countQuery, queryStats } from '../../src/tracing/query-stats';
import type { RecordingSpan } from '../../src/tracing/span';
import { testProvider } from './provider';

const { start, provider } = testProvider();
const tracer = provider.getTracer('test');

const text = (value: string) => sanitizeName(value) ?? '';
const statement = (summary: string) => ({
  text: text(`${summary} text`),
  summary: text(summary),
  operation: '' as const,
});

const count = (words: ReturnType<typeof statement>, ms: number, failed: boolean): void =>
  countQuery(start(), words, ms, failed, 0);

/** The spans of a request and of what is called in it. */
function inRequest(): { request: RecordingSpan; child: (parent?: RecordingSpan) => RecordingSpan } {
  const request = start('request');
  const child = (parent = request) =>
    tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, parent)) as RecordingSpan;
  return { request, child };
}

test('queries are counted in all and by statement, errors and times too', () => {
  assert.deepEqual(queryStats(), {
    queries: 0,
    errors: 0,
    totalMs: 0,
    repeated: 0,
    averageMs: 0,
    byStatement: Object.create(null),
  });
  count(statement('SELECT users'), 10, false);
  count(statement('SELECT users'), 20, true);
  count(statement('__proto__'), 30, false);
  const stats = queryStats();
  assert.deepEqual([stats.queries, stats.errors, stats.totalMs, stats.averageMs], [3, 1, 60, 20]);
  assert.deepEqual(stats.byStatement['SELECT users'], { queries: 2, errors: 1, totalMs: 30, repeated: 0 });
  assert.deepEqual(Object.keys(stats.byStatement), ['SELECT users', '__proto__']);
});

test('what was handed out does not change with the next query', () => {
  const before = queryStats();
  count(statement('SELECT users'), 5, false);
  assert.equal(before.byStatement['SELECT users']?.queries, 2);
});

test('a statement without summary goes by its operation, else by its text, at no length', () => {
  countQuery(start(), { text: text('x'.repeat(1000)), summary: '', operation: '' }, 1, false, 0);
  countQuery(start(), { text: text('get a'), summary: '', operation: text('GET') }, 1, false, 0);
  const keys = Object.keys(queryStats().byStatement);
  assert.ok(keys.includes('GET') && keys.includes('x'.repeat(255)), keys.join());
});

test('from 500 different statements on the further ones share a row', () => {
  for (let i = 0; i < 1000; i++) count(statement(`SELECT t${i}`), 1, false);
  const { byStatement } = queryStats();
  assert.equal(Object.keys(byStatement).length, 501);
  assert.equal(byStatement['(other statements)']?.queries, 504);
  count(statement('SELECT users'), 1, false);
  assert.equal(queryStats().byStatement['SELECT users']?.queries, 4);
});

test('a statement that runs ten times below one span is named on the span of the request, once', () => {
  const { request, child } = inRequest();
  for (let i = 0; i < 12; i++) countQuery(child(), statement('SELECT books'), 1, false, 10);
  for (let i = 0; i < 20; i++) countQuery(child(), statement('SELECT authors'), 1, false, 10);
  assert.equal(request.get('canvasops.db.repeated_statement'), 'SELECT books');
  assert.equal(request.get('canvasops.db.repeated_statement.count'), 12);
  assert.equal(request.get('canvasops.db.repeated_statement.text'), 'SELECT books text');
  assert.equal(queryStats().repeated, 2);
});

test('nine times is not repeated, nor is ten times below several spans', () => {
  const { request, child } = inRequest();
  for (let i = 0; i < 9; i++) countQuery(child(), statement('SELECT books'), 1, false, 10);
  for (const parent of [child(), child(), child()])
    for (let i = 0; i < 5; i++) countQuery(child(parent), statement('SELECT books'), 1, false, 10);
  assert.equal(request.get('canvasops.db.repeated_statement'), undefined);
});

test('0 marks none', () => {
  const { request, child } = inRequest();
  for (let i = 0; i < 20; i++) countQuery(child(), statement('SELECT books'), 1, false, 0);
  assert.equal(request.get('canvasops.db.repeated_statement'), undefined);
});
