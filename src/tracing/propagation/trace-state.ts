/** W3C `tracestate`: strict on the way in, bounded always (W3C trace context level 2, section 3.3). */
import type { TraceState } from '@opentelemetry/api';

const MAX_MEMBERS = 32;
const MAX_LENGTH = 512;
const MAX_KEY = 256;
const MAX_VALUE = 256;

export class ParsedTraceState implements TraceState {
  constructor(private readonly members: readonly (readonly [string, string])[]) {}

  get(key: string): string | undefined {
    return this.members.find((member) => member[0] === key)?.[1];
  }

  /** The changed member moves to the front, as the specification asks. */
  set(key: string, value: string): ParsedTraceState {
    if (!isKey(key) || !isValue(value)) return this;
    const rest = this.members.filter((member) => member[0] !== key).slice(0, MAX_MEMBERS - 1);
    return new ParsedTraceState([[key, value], ...rest]);
  }

  unset(key: string): ParsedTraceState {
    return new ParsedTraceState(this.members.filter((member) => member[0] !== key));
  }

  serialize(): string {
    return this.members.map(([key, value]) => `${key}=${value}`).join(',');
  }
}

/**
 * The members of a header, or `undefined` where there are none or the list breaks the rules: then the whole
 * list has to be discarded. A list that is valid but too long loses members from its end.
 */
export function parseTraceState(text: string): ParsedTraceState | undefined {
  if (text === '' || text.length > MAX_LENGTH * 16) return undefined;
  const members: [string, string][] = [];
  const seen = new Set<string>();
  let length = 0;
  for (const part of text.split(',')) {
    const member = part.trim();
    if (member === '') continue;
    const at = member.indexOf('=');
    const key = member.slice(0, at);
    const value = member.slice(at + 1);
    if (at < 1 || !isKey(key) || !isValue(value) || seen.has(key) || seen.size === MAX_MEMBERS) return undefined;
    seen.add(key);
    length += member.length + (members.length > 0 ? 1 : 0);
    if (length <= MAX_LENGTH) members.push([key, value]);
  }
  return members.length > 0 ? new ParsedTraceState(members) : undefined;
}

function isKey(key: string): boolean {
  if (key.length === 0 || key.length > MAX_KEY) return false;
  for (let i = 0; i < key.length; i++) {
    const c = key.charCodeAt(i);
    const letterOrDigit = (c >= 97 && c <= 122) || (c >= 48 && c <= 57);
    // Level 2 lets keys begin with a digit; `_-*/@` may follow.
    if (!letterOrDigit && (i === 0 || (c !== 95 && c !== 45 && c !== 42 && c !== 47 && c !== 64))) return false;
  }
  return true;
}

function isValue(value: string): boolean {
  if (value.length === 0 || value.length > MAX_VALUE) return false;
  for (let i = 0; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c < 0x20 || c > 0x7e || c === 44 || c === 61) return false;
  }
  return value.charCodeAt(value.length - 1) !== 0x20;
}
