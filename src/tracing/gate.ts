/**
 * What the app or another library puts under a name of the conventions is treated as our own instrumentations treat it:
 * hosted instrumentations put URLs, headers and statements on spans as they find them.
 */
import type { AttributeValue } from '@opentelemetry/api';
import { type Clean, cleanName } from '../redaction/clean';
import { redactHeader } from '../redaction/headers';
import { redactText } from '../redaction/text';
import { redactQuery, redactUrl } from '../redaction/url';
import { safeText } from './exception';
import { currentRuntime } from './runtime';
import type { FlatAttributes } from './types';

/** Whatever the attribute is put on. */
interface AttributeHolder {
  /** Those that are there already; asked for only where they matter. */
  readonly attrs: FlatAttributes;
}

type Cleaner = (text: string, others: AttributeHolder) => Clean;

/** Stable names, and those of older versions of the conventions that instrumentations still use. */
const CLEANERS: ReadonlyMap<string, Cleaner> = new Map<string, Cleaner>([
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
  ...each(cleanStatement, 'db.query.text', 'db.statement'),
  ...each(
    (text) => cleanName(text),
    'server.address',
    'client.address',
    'net.peer.name',
    'db.namespace',
    'db.name',
  ),
]);

function each(cleaner: Cleaner, ...keys: string[]): [string, Cleaner][] {
  return keys.map((key) => [key, cleaner]);
}

const HEADER = '.header.';

/** The value as it may leave under this key. @param others what it is put on */
export function cleanAttribute(key: string, value: AttributeValue, others: AttributeHolder): AttributeValue {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const cleaner = CLEANERS.get(key);
  if (cleaner !== undefined) return typeof value === 'string' ? cleaner(value, others) : value;
  return key.startsWith('http.re') ? cleanHeader(key, value) : value;
}

/** `http.request.header.<name>`, `http.response.header.<name>` */
function cleanHeader(key: string, value: AttributeValue): AttributeValue {
  const at = key.indexOf(HEADER);
  if (at < 0) return value;
  const name = key.slice(at + HEADER.length).replaceAll('_', '-');
  if (typeof value === 'string') return redactHeader(name, value);
  return Array.isArray(value) ? value.map((each) => redactHeader(name, String(each))) : value;
}

/** Their instrumentations mask values themselves, and say how many there were. */
const MASKED: ReadonlySet<unknown> = new Set<unknown>(['redis', 'memcached']);

function cleanStatement(text: string, { attrs }: AttributeHolder): Clean {
  const system = valueUnder(attrs, 'db.system.name') ?? valueUnder(attrs, 'db.system');
  if (MASKED.has(system)) return redactText(text);
  return currentRuntime()?.database.describe(text, String(system)).text ?? cleanName('?');
}

function valueUnder(list: FlatAttributes, key: string): AttributeValue | undefined {
  for (let i = 0; i < list.length; i += 2) if (list[i] === key) return list[i + 1];
  return undefined;
}
