/** What may be told about an SQL statement: its text without literals, its summary, its operation and its table. */
import { cutText } from '../../text/cut';
import type { Sanitized } from '../sanitized';
import { StatementCache } from './cache';
import { plainCql } from './cql';
import { rulesOf, type SqlDialect } from './dialect';
import { SqlScanner } from './scanner';

export type { SqlDialect } from './dialect';

/** In characters: what is read of a statement. The rest of a longer one, mostly a bulk insert, would say nothing new. */
const MAX_INPUT = 65_536;
/** In characters: what is kept of it. `...` behind it says that something is missing. */
const MAX_TEXT = 8192;
const CUT_MARK = '...';
/** Statements of a batch that are read. */
const MAX_BATCH = 64;

export interface StatementDescription {
  /** `db.query.text`: every literal is `?`, comments are gone. The statement itself if it has none of them. */
  readonly text: Sanitized;
  /** `db.query.summary`, '' if the statement is none we know. */
  readonly summary: Sanitized;
  /** `db.operation.name`: `SELECT`, `CREATE TABLE`; '' if unknown. */
  readonly operation: Sanitized;
  /** `db.collection.name`: the only table of the statement, without quotes; '' if there are none or several. */
  readonly collection: Sanitized;
}

const DIALECTS: readonly SqlDialect[] = [
  'postgresql',
  'mysql',
  'mariadb',
  'sqlite',
  'microsoft.sql_server',
  'cassandra',
  'generic',
];

/** The dialect of a `db.system.name`. */
export function dialectOf(system: string): SqlDialect {
  const name = system === 'mssql' ? 'microsoft.sql_server' : system;
  return (DIALECTS as readonly string[]).includes(name) ? (name as SqlDialect) : 'generic';
}

const cache = new StatementCache(DIALECTS.length, lengthOf);
const scanner = new SqlScanner(rulesOf('generic'));

/**
 * Describes a statement without its literals. Never throws; the work is linear in the length of the text and bounded.
 *
 * Texts without literals are remembered at once, they come from parameterised queries or are constant. A text with
 * literals is remembered when it comes a second time: an app that builds them from values makes millions of them.
 */
export function describeStatement(text: string, dialect: SqlDialect): StatementDescription {
  const space = spaceOf(dialect);
  const known = cache.get(space, text);
  if (known !== undefined) return known;
  const description = describe(text, dialect);
  cache.set(space, text, description, description.text !== text);
  return description;
}

/**
 * Describes statements that are sent together, as the semantic conventions say of batches: what they have in common is told
 * (`BATCH INSERT users`), the text once where it is always the same.
 * @param texts two or more
 */
export function describeBatch(texts: readonly string[], dialect: SqlDialect): StatementDescription {
  const read = texts.slice(0, MAX_BATCH).map((text) => describeStatement(text, dialect));
  const common = (field: keyof StatementDescription): string => {
    const value = read[0]?.[field] ?? '';
    return read.every((each) => each[field] === value) ? value : '';
  };
  const all = common('text') || read.map(({ text }) => text).join('; ');
  return {
    text: (all.length > MAX_TEXT ? cut(all) : all) as Sanitized,
    summary: batchOf(common('summary')),
    operation: batchOf(common('operation')),
    collection: common('collection') as Sanitized,
  };
}

function batchOf(words: string): Sanitized {
  return (words === '' ? 'BATCH' : `BATCH ${words}`) as Sanitized;
}

function spaceOf(dialect: SqlDialect): number {
  const index = DIALECTS.indexOf(dialect);
  return index < 0 ? DIALECTS.length - 1 : index;
}

function describe(text: string, dialect: SqlDialect): StatementDescription {
  const isWhole = text.length <= MAX_INPUT;
  const read = isWhole ? text : cutText(text, MAX_INPUT);
  const input = dialect === 'cassandra' ? plainCql(read) : read;
  let sanitized = scanner.scan(input, rulesOf(dialect), isWhole, MAX_TEXT);
  if (!isWhole || sanitized.length > MAX_TEXT) sanitized = cut(sanitized);
  const { summary, operation, collection } = scanner.result;
  scanner.release();
  return {
    text: sanitized as Sanitized,
    summary: summary as Sanitized,
    operation: operation as Sanitized,
    collection: collection as Sanitized,
  };
}

function lengthOf(description: StatementDescription): number {
  return description.text.length + description.summary.length + description.collection.length;
}

function cut(text: string): string {
  return cutText(text, MAX_TEXT) + CUT_MARK;
}
