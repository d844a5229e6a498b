import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStatement } from '../../../src/redaction/sql/describe';
import { testSummaries } from './table';

// The examples of the semantic conventions
testSummaries('postgresql', [
  ['SELECT * FROM wuser_table WHERE username = $1', 'SELECT wuser_table', 'SELECT', 'wuser_table'],
  [
    'INSERT INTO shipping_details\n(order_id, address)\nSELECT order_id, address FROM orders WHERE order_id = $1',
    'INSERT shipping_details SELECT orders',
    'INSERT',
    '',
  ],
  ['SELECT * FROM songs, artists WHERE songs.artist_id == artists.id', 'SELECT songs artists', 'SELECT', ''],
  [
    'SELECT order_date FROM (SELECT * FROM orders o JOIN customers c ON o.customer_id = c.customer_id)',
    'SELECT SELECT orders customers',
    'SELECT',
    '',
  ],
  ['SELECT * FROM "song list", artists', 'SELECT "song list" artists', 'SELECT', ''],
]);

// Queries
testSummaries('postgresql', [
  ['select a from users', 'SELECT users', 'SELECT', 'users'],
  ['SELECT 1', 'SELECT', 'SELECT', ''],
  ['SELECT * FROM "public"."Users"', 'SELECT "public"."Users"', 'SELECT', 'public.Users'],
  ['SELECT * FROM "a.b"', 'SELECT "a.b"', 'SELECT', '"a.b"'],
  ['SELECT * FROM a . b', 'SELECT a.b', 'SELECT', 'a.b'],
  ['SELECT * FROM a./* secret */b', 'SELECT a.b', 'SELECT', 'a.b'],
  ['SELECT * FROM users u, orders AS o (x, y), t3 WHERE a = b, c', 'SELECT users orders t3', 'SELECT', ''],
  [
    'SELECT * FROM a JOIN b ON a.x = b.y AND f(a, c) LEFT OUTER JOIN d USING (id), e ORDER BY f, g',
    'SELECT a b d e',
    'SELECT',
    '',
  ],
  ['SELECT * FROM a CROSS JOIN b NATURAL LEFT JOIN c FULL JOIN d', 'SELECT a b c d', 'SELECT', ''],
  ['SELECT * FROM (a JOIN b ON a.x = b.x) JOIN c', 'SELECT a b c', 'SELECT', ''],
  ['SELECT * FROM users a JOIN users b ON a.id = b.parent', 'SELECT users users', 'SELECT', 'users'],
  ['SELECT * FROM ONLY a, LATERAL (SELECT * FROM b) x', 'SELECT a SELECT b', 'SELECT', ''],
  ['SELECT * FROM get_orders($1), generate_series(1, 5)', 'SELECT get_orders generate_series', 'SELECT', ''],
  ['SELECT a FROM t UNION ALL SELECT b FROM u', 'SELECT t SELECT u', 'SELECT', ''],
  ['(SELECT a FROM t) UNION (SELECT b FROM u)', 'SELECT t SELECT u', 'SELECT', ''],
  ['SELECT a, (SELECT max(b) FROM u) FROM t', 'SELECT SELECT u t', 'SELECT', ''],
  [
    'SELECT a FROM t WHERE b IN (SELECT c FROM u) AND EXISTS (SELECT 1 FROM v)',
    'SELECT t SELECT u SELECT v',
    'SELECT',
    '',
  ],
  ['SELECT * FROM (VALUES (1), (2)) AS x (id) JOIN users u ON true', 'SELECT users', 'SELECT', 'users'],
  // FROM that is no FROM
  [
    'SELECT EXTRACT(YEAR FROM a), SUBSTRING(b FROM 1 FOR 2), TRIM(LEADING FROM c) FROM t',
    'SELECT t',
    'SELECT',
    't',
  ],
  ['SELECT * FROM t WHERE a IS DISTINCT FROM b', 'SELECT t', 'SELECT', 't'],
  ['SELECT count(DISTINCT a) FROM t', 'SELECT t', 'SELECT', 't'],
  // UPDATE that is no UPDATE
  ['SELECT * FROM t FOR UPDATE OF t SKIP LOCKED', 'SELECT t', 'SELECT', 't'],
  ['INSERT INTO t VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = 1 RETURNING *', 'INSERT t', 'INSERT', 't'],
  ['SELECT t.select, t.from, t.update FROM t', 'SELECT t', 'SELECT', 't'],
  ['SELECT * FROM "select" WHERE "from" = 1', 'SELECT "select"', 'SELECT', 'select'],
  ["SELECT 'FROM secret' FROM t -- FROM u", 'SELECT t', 'SELECT', 't'],
  // Common table expressions
  ['WITH c AS (SELECT a FROM t) SELECT * FROM c', 'SELECT t SELECT', 'SELECT', 't'],
  [
    'WITH RECURSIVE c (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c), "D" AS NOT MATERIALIZED (SELECT * FROM u) SELECT * FROM c, "D", v',
    'SELECT SELECT u SELECT v',
    'SELECT',
    '',
  ],
  [
    'WITH old AS (SELECT id FROM t) DELETE FROM u WHERE id IN (SELECT id FROM old)',
    'SELECT t DELETE u SELECT',
    'DELETE',
    '',
  ],
  [
    'WITH d AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM d',
    'DELETE t INSERT u SELECT',
    'INSERT',
    '',
  ],
  [
    'WITH a AS (WITH b AS (SELECT 1 FROM t) SELECT * FROM b) UPDATE u SET x = 1',
    'SELECT t SELECT UPDATE u',
    'UPDATE',
    '',
  ],
]);

