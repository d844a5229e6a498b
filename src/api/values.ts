/** From anything an app hands over to a value an attribute can have. Never throws. */
import { types } from 'node:util';
import type { AttributeValue } from '@opentelemetry/api';
import { isSecretWord } from '../redaction/secrets/names';
import { MASK } from '../redaction/secrets/patterns';
import { redactText } from '../redaction/text/free-text';
import { cutText } from '../text/cut';
import { jsonText } from '../text/json';
import { safeGet, safeKeys, toAttributeValue, toText } from '../tracing/attributes';
import { errorFacts } from '../tracing/exception';

const MAX_TEXT = 16_384;
const MAX_DEPTH = 8;
const MAX_MEMBERS = 200;
/** Of one value in all: a request or an ORM's entity leads everywhere. */
const MAX_NODES = 2000;
const UNREADABLE = '<unreadable>';

/**
 * strings, numbers, booleans and arrays of one of them: as they are; bigint: decimal text; Date: ISO 8601 text;
 * Error: `Name: message`; objects with `toJSON` (URL, ObjectId, Decimal): what it gives; Map, Set, plain objects and
 * mixed arrays: JSON text, secrets masked, cycles cut; functions and symbols: their name. `undefined` and `null`:
 * nothing.
 */
export function metadataValue(key: string, value: unknown): AttributeValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (isSecret(key)) return MASK;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  try {
    if (Array.isArray(value)) {
      const clean = toAttributeValue(value.slice(0, MAX_MEMBERS), Number.POSITIVE_INFINITY);
      if (clean !== undefined) return clean;
    }
    const copy = new PlainCopy().of(value, 0);
    return typeof copy === 'object' ? cutText(jsonText(copy), MAX_TEXT) : copy;
  } catch {
    return UNREADABLE;
  }
}

/**
 * The app chose these names itself, so those that mean business as often as a secret (`code`, `key`, `pin`) are
 * left alone, as in running text. `pass` is not: it stands beside `user` in every mail and database configuration.
 */
function isSecret(key: string): boolean {
  return isSecretWord(key, false) || key.toLowerCase() === 'pass';
}

type Plain = string | number | boolean | object;

/** A copy that JSON can hold: bounded in depth, width and size, secrets masked. */
class PlainCopy {
  private readonly above = new Set<object>();
  private nodes = 0;

  of(value: unknown, depth: number): Plain {
    this.nodes++;
    switch (typeof value) {
      case 'string':
        return cutText(value, MAX_TEXT);
      case 'number':
      case 'boolean':
        return value;
      case 'function':
        return `[function ${toText(value.name) || 'anonymous'}]`;
      case 'object':
        return value === null ? 'null' : this.ofObject(value, depth);
      default:
        return toText(value);
    }
  }

  private ofObject(value: object, depth: number): Plain {
    // Not instanceof: values may come from another realm (test runners, vm).
    if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (types.isNativeError(value) || value instanceof Error) {
      const { type, message } = errorFacts(value);
      return redactText(`${type}: ${message}`, MAX_TEXT);
    }
    if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
    if (this.above.has(value)) return '[circular]';
    if (depth === MAX_DEPTH) return Array.isArray(value) ? '[array]' : '[object]';
    this.above.add(value);
    const copy = this.ofMembers(value, depth + 1);
    this.above.delete(value);
    return copy;
  }

  private ofMembers(value: object, depth: number): Plain {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') return this.of(Reflect.apply(toJSON, value, []), depth);
    if (Array.isArray(value) || types.isSet(value)) return this.ofList(value, depth);
    const copy = Object.create(null) as Record<string, unknown>;
    let count = 0;
    for (const [name, member] of types.isMap(value) ? value : propertiesOf(value)) {
      if (count++ === MAX_MEMBERS || this.nodes >= MAX_NODES) break;
      const key = toText(name);
      if (member !== undefined) copy[key] = isSecret(key) ? MASK : this.ofMember(member, depth);
    }
    return copy;
  }

  private ofList(values: Iterable<unknown>, depth: number): unknown[] {
    const copy: unknown[] = [];
    for (const member of values) {
      if (copy.length === MAX_MEMBERS || this.nodes >= MAX_NODES) break;
      copy.push(this.ofMember(member, depth));
    }
    return copy;
  }

  private ofMember(value: unknown, depth: number): unknown {
    if (value === null || value === undefined) return null;
    try {
      return this.of(value, depth);
    } catch {
      return UNREADABLE;
    }
  }
}

function* propertiesOf(value: object): Generator<[string, unknown]> {
  for (const key of safeKeys(value)) yield [key, safeGet(value, key)];
}
