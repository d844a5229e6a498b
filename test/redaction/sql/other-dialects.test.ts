import { SAME, testTexts } from './table';

testTexts('sqlite', [
  ['SELECT "a", [b c], `d` FROM "users" WHERE "id" = ?', SAME],
  ['SELECT a FROM t WHERE b = ?1 AND c = :name AND d = @name AND e = $name', SAME],
  ['UPDATE "t" SET "count" = "count" + ? WHERE "id" IN (SELECT "id" FROM "u")', SAME],
  ['SELECT "t"."a" FROM "t" JOIN "u" ON "t"."id" = "u"."t_id" ORDER BY "a"', SAME],
  ["SELECT 'it''s secret', x'ABCD'", 'SELECT ?, ?'],
  ["SELECT 'C:\\', 'secret'", 'SELECT ?, ?'],
  // A double-quoted name that does not exist is a string in SQLite.
  ['SELECT a FROM t WHERE b = "secret"', 'SELECT a FROM t WHERE b = ?'],
  ['SELECT a FROM t WHERE b LIKE "secret"', 'SELECT a FROM t WHERE b LIKE ?'],
  ['SELECT a FROM t WHERE b IN ("secret", "other")', 'SELECT a FROM t WHERE b IN (?)'],
  ['INSERT INTO t (a, b) VALUES ("secret", "x")', 'INSERT INTO t (a, b) VALUES (?, ?)'],
  ['SELECT json_extract(a, "$.secret") FROM t', 'SELECT json_extract(a, ?) FROM t'],
  ['SELECT a FROM t WHERE b = 5 -- secret', 'SELECT a FROM t WHERE b = ?'],
  ['SELECT a /* /* secret */ FROM t', 'SELECT a FROM t'],
  ["PRAGMA key = 'secret'", 'PRAGMA key = ?'],
  ['PRAGMA key = secret', 'PRAGMA key = ?'],
  ['PRAGMA main.rekey("secret")', 'PRAGMA main.rekey ?'],
  ['PRAGMA journal_mode = WAL', SAME],
  ['PRAGMA user_version = 12', 'PRAGMA user_version = ?'],
  ["ATTACH 'secret.db' AS x KEY 'secret'", 'ATTACH ? AS x KEY ?'],
]);

testTexts('microsoft.sql_server', [
  ['SELECT [a b], [c]]d], "e" FROM [dbo].[my table] WITH (NOLOCK) WHERE x = @p1', SAME],
  ['SELECT @@ROWCOUNT, #tmp.a, ##g FROM #tmp', SAME],
  ["SELECT [it's] FROM t WHERE a = @p1", SAME],
  ["SELECT N'secret', 'it''s', 0xDEADBEEF", 'SELECT ?, ?, ?'],
  ['SELECT $12.50, -$5, \u20ac7.5, \u00a35', 'SELECT ?, -?, ?, ?'],
  ["SELECT 'C:\\dir\\', 'x'", 'SELECT ?, ?'],
  [
    'SELECT TOP 10 a FROM t ORDER BY b OFFSET 5 ROWS FETCH NEXT 10 ROWS ONLY',
    'SELECT TOP ? a FROM t ORDER BY b OFFSET ? ROWS FETCH NEXT ? ROWS ONLY',
  ],
  ["EXEC sp_executesql N'SELECT secret', N'@p1 int', @p1 = 5", 'EXEC sp_executesql ?, ?, @p1 = ?'],
  ['SELECT a /* x /* secret */ y */ FROM t -- secret', 'SELECT a FROM t'],
  [
    "CREATE LOGIN l WITH PASSWORD = 'secret', CHECK_POLICY = OFF",
    'CREATE LOGIN l WITH PASSWORD = ?, CHECK_POLICY = OFF',
  ],
  ["SELECT [unterminated secret 'x'", 'SELECT ?'],
  ["SELECT a FROM t WHERE b = 'O\\'Brien'", 'SELECT a FROM t WHERE b = ?'],
]);

testTexts('generic', [
  ['SELECT a FROM t WHERE b = ? AND c = $1 AND d = :name AND e = :1 AND f = @p', SAME],
  ['SELECT "a"."b" FROM "users" JOIN "orders"', SAME],
  ['SELECT [a b] FROM [dbo].[users]', SAME],
  ['SELECT `a` FROM `users`', SAME],
  ['SELECT "secret" FROM t WHERE a = "secret"', 'SELECT ? FROM t WHERE a = ?'],
  ["SELECT 'it''s', E'a\\'b', $$x$$, 0xFF, N'x'", 'SELECT ?, ?, ?, ?, ?'],
  // Whatever the server makes of these, nothing behind them is shown.
  ["SELECT 'a\\' AND b = 'secret'", 'SELECT ?'],
  ["SELECT q'[it's secret]' FROM dual", 'SELECT ?'],
  ["SELECT a /* x /* y */ b 'secret' */ c", 'SELECT a ?'],
  ["SELECT a #it's secret\n, b", 'SELECT a ?'],
  ["SELECT a --it's secret\n, b", 'SELECT a ?'],
  ["SELECT [it's] FROM t", 'SELECT ?'],
  ["SELECT /*! it's */ b", 'SELECT ?'],
  ['SELECT a # secret\nFROM t', 'SELECT a FROM t'],
  ["SELECT a #> '{b}' FROM t", 'SELECT a #> ? FROM t'],
  ["SELECT a -- it's secret\nFROM t", 'SELECT a FROM t'],
  ['SELECT $1234, $5.5, $3', 'SELECT ?, ?, $3'],
  ["SELECT a[1], ARRAY['x', 'y'], b['secret']", 'SELECT a[?], ARRAY[?], b[?]'],
  ['GRANT ALL ON t TO u IDENTIFIED BY secret1', 'GRANT ALL ON t TO u IDENTIFIED BY ?'],
  ['CREATE USER password PASSWORD Secret2', 'CREATE USER password PASSWORD ?'],
  ['ALTER USER u IDENTIFIED BY new REPLACE old', 'ALTER USER u IDENTIFIED BY ? REPLACE ?'],
]);