// Changes, and everything else
testSummaries('postgresql', [
  ['UPDATE t SET a = (SELECT b FROM u), c = 1 WHERE d', 'UPDATE t SELECT u', 'UPDATE', ''],
  ['UPDATE t SET a = u.b, c = d FROM u, v WHERE t.id = u.id', 'UPDATE t u v', 'UPDATE', ''],
  ['UPDATE ONLY public.t AS x SET a = 1', 'UPDATE public.t', 'UPDATE', 'public.t'],
  ['DELETE FROM t USING u, v WHERE t.id = u.id', 'DELETE t u v', 'DELETE', ''],
  [
    'MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1, b = 2 WHEN NOT MATCHED THEN INSERT (a) VALUES (1)',
    'MERGE t s',
    'MERGE',
    '',
  ],
  ['VALUES (1), (2)', 'VALUES', 'VALUES', ''],
  ['TABLE users', 'TABLE users', 'TABLE', 'users'],
  [
    'CREATE TABLE IF NOT EXISTS public.users (id int, a text)',
    'CREATE TABLE public.users',
    'CREATE TABLE',
    'public.users',
  ],
  ['CREATE TEMP TABLE t AS SELECT * FROM u', 'CREATE TABLE t SELECT u', 'CREATE TABLE', ''],
  ['CREATE OR REPLACE VIEW v AS SELECT * FROM t', 'CREATE VIEW v SELECT t', 'CREATE VIEW', ''],
  [
    'REFRESH MATERIALIZED VIEW CONCURRENTLY v',
    'REFRESH MATERIALIZED VIEW v',
    'REFRESH MATERIALIZED VIEW',
    'v',
  ],
  [
    'CREATE UNIQUE INDEX CONCURRENTLY i ON public.t USING btree (a)',
    'CREATE INDEX i public.t',
    'CREATE INDEX',
    'public.t',
  ],
  ['CREATE INDEX ON t (a)', 'CREATE INDEX t', 'CREATE INDEX', 't'],
  ['ALTER TABLE t ADD COLUMN a int, ADD COLUMN b int', 'ALTER TABLE t', 'ALTER TABLE', 't'],
  ['DROP TABLE IF EXISTS a, b CASCADE', 'DROP TABLE a b', 'DROP TABLE', ''],
  ['DROP SCHEMA s', 'DROP SCHEMA s', 'DROP SCHEMA', ''],
  ['TRUNCATE a, b', 'TRUNCATE a b', 'TRUNCATE', ''],
  ['TRUNCATE TABLE ONLY a', 'TRUNCATE TABLE a', 'TRUNCATE TABLE', 'a'],
  ["CREATE USER bob PASSWORD 'x'", 'CREATE USER', 'CREATE USER', ''],
  [
    'CREATE FUNCTION f(a int) RETURNS int AS $$ SELECT 1 FROM t $$',
    'CREATE FUNCTION f',
    'CREATE FUNCTION',
    '',
  ],
  ['LOCK TABLE t IN EXCLUSIVE MODE', 'LOCK TABLE t', 'LOCK TABLE', 't'],
  ['COPY t (a, b) FROM STDIN', 'COPY t', 'COPY', 't'],
  ['COPY (SELECT * FROM t) TO STDOUT', 'COPY SELECT t', 'COPY', 't'],
  ['VACUUM ANALYZE t', 'VACUUM t', 'VACUUM', 't'],
  ['ANALYZE t', 'ANALYZE t', 'ANALYZE', 't'],
  ['EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM t', 'EXPLAIN SELECT t', 'EXPLAIN', 't'],
  [
    'EXPLAIN ANALYZE INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1',
    'EXPLAIN INSERT t',
    'EXPLAIN',
    't',
  ],
  ['PREPARE p (int) AS UPDATE t SET a = $1', 'PREPARE UPDATE t', 'PREPARE', 't'],
  ['DECLARE c CURSOR FOR SELECT * FROM t FOR UPDATE', 'DECLARE SELECT t', 'DECLARE', 't'],
  ['FETCH 10 FROM c', 'FETCH', 'FETCH', ''],
  ['CALL app.do_it(1)', 'CALL app.do_it', 'CALL', ''],
  ['BEGIN', 'BEGIN', 'BEGIN', ''],
  ['START TRANSACTION READ ONLY', 'START TRANSACTION', 'START TRANSACTION', ''],
  ['COMMIT', 'COMMIT', 'COMMIT', ''],
  // Names that change from call to call
  ['SAVEPOINT trx_12', 'SAVEPOINT', 'SAVEPOINT', ''],
  ['RELEASE SAVEPOINT trx_12', 'RELEASE SAVEPOINT', 'RELEASE SAVEPOINT', ''],
  ['ROLLBACK TO SAVEPOINT trx_12', 'ROLLBACK', 'ROLLBACK', ''],
  ['LISTEN channel_5', 'LISTEN', 'LISTEN', ''],
  ['SET search_path TO a, b', 'SET', 'SET', ''],
  ['GRANT SELECT, UPDATE ON t TO bob', 'GRANT', 'GRANT', ''],
  ['SHOW server_version', 'SHOW', 'SHOW', ''],
  // Several statements
  ['SELECT a FROM t; SELECT b FROM u;', 'SELECT t; SELECT u', 'SELECT', ''],
  ['BEGIN; UPDATE t SET a = 1; COMMIT', 'BEGIN; UPDATE t; COMMIT', 'BEGIN', 't'],
  [';; ; SELECT a FROM t ;;', 'SELECT t', 'SELECT', 't'],
  // Nothing we know
  ['', '', '', ''],
  [';', '', '', ''],
  ['-- SELECT', '', '', ''],
  ['hello SELECT secret FROM world', '', '', ''],
  ["'SELECT' FROM t", '', '', ''],
  ['SELECT', 'SELECT', 'SELECT', ''],
  ['SELECT FROM', 'SELECT', 'SELECT', ''],
  ['WITH', '', 'WITH', ''],
]);

test('a summary has at most 255 characters and ends with a whole target', () => {
  const tables = Array.from({ length: 50 }, (_, i) => `very_long_table_name_${i}`);
  const { summary } = describeStatement(`SELECT * FROM ${tables.join(', ')}`, 'postgresql');
  assert.equal(summary, `SELECT ${tables.slice(0, 10).join(' ')}`);
  const { summary: one } = describeStatement(`SELECT * FROM ${'a'.repeat(300)}, b`, 'postgresql');
  assert.equal(one, 'SELECT');
});

test('parentheses of any depth', () => {
  const { summary } = describeStatement(`${'(SELECT * FROM a, '.repeat(2000)}`, 'postgresql');
  assert.ok(summary.startsWith('SELECT a SELECT a'));
  assert.ok(summary.length <= 255);
  assert.equal(
    describeStatement(`${'('.repeat(500)}SELECT * FROM t${')'.repeat(500)}`, 'mysql').summary,
    'SELECT t',
  );
});

test('what is guessed is not in the summary', () => {
  const { summary } = describeStatement("SELECT a FROM t WHERE b = 'C:\\' FROM c = ' JOIN secret '", 'mysql');
  assert.equal(summary, 'SELECT t');
});
