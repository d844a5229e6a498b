import { SAME, type TextCase, testTexts } from './table';

const CASES: readonly TextCase[] = [
  ['SELECT * FROM `users` WHERE id = ? AND name = ?', SAME],
  ["SELECT `a``b`, `it's` FROM `db`.`users` WHERE x = ?", SAME],
  ['INSERT INTO users SET ?', SAME],
  ['SELECT ?? FROM ??', SAME],
  ['SELECT @a, @@session.sql_mode, @`b`', SAME],
  // Strings, in either quotes
  ['SELECT "secret", \'secret\'', 'SELECT ?, ?'],
  ["SELECT 'it\\'s secret', \"say \\\"secret\\\"\", 'a\\\\'", 'SELECT ?, ?, ?'],
  ['SELECT \'it\'\'s\', "say ""x"""', 'SELECT ?, ?'],
  ['SELECT "it\'s secret", \'say "secret"\'', 'SELECT ?, ?'],
  ["SELECT _utf8'secret', _utf8mb4 'secret', N'secret', n'x'", 'SELECT ?, _utf8mb4 ?, ?, ?'],
  ["SELECT x'4D7953', X'4D', b'01', B'1', 0xFF, 0b01", 'SELECT ?, ?, ?, ?, ?, ?'],
  ["SELECT DATE'2020-01-01', {d '2020-01-01'}", 'SELECT DATE?, {d ?}'],
  [
    "SELECT a FROM t WHERE b = 'it\\'s' AND c = 5 AND d = 'x'",
    'SELECT a FROM t WHERE b = ? AND c = ? AND d = ?',
  ],
  ['UPDATE t SET a = \'{\\"k\\": \\"it\\\'s\\"}\' WHERE b = 1', 'UPDATE t SET a = ? WHERE b = ?'],
  ["SELECT 'secret", 'SELECT ?'],
  ["SELECT 'secret\\'", 'SELECT ?'],
  ['SELECT "secret', 'SELECT ?'],
  ['SELECT `secret', 'SELECT ?'],
  ["SELECT @'secret', 'root'@'localhost'", 'SELECT @?, ?@?'],
  // NO_BACKSLASH_ESCAPES: strings turn inside out, so nothing behind the first doubt is shown.
  ["SELECT a FROM t WHERE b = 'C:\\' AND c = 'secret'", 'SELECT a FROM t WHERE b = ?'],
  [
    "SELECT a FROM t WHERE b = 'C:\\' AND c = 'secret' AND d = 'D:\\' AND e = 'x'",
    'SELECT a FROM t WHERE b = ?',
  ],
  // Names may begin with digits in MySQL; they are masked.
  ['SELECT a FROM 2fa_tokens', 'SELECT a FROM ?'],
  ['SELECT 1, -1, 1.5e3, .5, a-1, a - 1, a--1', 'SELECT ?, ?, ?, ?, a-?, a - ?, a-?'],
  // Comments
  ['SELECT a # secret\nFROM t', 'SELECT a FROM t'],
  ['SELECT a#secret', 'SELECT a'],
  ['SELECT a -- secret\nFROM t', 'SELECT a FROM t'],
  ['SELECT a --\nFROM t', 'SELECT a FROM t'],
  ["SELECT a --it's secret\nFROM t", 'SELECT a ?'],
  ['SELECT a /* secret */ FROM t', 'SELECT a FROM t'],
  ["SELECT a /* /* secret */ FROM t WHERE b = 'x'", 'SELECT a FROM t WHERE b = ?'],
  ['SELECT /*+ MAX_EXECUTION_TIME(1000) */ a FROM t', 'SELECT a FROM t'],
  ['SELECT /*!40001 SQL_NO_CACHE */ a FROM t', 'SELECT SQL_NO_CACHE a FROM t'],
  ['SELECT /*!50701 a, 5 */ b FROM t', 'SELECT a, ? b FROM t'],
  ["SELECT /*!99999 it's */ a FROM t WHERE b = 'secret'", 'SELECT ?'],
  ["SELECT /*M!100100 'x' */ a", 'SELECT ?'],
  ['SELECT /*!50701 /*!50702 a */ b */ c', 'SELECT ?'],
  ['SELECT /*!50701 unterminated 5', 'SELECT unterminated ?'],
  // Lists and rows
  ['SELECT a FROM t WHERE b IN (\'a\', "b", 3)', 'SELECT a FROM t WHERE b IN (?)'],
  [
    "INSERT INTO t (a, b) VALUES (1, 'a'),(2, 'b') ON DUPLICATE KEY UPDATE a = VALUES(a), b = f(1)",
    'INSERT INTO t (a, b) VALUES (?, ?) ON DUPLICATE KEY UPDATE a = VALUES(a), b = f(?)',
  ],
  ['INSERT INTO t VALUES ROW(1, 2), ROW(3, 4)', 'INSERT INTO t VALUES ROW(?, ?)'],
  ['REPLACE INTO t VALUES (1, 2)', 'REPLACE INTO t VALUES (?, ?)'],
  ['SELECT a FROM t LIMIT 5, 10', 'SELECT a FROM t LIMIT ?, ?'],
  // Accounts
  ["CREATE USER 'u'@'%' IDENTIFIED BY 'secret'", 'CREATE USER ?@? IDENTIFIED BY ?'],
  [
    "ALTER USER u IDENTIFIED WITH mysql_native_password BY 'secret' REPLACE 'old'",
    'ALTER USER u IDENTIFIED WITH mysql_native_password BY ? REPLACE ?',
  ],
  ["SET PASSWORD FOR 'u'@'%' = PASSWORD('secret')", 'SET PASSWORD FOR ?@? = PASSWORD(?)'],
  ["GRANT ALL ON db.* TO 'u'@'%' IDENTIFIED BY 'secret'", 'GRANT ALL ON db.* TO ?@? IDENTIFIED BY ?'],
  ["CHANGE MASTER TO MASTER_PASSWORD='secret'", 'CHANGE MASTER TO MASTER_PASSWORD=?'],
  ["LOAD DATA INFILE '/tmp/secret' INTO TABLE t", 'LOAD DATA INFILE ? INTO TABLE t'],
  [
    'CREATE FUNCTION f() RETURNS INT LANGUAGE JAVASCRIPT AS $$ return "secret" $$',
    'CREATE FUNCTION f() RETURNS INT LANGUAGE JAVASCRIPT AS ?',
  ],
];

testTexts('mysql', CASES);
testTexts('mariadb', CASES);
