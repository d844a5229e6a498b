/** What a statement of SQL does to the transaction of its connection: begins it, marks a savepoint in it, ends it. */
import type { SqlDialect, StatementDescription } from '../../redaction/sql/describe';

/**
 * `abandoned`: the connection was released or lost before the end. `prepared`: another connection may commit it
 * (PREPARE TRANSACTION of PostgreSQL).
 */
export type Outcome = 'committed' | 'rolled_back' | 'abandoned' | 'prepared';

/** What differs between databases. */
export interface TransactionRules {
  /** A failed statement fails the transaction, also where the database does not say so at its end. */
  readonly failsAsAWhole: boolean;
  /** BEGIN within a transaction commits it. */
  readonly commitsAtBegin: boolean;
  /** Each BEGIN within a transaction has a COMMIT of its own, and only the last COMMIT ends the transaction. */
  readonly countsBegins: boolean;
}

export function rulesOf(dialect: SqlDialect): TransactionRules {
  return {
    // PostgreSQL answers the COMMIT of one that has failed with success, and has rolled it back.
    failsAsAWhole: dialect === 'postgresql',
    // MySQL manual, "Statements That Cause an Implicit Commit".
    commitsAtBegin: dialect === 'mysql' || dialect === 'mariadb',
    // Transact-SQL reference, COMMIT TRANSACTION and @@TRANCOUNT.
    countsBegins: dialect === 'microsoft.sql_server',
  };
}

/** What a statement does to the transactions of its connection. */
export type Step =
  /** A name is what a ROLLBACK may call the transaction by. */
  | { readonly does: 'begin'; readonly name?: string }
  | { readonly does: 'savepoint'; readonly name: string }
  | { readonly does: 'end'; readonly outcome: Outcome; readonly savepoint: string | undefined };

/** By the first letters, so that other statements are not read here. */
export function mayBegin(text: string): boolean {
  switch (text.charCodeAt(0) | 0x20) {
    case 0x62: // b
      return (text.charCodeAt(1) | 0x20) === 0x65; // e
    case 0x73: // s
      return (text.charCodeAt(1) | 0x20) === 0x74; // t
    case 0x20: // a blank
    case 0x2a: // a line feed
    case 0x2d: // a comment, or a carriage return
    case 0x2f: // a comment
    case 0x29: // a tab
      return true;
    default:
      return false;
  }
}

/** By the summary: a text of several statements has a longer one, and is none of these. */
const STEPS: ReadonlyMap<string, 'begin' | 'commit' | 'rollback' | 'prepare' | 'savepoint' | 'release'> =
  new Map(
    Object.entries({
      BEGIN: 'begin',
      'START TRANSACTION': 'begin',
      COMMIT: 'commit',
      END: 'commit',
      ROLLBACK: 'rollback',
      ABORT: 'rollback',
      PREPARE: 'prepare',
      SAVEPOINT: 'savepoint',
      // SAVE TRANSACTION of T-SQL
      SAVE: 'savepoint',
      RELEASE: 'release',
      'RELEASE SAVEPOINT': 'release',
    } as const),
  );

export function stepOf({ text, summary }: StatementDescription, dialect: SqlDialect): Step | undefined {
  const kind = STEPS.get(summary);
  if (kind === undefined) return undefined;
  const words = text.toUpperCase();
  const isSqlServer = dialect === 'microsoft.sql_server';
  switch (kind) {
    case 'begin':
      if (!isSqlServer) return { does: 'begin' };
      // BEGIN of T-SQL begins a block.
      return words.includes('TRAN') ? { does: 'begin', name: transactionName(words) ?? '' } : undefined;
    case 'savepoint':
      return { does: 'savepoint', name: lastWord(words) };
    case 'release':
      return { does: 'end', outcome: 'committed', savepoint: lastWord(words) };
    case 'prepare':
      return words.startsWith('PREPARE TRANSACTION')
        ? { does: 'end', outcome: 'prepared', savepoint: undefined }
        : undefined;
    default: {
      // COMMIT PREPARED is about another transaction, COMMIT AND CHAIN begins the next one.
      if (words.includes(' PREPARED') || words.includes(' CHAIN')) return undefined;
      if (isSqlServer && kind === 'rollback')
        return { does: 'end', outcome: 'rolled_back', savepoint: transactionName(words) };
      const savepoint = kind === 'rollback' && words.includes(' TO ') ? lastWord(words) : undefined;
      return { does: 'end', outcome: kind === 'commit' ? 'committed' : 'rolled_back', savepoint };
    }
  }
}

/** What T-SQL has after TRANSACTION or TRAN, which may be left out where there is no name. */
function transactionName(words: string): string | undefined {
  const word = lastWord(words);
  return ['BEGIN', 'ROLLBACK', 'TRAN', 'TRANSACTION', 'WORK'].includes(word) ? undefined : word;
}

/** A name with blanks in it is known by its last word. */
function lastWord(text: string): string {
  const end = text.endsWith(';') ? text.slice(0, -1).trimEnd() : text.trimEnd();
  return end.slice(end.lastIndexOf(' ') + 1);
}
