/** What the innermost parenthesis of a statement is waiting for, see sql-targets.ts. */

export const IDLE = 0;
/** A table, then perhaps a comma and another one. */
export const TABLE = 1;
export const AFTER_TABLE = 2;
/** One table. */
export const SINGLE = 3;
/** One name of something else than a table. */
export const PLAIN_NAME = 4;
export const KIND_OF_OBJECT = 5;
/** The name of a common table expression. */
export const EXPRESSION_NAME = 6;
export const AFTER_EXPRESSION_NAME = 7;
/** `DELETE <here> FROM`: a table in Transact-SQL, an alias if FROM follows. */
export const DELETED = 8;
export const AFTER_DELETED = 9;
/** For the end of the statement; nothing counts any more. */
export const MUTED = 10;
/** Nothing of the statement was seen yet. */
export const STATEMENT = 11;

// Codes of tokens that are no words, next to those of the keywords.
export const OPENED = 40;
/** The operation of statements that neither query nor change rows. */
export const OTHER_VERB = 41;
