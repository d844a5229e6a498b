/**
 * The words of SQL that matter for masking and summaries, and their look-up straight from the statement:
 * the scanner hashes a word while it walks over it, so finding a keyword allocates nothing.
 */

/** What a word does inside a statement. */
export const NAME = 0;
export const SELECT = 1;
export const FROM = 2;
export const JOIN = 3;
export const INTO = 4;
export const UPDATE = 5;
export const DELETE = 6;
export const INSERT = 7;
export const REPLACE = 8;
export const MERGE = 9;
export const WITH = 10;
export const VALUES = 11;
export const USING = 12;
export const ON = 13;
export const IN = 14;
export const OR = 15;
/** Ends a list of tables. */
export const CLAUSE = 16;
/** May stand between an operation and its target. */
export const SKIP = 17;
export const TOP = 18;
export const DISTINCT = 19;
/** An operator whose right side is a value. */
export const LIKE = 20;
/** Another statement may follow in procedural SQL. */
export const BRANCH = 21;
/** `CREATE <object>` */
export const OBJECT = 22;
export const IDENTIFIED = 23;
export const BY = 24;
export const PASSWORD = 25;
export const TO = 26;
/** Any other word after which a sign belongs to the number that follows. */
export const OTHER = 27;
/** `VALUES ROW(1, 2), ROW(3, 4)` */
export const ROW = 28;

/** Flags of words that begin a statement. */
export const VERB = 1;
export const TABLE_TARGET = 2;
export const NAME_TARGET = 4;
export const TARGET_LIST = 8;
/** The kind of object follows: `CREATE TABLE`. */
export const WANTS_OBJECT = 16;
/** Other statements may be inside: `EXPLAIN`, `IF`, `BEGIN`. */
export const PROCEDURAL = 32;
/** Nothing behind it is an operation or a target: `GRANT SELECT ON ...`. */
export const OPAQUE = 64;
/** Passwords may stand in it without quotes. */
export const ACCOUNT = 128;
/** Flags of kinds of objects. */
export const OBJECT_TABLE = 256;
export const OBJECT_NAME = 512;
/** Only a part of the kind: `MATERIALIZED VIEW`. */
export const OBJECT_PART = 1024;
/** Named in an ON clause: the table of an index or a trigger. */
export const OBJECT_ON = 2048;
/** `SET a.b = value`: what custom settings hold is the app's data (PostgreSQL manual, 19.16). */
export const SETTING = 4096;
export const PRAGMA = 8192;
/** `LOAD DATA .. INTO TABLE t` */
export const LOADS = 16384;

// A power of two, four times the number of words: most look-ups end at the first slot.
const SLOTS = 1024;
const LONGEST = 13;
const slots = new Uint16Array(SLOTS);
const codes: number[] = [0];
const flags: number[] = [0];
const words: string[] = [''];

/** One step of a word's hash; `| 32` folds ASCII letters to lower case. */
export function hashStep(hash: number, charCode: number): number {
  return (Math.imul(hash, 31) + (charCode | 32)) | 0;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 10)) & (SLOTS - 1);
}

