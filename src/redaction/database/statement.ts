/** What may be told about a statement or a command that comes as text, in the language of its database. */
import { cutText } from '../../text/cut';
import { phrase, type Sanitized, sanitizeName } from '../sanitized';
import { describeStatement as describeSql, dialectOf, type StatementDescription } from '../sql/describe';
import { sanitizeDocument } from './document';
import { describeRedisCommands, redisCommandName } from './redis';

/** By `db.system.name`, and the names that older conventions had for them. */
const COMMANDS: ReadonlySet<string> = new Set(['redis', 'valkey', 'memcached']);
const DOCUMENTS: ReadonlySet<string> = new Set([
  'mongodb',
  'elasticsearch',
  'opensearch',
  'couchdb',
  'aws.dynamodb',
  'dynamodb',
  'azure.cosmosdb',
  'cosmosdb',
]);

/** What is read of a document; what is kept of it. The same as for SQL. */
const MAX_INPUT = 65_536;
const MAX_TEXT = 8192;
/** Commands of one text that are looked at, and words of each. */
const MAX_LINES = 64;
const empty = sanitizeName('', 0);

/** Never throws; the work is linear in the length of the text and bounded. */
export function describeStatement(text: string, system: string): StatementDescription {
  if (DOCUMENTS.has(system)) return describeDocument(text);
  return COMMANDS.has(system) ? describeCommands(text) : describeSql(text, dialectOf(system));
}

function describeDocument(text: string): StatementDescription {
  const { text: sanitized, command, collection } = sanitizeDocument(cutText(text, MAX_INPUT));
  const isCut = text.length > MAX_INPUT || sanitized.length > MAX_TEXT;
  const operation = sanitizeName(command);
  const target = sanitizeName(collection);
  return {
    text: (isCut ? `${cutText(sanitized, MAX_TEXT)}...` : sanitized) as Sanitized,
    summary: command === '' ? empty : phrase(operation, target),
    operation,
    collection: target,
  };
}

/** One command a line, its words separated by blanks. */
function describeCommands(text: string): StatementDescription {
  const commands = cutText(text, MAX_INPUT)
    .split('\n', MAX_LINES)
    .map((line) => line.split(' ').filter((word) => word !== ''))
    .filter((words) => words.length > 0)
    .map(([name = '', ...args]) => ({ name, args }));
  const [first] = commands;
  const operation = (commands.length === 1 && first !== undefined && redisCommandName(first.name)) || empty;
  return { text: describeRedisCommands(commands), summary: operation, operation, collection: empty };
}
