/** W3C `tracestate`: strict on the way in, bounded always (W3C trace context level 2, section 3.3). */
import type { TraceState } from '@opentelemetry/api';
import { toText } from '../attributes';

const MAX_MEMBERS = 32;
const MAX_LENGTH = 512;
/** What is still read in order to be cut to MAX_LENGTH. */
const MAX_HEADER = 8192;
const LONG_MEMBER = 128;
const MAX_KEY = 256;
const MAX_VALUE = 256;

type Member = readonly [key: string, value: string];

export class ParsedTraceState implements TraceState {
  constructor(private readonly members: readonly Member[]) {}

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

/** The text of a trace state of anybody's making; '' where it has none that may be sent. Never throws. */
export function traceStateText(state: TraceState | undefined): string {
  if (state === undefined) return '';
  if (state instanceof ParsedTraceState) return state.serialize();
  try {
    return parseTraceState(toText(state.serialize()))?.serialize() ?? '';
  } catch {
    return '';
  }
}

/**
 * The members of a header, or `undefined` where there are none or the list breaks the rules: then the whole
 * list has to be discarded. A list that is valid but too long loses members. Of two members with the same key the
 * first stays: it is the newer one, and a system has one position in a trace (section 3.3.1.3.1).
 */
export function parseTraceState(text: string): ParsedTraceState | undefined {
  if (text === '' || text.length > MAX_HEADER) return undefined;
  const members: Member[] = [];
  const seen = new Set<string>();
  let count = 0;
  for (const part of text.split(',')) {
    const member = trimBlanks(part);
    if (member === '') continue;
    const at = member.indexOf('=');
    const key = member.slice(0, at);
    const value = member.slice(at + 1);
    if (at < 1 || !isKey(key) || !isValue(value) || ++count > MAX_MEMBERS) return undefined;
    if (seen.has(key)) continue;
    seen.add(key);
    members.push([key, value]);
  }
  return members.length > 0 ? new ParsedTraceState(fitting(members)) : undefined;
}

/** Members over 128 characters go first, then whatever stands last (section 3.3.1.5). */
function fitting(members: Member[]): Member[] {
  let excess = -1 - MAX_LENGTH;
  for (const member of members) excess += lengthOf(member);
  if (excess <= 0) return members;
  const kept = members.filter((member) => {
    if (excess <= 0 || lengthOf(member) <= LONG_MEMBER) return true;
    excess -= lengthOf(member);
    return false;
  });
  for (let last = kept.at(-1); excess > 0 && last !== undefined; last = kept.at(-1)) {
    excess -= lengthOf(last);
    kept.pop();
  }
  return kept;
}

/** With `=` and the comma that follows. */
function lengthOf([key, value]: Member): number {
  return key.length + value.length + 2;
}

/** Optional white space is blanks and tabs (RFC 9110, section 5.6.3); String.trim() takes away much more. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(c: number): boolean {
  return c === 0x20 || c === 0x09;
}

function isKey(key: string): boolean {
  if (key.length === 0 || key.length > MAX_KEY) return false;
  for (let i = 0; i < key.length; i++) {
    const c = key.charCodeAt(i);
    const letterOrDigit = (c >= 97 && c <= 122) || (c >= 48 && c <= 57);
    // Level 2 lets keys begin with a digit; `_-*/@` may follow.
    if (!letterOrDigit && (i === 0 || (c !== 95 && c !== 45 && c !== 42 && c !== 47 && c !== 64)))
      return false;
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