function define(code: number, verbFlags: number, list: string): void {
  for (const word of list.split(' ')) {
    let hash = 0;
    for (let i = 0; i < word.length; i++) hash = hashStep(hash, word.charCodeAt(i));
    let slot = slotOf(hash);
    while (slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
    slots[slot] = words.length;
    codes.push(code);
    flags.push(verbFlags);
    words.push(word);
  }
}

define(SELECT, VERB, 'SELECT');
define(FROM, 0, 'FROM');
define(JOIN, 0, 'JOIN STRAIGHT_JOIN APPLY');
define(INTO, 0, 'INTO');
define(UPDATE, VERB, 'UPDATE');
define(DELETE, VERB, 'DELETE');
define(INSERT, VERB, 'INSERT UPSERT');
define(REPLACE, VERB, 'REPLACE');
define(MERGE, VERB, 'MERGE');
define(WITH, VERB, 'WITH');
define(VALUES, VERB, 'VALUES');
define(VALUES, 0, 'VALUE');
define(USING, 0, 'USING');
define(ON, 0, 'ON');
define(IN, 0, 'IN');
define(OR, 0, 'OR');
define(
  CLAUSE,
  0,
  'WHERE GROUP ORDER HAVING LIMIT OFFSET FOR WINDOW UNION INTERSECT EXCEPT MINUS RETURNING QUALIFY',
);
define(CLAUSE, 0, 'OUTPUT OPTION');
define(CLAUSE, VERB, 'FETCH');
define(CLAUSE, VERB | PROCEDURAL | SETTING | ACCOUNT, 'SET');
define(
  SKIP,
  0,
  'ONLY LATERAL IGNORE LOW_PRIORITY HIGH_PRIORITY DELAYED QUICK NOT EXISTS CONCURRENTLY OVERWRITE',
);
define(SKIP, 0, 'RECURSIVE FULL FREEZE VERBOSE EXTENDED');
define(SKIP, VERB | PROCEDURAL, 'IF WHILE');
define(SKIP, VERB | WANTS_OBJECT | TABLE_TARGET | TARGET_LIST, 'ANALYZE');
define(TOP, 0, 'TOP');
define(DISTINCT, 0, 'DISTINCT');
define(LIKE, 0, 'LIKE ILIKE GLOB REGEXP RLIKE MATCH');
define(BRANCH, 0, 'THEN ELSE');
define(BRANCH, VERB | PROCEDURAL, 'BEGIN');
define(IDENTIFIED, 0, 'IDENTIFIED');
define(BY, 0, 'BY');
define(OTHER, 0, 'AS AND WHEN BETWEEN CASE IS RETURN DIV MOD ANY ALL SOME INTERVAL ESCAPE DEFAULT ROWS');
define(PASSWORD, 0, 'PASSWORD');
define(TO, 0, 'TO');
define(ROW, 0, 'ROW');

define(OBJECT, OBJECT_TABLE, 'VIEW TABLES');
define(OBJECT, OBJECT_TABLE | VERB | TABLE_TARGET, 'TABLE');
define(
  OBJECT,
  OBJECT_NAME,
  'SEQUENCE FUNCTION PROCEDURE TYPE DATABASE SCHEMA EXTENSION EVENT DOMAIN POLICY STATISTICS',
);
define(OBJECT, OBJECT_NAME | OBJECT_ON, 'INDEX TRIGGER');
define(OBJECT, OBJECT_PART, 'MATERIALIZED');
define(OBJECT, ACCOUNT, 'USER ROLE LOGIN');
define(OBJECT, 0, 'TRANSACTION SYSTEM SERVER TABLESPACE PUBLICATION SUBSCRIPTION');
define(OBJECT, VERB, 'SAVEPOINT');

define(NAME, VERB | WANTS_OBJECT, 'CREATE ALTER RENAME REFRESH REINDEX START RELEASE');
define(NAME, VERB | WANTS_OBJECT | TARGET_LIST, 'DROP OPTIMIZE REPAIR CHECK');
define(NAME, VERB | WANTS_OBJECT | TABLE_TARGET | TARGET_LIST, 'TRUNCATE LOCK');
define(NAME, VERB | TABLE_TARGET, 'VACUUM CLUSTER DESCRIBE DESC COPY HANDLER');
define(NAME, VERB | NAME_TARGET, 'CALL EXEC EXECUTE USE');
define(NAME, VERB | PROCEDURAL, 'EXPLAIN PREPARE DECLARE BULK');
define(NAME, VERB | OPAQUE | ACCOUNT, 'GRANT REVOKE DENY');
define(
  NAME,
  VERB | OPAQUE,
  'COMMENT SHOW LISTEN UNLISTEN NOTIFY DO ATTACH DETACH RESET DISCARD CHECKPOINT KILL FLUSH',
);
define(
  NAME,
  VERB | OPAQUE,
  'PURGE SHUTDOWN CHANGE STOP BACKUP RESTORE DBCC PRINT RAISERROR THROW WAITFOR XA UNLOCK',
);
define(
  NAME,
  VERB | OPAQUE,
  'COMMIT ROLLBACK SAVE END ABORT DEALLOCATE CLOSE OPEN MOVE REASSIGN IMPORT EXPORT SIGNAL',
);
define(NAME, VERB | OPAQUE | PRAGMA, 'PRAGMA');
define(NAME, VERB | LOADS, 'LOAD');

/** Index of the keyword `text.slice(start, end)`, whose hash is known; 0 = none. */
export function keywordAt(text: string, start: number, end: number, hash: number): number {
  const length = end - start;
  if (length < 2 || length > LONGEST) return 0;
  for (let slot = slotOf(hash); ; slot = (slot + 1) & (SLOTS - 1)) {
    const index = slots[slot] as number; // masked: always in range
    if (index === 0) return 0;
    const word = words[index] as string;
    if (word.length === length && sameWord(text, start, word)) return index;
  }
}

function sameWord(text: string, start: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) {
    const c = text.charCodeAt(start + i);
    const upper = c >= 97 && c <= 122 ? c - 32 : c;
    if (upper !== word.charCodeAt(i)) return false;
  }
  return true;
}

export function codeOf(keyword: number): number {
  return codes[keyword] as number;
}

export function flagsOf(keyword: number): number {
  return flags[keyword] as number;
}

/** The keyword in upper case. */
export function wordOf(keyword: number): string {
  return words[keyword] as string;
}
