/**
 * Attributes that the app or another library sets. Those under a name of the semantic conventions are treated like those
 * of our own instrumentations, since hosted instrumentations put URLs, headers and statements on spans as they find them.
 */
import type { AttributeValue } from '@opentelemetry/api';
import { safeText } from './error-text';
import { redactHeader } from './http/headers';
import { redactQuery, redactUrl } from './http/url';
import { type Sanitized, sanitizeName } from './sanitized';
import { redactText } from './text/free-text';

/** What the attribute is put on. */
interface AttributeHolder {
  /** The attributes that are there already, keys and values by turns. Read only where they matter. */
  readonly attrs: readonly (string | AttributeValue)[];
}

type Sanitizer = (text: string, others: AttributeHolder) => Sanitized;

/** Says what of a statement may leave the process. */
export type DescribeStatement = (text: string, system: string) => { readonly text: Sanitized };

let describeStatement: DescribeStatement | undefined;

/**
 * Gives the gate the reader of statements, which is loaded late. Without one, a statement becomes `?`.
 * @param describe is called for each statement that is set as an attribute; has to return, whatever the text
 */
export function setStatementDescriber(describe: DescribeStatement | undefined): void {
  describeStatement = describe;
}

/** Stable names, and those of older versions of the conventions that instrumentations still use. */
const SANITIZERS: ReadonlyMap<string, Sanitizer> = new Map<string, Sanitizer>([
  ...each(redactUrl, 'url.full', 'http.url', 'url.path', 'http.target'),
  ...each(redactQuery, 'url.query'),
  ...each(
    (text) => redactText(text),
    'user_agent.original',
    'http.user_agent',
    'process.command_line',
    'db.connection_string',
  ),
  ...each(
    safeText,
    'exception.message',
    'exception.stacktrace',
    'error.message',
    'error.type',
    'exception.type',
  ),
  ...each(sanitizeStatement, 'db.query.text', 'db.statement'),
  ...each(
    (text) => sanitizeName(text),
    'server.address',
    'client.address',
    'net.peer.name',
    'db.namespace',
    'db.name',
  ),
]);

function each(sanitizer: Sanitizer, ...keys: string[]): [string, Sanitizer][] {
  return keys.map((key) => [key, sanitizer]);
}

const HEADER = '.header.';

/**
 * The value as it may leave the process under this key.
 * @param others what it is put on: `db.system.name` says how a statement is to be read
 * @returns the same value where nothing has to be masked
 */
export function sanitizeAttribute(
  key: string,
  value: AttributeValue,
  others: AttributeHolder,
): AttributeValue {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const sanitizer = SANITIZERS.get(key);
  if (sanitizer !== undefined) return typeof value === 'string' ? sanitizer(value, others) : value;
  return key.startsWith('http.re') ? sanitizeHeader(key, value) : value;
}

/** `http.request.header.<name>`, `http.response.header.<name>` */
function sanitizeHeader(key: string, value: AttributeValue): AttributeValue {
  const at = key.indexOf(HEADER);
  if (at < 0) return value;
  const name = key.slice(at + HEADER.length).replaceAll('_', '-');
  if (typeof value === 'string') return redactHeader(name, value);
  return Array.isArray(value) ? value.map((each) => redactHeader(name, String(each))) : value;
}

/** The hosted instrumentations of these mask values themselves; their texts say how many there were. */
const MASKED: ReadonlySet<unknown> = new Set<unknown>(['redis', 'memcached']);

function sanitizeStatement(text: string, { attrs }: AttributeHolder): Sanitized {
  const system = valueUnder(attrs, 'db.system.name') ?? valueUnder(attrs, 'db.system');
  if (MASKED.has(system)) return redactText(text);
  return describeStatement?.(text, String(system)).text ?? sanitizeName('?');
}

function valueUnder(list: readonly (string | AttributeValue)[], key: string): AttributeValue | undefined {
  for (let i = 0; i < list.length; i += 2) if (list[i] === key) return list[i + 1];
  return undefined;
}
