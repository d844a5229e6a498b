/** What the dialects of SQL read differently, as far as literals and comments go. */

export type SqlDialect =
  | 'postgresql'
  | 'mysql'
  | 'mariadb'
  | 'sqlite'
  | 'microsoft.sql_server'
  | 'cassandra'
  | 'generic';

/** What double quotes enclose. */
export type DoubleQuotes =
  /** Always a name. */
  | 'name'
  /** Always a string. */
  | 'string'
  /** A name, or a string where no such name exists (SQLite: "Double-quoted String Literals Are Accepted"). */
  | 'either'
  /** Nobody knows: a string, unless only a name can stand there. */
  | 'unknown';

export interface DialectRules {
  /** False for a dialect that nobody told us. */
  readonly isKnown: boolean;
  readonly doubleQuotes: DoubleQuotes;
  /** Backslashes escape quotes in every string (MySQL manual, 11.1.1), not only in `E'..'` (PostgreSQL, 4.1.2.2). */
  readonly backslashEscapes: boolean;
  readonly escapeStrings: boolean;
  /** `$tag$ .. $tag$`; MySQL 9 has it for stored programs. */
  readonly dollarQuotes: boolean;
  /** `$1.50` is an amount of money (Transact-SQL, Constants). */
  readonly money: boolean;
  /** `?1` and `:1` are placeholders (SQLite, "Parameters"). */
  readonly numberedParameters: boolean;
  readonly hash: 'comment' | 'name' | 'operator' | 'unknown';
  /** `--` needs a blank behind it to be a comment (MySQL manual, 11.7). */
  readonly dashesNeedBlank: boolean;
  readonly carriageReturnEndsComment: boolean;
  readonly nestedComments: boolean;
  /** `/*! .. *\/`, `/*M! .. *\/`: a comment elsewhere, code here. */
  readonly executableComments: boolean;
  readonly brackets: 'name' | 'array' | 'unknown';
  readonly backticks: boolean;
  /** `@name` is a variable or a parameter; elsewhere `@` is an operator. */
  readonly atNames: boolean;
  /** `SET a.b = value` takes values without quotes. */
  readonly customSettings: boolean;
}

const POSTGRESQL: DialectRules = {
  isKnown: true,
  doubleQuotes: 'name',
  backslashEscapes: false,
  escapeStrings: true,
  dollarQuotes: true,
  money: false,
  numberedParameters: false,
  hash: 'operator',
  dashesNeedBlank: false,
  carriageReturnEndsComment: true,
  nestedComments: true,
  executableComments: false,
  brackets: 'array',
  backticks: false,
  atNames: false,
  customSettings: true,
};

const MYSQL: DialectRules = {
  isKnown: true,
  doubleQuotes: 'string',
  backslashEscapes: true,
  escapeStrings: false,
  dollarQuotes: true,
  money: false,
  numberedParameters: false,
  hash: 'comment',
  dashesNeedBlank: true,
  carriageReturnEndsComment: false,
  nestedComments: false,
  executableComments: true,
  brackets: 'array',
  backticks: true,
  atNames: true,
  customSettings: false,
};

const SQLITE: DialectRules = {
  isKnown: true,
  doubleQuotes: 'either',
  backslashEscapes: false,
  escapeStrings: false,
  dollarQuotes: false,
  money: false,
  numberedParameters: true,
  hash: 'operator',
  dashesNeedBlank: false,
  carriageReturnEndsComment: false,
  nestedComments: false,
  executableComments: false,
  brackets: 'name',
  backticks: true,
  atNames: true,
  customSettings: false,
};

const SQL_SERVER: DialectRules = {
  isKnown: true,
  doubleQuotes: 'name',
  backslashEscapes: false,
  escapeStrings: false,
  dollarQuotes: false,
  money: true,
  numberedParameters: false,
  hash: 'name',
  dashesNeedBlank: false,
  carriageReturnEndsComment: false,
  nestedComments: true,
  executableComments: false,
  brackets: 'name',
  backticks: false,
  atNames: true,
  customSettings: false,
};

/** Cassandra documentation, "Definitions". What is in no dialect of SQL is gone before (cql.ts). */
const CASSANDRA: DialectRules = {
  isKnown: true,
  doubleQuotes: 'name',
  backslashEscapes: false,
  escapeStrings: false,
  dollarQuotes: true,
  money: false,
  numberedParameters: true,
  hash: 'unknown',
  dashesNeedBlank: false,
  carriageReturnEndsComment: false,
  nestedComments: false,
  executableComments: false,
  brackets: 'array',
  backticks: false,
  atNames: false,
  customSettings: false,
};

const GENERIC: DialectRules = {
  isKnown: false,
  doubleQuotes: 'unknown',
  backslashEscapes: false,
  escapeStrings: true,
  dollarQuotes: true,
  money: false,
  numberedParameters: true,
  hash: 'unknown',
  dashesNeedBlank: false,
  carriageReturnEndsComment: false,
  nestedComments: true,
  executableComments: false,
  brackets: 'unknown',
  backticks: true,
  atNames: true,
  customSettings: true,
};

export function rulesOf(dialect: SqlDialect): DialectRules {
  switch (dialect) {
    case 'postgresql':
      return POSTGRESQL;
    case 'mysql':
    case 'mariadb':
      return MYSQL;
    case 'sqlite':
      return SQLITE;
    case 'microsoft.sql_server':
      return SQL_SERVER;
    case 'cassandra':
      return CASSANDRA;
    default:
      return GENERIC;
  }
}
