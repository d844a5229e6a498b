import { testSummaries } from './table';

testSummaries('mysql', [
  ['SELECT * FROM `db`.`users` USE INDEX (a, b), t', 'SELECT `db`.`users` t', 'SELECT', ''],
  ['INSERT IGNORE INTO t SET a = 1', 'INSERT t', 'INSERT', 't'],
  ['INSERT LOW_PRIORITY t VALUES (1)', 'INSERT t', 'INSERT', 't'],
  ['REPLACE INTO t VALUES (1)', 'REPLACE t', 'REPLACE', 't'],
  ["SELECT REPLACE(a, 'x', 'y'), (INSERT(b, 1, 2, 'z')) FROM t", 'SELECT t', 'SELECT', 't'],
  ['INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1', 'INSERT t', 'INSERT', 't'],
  ['UPDATE a JOIN b ON a.id = b.id SET a.x = 1, b.y = 2', 'UPDATE a b', 'UPDATE', ''],
  ['DELETE a, b FROM a JOIN b ON a.id = b.id', 'DELETE a b', 'DELETE', ''],
  ['DELETE QUICK FROM t ORDER BY a, b LIMIT 1', 'DELETE t', 'DELETE', 't'],
  ['LOCK TABLES a WRITE, b READ', 'LOCK TABLES a b', 'LOCK TABLES', ''],
  ["LOAD DATA LOCAL INFILE 'f' INTO TABLE t FIELDS TERMINATED BY ','", 'LOAD t', 'LOAD', 't'],
  ['USE shop', 'USE shop', 'USE', ''],
  ['DESCRIBE users', 'DESCRIBE users', 'DESCRIBE', 'users'],
  ['RENAME TABLE a TO b', 'RENAME TABLE a', 'RENAME TABLE', 'a'],
  // A string in MySQL, unless ANSI_QUOTES is set
  ['SELECT * FROM "users"', 'SELECT', 'SELECT', ''],
]);

testSummaries('microsoft.sql_server', [
  [
    'SELECT TOP (10) * FROM [dbo].[my table] WITH (NOLOCK)',
    'SELECT [dbo].[my table]',
    'SELECT',
    'dbo.my table',
  ],
  ['SELECT * FROM db..users', 'SELECT db..users', 'SELECT', 'db..users'],
  ['SELECT * FROM a CROSS APPLY f(a.x) b', 'SELECT a f', 'SELECT', ''],
  ['DELETE users WHERE id = 1', 'DELETE users', 'DELETE', 'users'],
  ['DELETE TOP (5) FROM users', 'DELETE users', 'DELETE', 'users'],
  ['DELETE o FROM orders o JOIN u ON u.id = o.u', 'DELETE orders u', 'DELETE', ''],
  ['UPDATE TOP (10) t SET a = 1', 'UPDATE t', 'UPDATE', 't'],
  ['INSERT INTO t OUTPUT inserted.id VALUES (1)', 'INSERT t', 'INSERT', 't'],
  ['EXEC dbo.get_user @id = 5', 'EXEC dbo.get_user', 'EXEC', ''],
  ['EXEC @rc = dbo.get_user 5', 'EXEC dbo.get_user', 'EXEC', ''],
  ['SET NOCOUNT ON; INSERT INTO t VALUES (1)', 'SET; INSERT t', 'SET', 't'],
  [
    'IF EXISTS (SELECT 1 FROM t) UPDATE t SET a = 1 ELSE INSERT INTO t VALUES (1)',
    'IF SELECT t UPDATE t INSERT t',
    'IF',
    't',
  ],
  ['INSERT BULK t (a int)', 'INSERT t', 'INSERT', 't'],
  ['INSERT INTO bulk VALUES (1)', 'INSERT bulk', 'INSERT', 'bulk'],
  ['SAVE TRANSACTION a', 'SAVE', 'SAVE', ''],
  ["BULK INSERT t FROM 'f'", 'BULK INSERT t', 'BULK', 't'],
  [';WITH c AS (SELECT 1 AS a) SELECT * FROM c', 'SELECT SELECT', 'SELECT', ''],
]);

testSummaries('sqlite', [
  ['INSERT OR REPLACE INTO "t" VALUES (1)', 'INSERT "t"', 'INSERT', 't'],
  ['UPDATE OR IGNORE t SET a = 1', 'UPDATE t', 'UPDATE', 't'],
  ['PRAGMA table_info(users)', 'PRAGMA', 'PRAGMA', ''],
]);
