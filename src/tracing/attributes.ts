/** What may become an attribute, and how it is cut to the limits. */
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { sanitizeAttribute } from '../redaction/attributes';
import { type Sanitized, sanitizeName } from '../redaction/sanitized';
import { cutText } from '../text/cut';
import type { FlatAttributes } from './types';

/**
 * A value that the specification allows (string, boolean, number, array of one of them with null members),
 * shortened to `maxLength` characters and copied if it is an array; `undefined` if it is none of these.
 */
export function toAttributeValue(value: unknown, maxLength: number): AttributeValue | undefined {
  switch (typeof value) {
    case 'string':
      return cutText(value, maxLength);
    case 'number':
    case 'boolean':
      return value;
    case 'object':
      try {
        return Array.isArray(value) ? toArrayValue(value, maxLength) : undefined;
      } catch {
        return undefined; // a revoked Proxy, or members that throw when they are read
      }
    default:
      return undefined;
  }
}

function toArrayValue(values: readonly unknown[], maxLength: number): AttributeValue | undefined {
  let kind = '';
  const copy: unknown[] = [];
  for (const member of values) {
    if (member === null || member === undefined) {
      copy.push(null);
      continue;
    }
    const type = typeof member;
    if (kind === '') kind = type;
    if (type !== kind || (type !== 'string' && type !== 'number' && type !== 'boolean')) return undefined;
    copy.push(type === 'string' ? cutText(member as string, maxLength) : member);
  }
  return copy as AttributeValue;
}

/** Position of `key` in a flat list, or -1. Lists are short (128 by default), so a scan beats a map. */
export function indexOfKey(list: FlatAttributes, key: string): number {
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] === key) return i;
  }
  return -1;
}

/**
 * The flat form of user-given attributes, and how many did not fit. What cannot be an attribute is left out and not
 * counted, as in Span.setAttribute(): `{ reason: undefined }` loses nothing.
 */
export function flatten(
  attributes: unknown,
  maxCount: number,
  maxLength: number,
): { list: FlatAttributes; dropped: number } {
  const list: FlatAttributes = [];
  const holder = { attrs: list };
  let dropped = 0;
  if (attributes === null || typeof attributes !== 'object') return { list, dropped };
  let hasChangedKeys = false;
  for (const name of safeKeys(attributes)) {
    const value = toAttributeValue(safeGet(attributes, name), maxLength);
    if (value === undefined || name === '') continue;
    const key = name.toWellFormed(); // as it will be on the wire: there, two keys must not become one
    hasChangedKeys ||= key !== name;
    const at = hasChangedKeys ? indexOfKey(list, key) : -1;
    if (at >= 0) list[at + 1] = sanitizeAttribute(key, value, holder);
    else if (list.length >= maxCount * 2) dropped++;
    else list.push(key, sanitizeAttribute(key, value, holder));
  }
  return { list, dropped };
}

/** Own enumerable keys; none if a Proxy refuses. */
export function safeKeys(object: object): string[] {
  try {
    return Object.keys(object);
  } catch {
    return [];
  }
}

/** A property, or `undefined` where its getter throws. */
export function safeGet(object: unknown, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** Array.isArray() throws for a revoked Proxy. */
export function safeIsArray(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** Any value as text: for names and texts that callers without types may pass as something else. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return String(value);
  } catch {
    return ''; // no toString, or one that throws
  }
}

/** Names are low in cardinality by design; nothing that is so long is one. */
const MAX_NAME = 1024;

/** A span's name as the app or another library gives it. */
export function spanName(name: unknown): Sanitized {
  return sanitizeName(toText(name), MAX_NAME);
}

export function unflatten(list: FlatAttributes): Attributes {
  const entries: [string, AttributeValue][] = [];
  for (let i = 0; i < list.length; i += 2) entries.push([list[i] as string, list[i + 1] as AttributeValue]);
  // Unlike an assignment this makes an ordinary property of `__proto__` too.
  return Object.fromEntries(entries);
}
