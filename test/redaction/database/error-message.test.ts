import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactDatabaseMessage } from '../../../src/redaction/database/error-message';

const QUERY = 'SELECT "name", email FROM users WHERE id = ? ORDR BY name';

const CASES: readonly (readonly [string, string])[] = [
  // PostgreSQL
  ['invalid input syntax for type integer: "secret"', 'invalid input syntax for type integer: "?"'],
  [
    'invalid input syntax for type integer: "a "quoted" secret"',
    'invalid input syntax for type integer: "?"',
  ],
  [
    'invalid input syntax for type integer: "x relation "secret""',
    'invalid input syntax for type integer: "?"',
  ],
  ['invalid input value for enum mood: "secret"', 'invalid input value for enum mood: "?"'],
  [
    'duplicate key value violates unique constraint "users_email_key"',
    'duplicate key value violates unique constraint "users_email_key"',
  ],
  ['Key (email)=(bob@x) already exists.', 'Key (email)=(?) already exists.'],
  [
    'Key (a, b)=(1, se)(cret) is not present in table "users".',
    'Key (a, b)=(?) is not present in table "users".',
  ],
  ['Failing row contains (1, bob, secret).', 'Failing row contains (?).'],
  ['relation "public"."users" does not exist', 'relation "public"."users" does not exist'],
  ['column "a" of relation "users" does not exist', 'column "a" of relation "users" does not exist'],
  [
    'null value in column "a" of relation "t" violates not-null constraint',
    'null value in column "a" of relation "t" violates not-null constraint',
  ],
  // MongoDB
  [
    'E11000 duplicate key error collection: shop.users index: email_1 dup key: { email: "bob}@x", at: bob }',
    'E11000 duplicate key error collection: shop.users index: email_1 dup key: {?}',
  ],
  ['role "bob" does not exist', 'role "bob" does not exist'],
  ['password authentication failed for user "bob"', 'password authentication failed for user "bob"'],
  ['database "shop" does not exist', 'database "shop" does not exist'],
  ['syntax error at or near "ORDR"', 'syntax error at or near "ORDR"'],
  ['syntax error at or near "secret"', 'syntax error at or near "?"'],
  ['syntax error at or near "sername"', 'syntax error at or near "?"'],
  ['value "99999999999" is out of range for type integer', 'value "?" is out of range for type integer'],
  ['value too long for type character varying(255)', 'value too long for type character varying(?)'],
  ['there is no parameter $1', 'there is no parameter $1'],
  ['unterminated quoted string at or near "\'secret', 'unterminated quoted string at or near "?'],
  ['date/time field value out of range: "2020-99-99"', 'date/time field value out of range: "?"'],
  [
    'bind message supplies 2 parameters, but prepared statement "" requires 1',
    'bind message supplies ? parameters, but prepared statement "" requires ?',
  ],
  // MySQL
  ["Duplicate entry 'bob@x' for key 'users.email'", "Duplicate entry '?' for key 'users.email'"],
  ["Duplicate entry 'a' for key 'secret' for key 'users.email'", "Duplicate entry '?' for key 'users.email'"],
  [
    "ER_DUP_ENTRY: Duplicate entry '12-x' for key 'PRIMARY'",
    "ER_DUP_ENTRY: Duplicate entry '?' for key 'PRIMARY'",
  ],
  [
    "Incorrect integer value: 'secret' for column 'age' at row 1",
    "Incorrect integer value: '?' for column 'age' at row ?",
  ],
  [
    "Incorrect integer value: 'it's secret' for column `db`.`t`.`age` at row 1",
    "Incorrect integer value: '?' for column `db`.`t`.`age` at row ?",
  ],
  ["Truncated incorrect DOUBLE value: 'secret'", "Truncated incorrect DOUBLE value: '?'"],
  ["Data too long for column 'name' at row 1", "Data too long for column 'name' at row ?"],
  ["Unknown column 'foo' in 'field list'", "Unknown column 'foo' in 'field list'"],
  ["Table 'shop.users' doesn't exist", "Table 'shop.users' doesn't exist"],
  [
    "Access denied for user 'bob'@'localhost' (using password: YES)",
    "Access denied for user 'bob'@'localhost' (using password: YES)",
  ],
  [
    "You have an error in your SQL syntax; check the manual for the right syntax to use near 'x = 'secret' at line 1' at line 1",
    "You have an error in your SQL syntax; check the manual for the right syntax to use near '?' at line ?",
  ],
  [
    'Cannot add or update a child row: a foreign key constraint fails (`db`.`t`, CONSTRAINT `fk` FOREIGN KEY (`a`) REFERENCES `b` (`id`))',
    'Cannot add or update a child row: a foreign key constraint fails (`db`.`t`, CONSTRAINT `fk` FOREIGN KEY (`a`) REFERENCES `b` (`id`))',
  ],
  ["Out of range value for column 'a' at row 3", "Out of range value for column 'a' at row ?"],
  // SQL Server
  ["Invalid object name 'dbo.users'.", "Invalid object name 'dbo.users'."],
  ["Invalid column name 'x'.", "Invalid column name 'x'."],
  [
    "Violation of UNIQUE KEY constraint 'UQ_email'. Cannot insert duplicate key in object 'dbo.users'. The duplicate key value is (bob@x).",
    "Violation of UNIQUE KEY constraint 'UQ_email'. Cannot insert duplicate key in object 'dbo.users'. The duplicate key value is (?).",
  ],
  [
    "Conversion failed when converting the varchar value 'secret' to data type int.",
    "Conversion failed when converting the varchar value '?' to data type int.",
  ],
  [
    "String would be truncated in table 't', column 'a'. Truncated value: 'secret'.",
    "String would be truncated in table 't', column 'a'. Truncated value: '?'.",
  ],
  // SQLite, MongoDB
  ['UNIQUE constraint failed: users.email', 'UNIQUE constraint failed: users.email'],
  ['near "hidden": syntax error', 'near "?": syntax error'],
  ['unrecognized token: "\'secret"', 'unrecognized token: "?"'],
  [
    'E11000 duplicate key error collection: db.users index: email_1 dup key: { email: "bob@x" }',
    'E11000 duplicate key error collection: db.users index: email_1 dup key: {?}',
  ],
  // Node
  ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'],
  ['getaddrinfo ENOTFOUND db.example', 'getaddrinfo ENOTFOUND db.example'],
  ['Connection terminated unexpectedly', 'Connection terminated unexpectedly'],
  // Anything else
  ['value 99999 is out of range', 'value ? is out of range'],
  ['something \'secret\' and "secret" and `secret`', 'something \'?\' and "?" and `?`'],
  ["unterminated 'secret", "unterminated '?"],
  ['failed: postgres://u:secret@h/db', 'failed: postgres://REDACTED:REDACTED@h/db'],
  [
    'select * from users where a = \'secret\' - column "a" does not exist',
    'select * from users where a = \'?\' - column "a" does not exist',
  ],
  ['', ''],
  // SQLite
  ['UNIQUE constraint failed: users.email', 'UNIQUE constraint failed: users.email'],
  ['no such column: email', 'no such column: email'],
  ['SQLITE_ERROR: no such column: users.email', 'SQLITE_ERROR: no such column: users.email'],
  ['no such column: secret', 'no such column: ?'],
  ['no such column: users.secret', 'no such column: ?'],
  [
    'no such column: "secret" - should this be a string literal in single-quotes?',
    'no such column: "?" - should this be a string literal in single-quotes?',
  ],
  ['near "bob": syntax error', 'near "?": syntax error'],
  ['unrecognized token: "\'secret"', 'unrecognized token: "?"'],
  ['fts5: syntax error near "secret"', 'fts5: syntax error near "?"'],
];

for (const [message, expected] of CASES) {
  test(message, () => assert.equal(redactDatabaseMessage(message, QUERY), expected));
}

test('without a statement no word is known', () => {
  assert.equal(redactDatabaseMessage('syntax error at or near "users"', ''), 'syntax error at or near "?"');
});

test('long messages are cut', () => {
  const text = redactDatabaseMessage(`near "${'secret '.repeat(10_000)}"`, QUERY);
  assert.equal(text, 'near "?...');
  assert.ok(redactDatabaseMessage('x '.repeat(10_000), QUERY).length <= 8192 + 3);
});
