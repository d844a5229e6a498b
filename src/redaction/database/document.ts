/**
 * Commands of document stores (MongoDB, Elasticsearch, CouchDB, DynamoDB) as they are written down: JSON, or the calls
 * of a shell such as `db.users.find({ age: { $gt: 30 } })`, and those of MongoDB as its driver is about to send them.
 * Names stay, values become `?`.
 */
import { types } from 'node:util';
import { cutText } from '../../text/cut';
import type { Sanitized } from '../sanitized';
import { maskSecrets } from '../secrets/patterns';

/** A longer name of a field is data. */
const MAX_KEY = 128;
const MAX_COLLECTION = 128;
/** Between a name and its colon. */
const MAX_BLANKS = 64;

/**
 * Commands of MongoDB whose value is the name of a collection (https://www.mongodb.com/docs/manual/reference/command/).
 * Not those that are likely names of fields as well, such as `count`: a filter begins with a field, too.
 */
const COMMANDS: ReadonlySet<string> = new Set(
  (
    'find insert update delete aggregate distinct findAndModify findandmodify mapReduce createIndexes dropIndexes ' +
    'listIndexes collMod'
  ).split(' '),
);

export interface SanitizedDocument {
  readonly text: string;
  /** `find`, `aggregate`, ...; '' if the document is no command of MongoDB. */
  readonly command: string;
  /** '' if there is no command. */
  readonly collection: string;
}

/** One pass over `text`, whatever its form; never throws. */
export function sanitizeDocument(text: string): SanitizedDocument {
  let out = '';
  let command = '';
  let collection = '';
  let fields = 0;
  let previous = '';
  for (let i = 0; i < text.length; ) {
    const c = text.charAt(i);
    if (isQuote(c)) {
      const end = endOfString(text, i);
      const inside = text.slice(i + 1, end - 1);
      if (isKey(text, end, inside)) {
        out += `${c}${maskSecrets(inside)}${c}`;
        if (fields++ === 0) command = inside;
      } else {
        if (fields === 1 && previous === ':' && COMMANDS.has(command)) collection = nameOf(inside);
        out += `${c}${collection === '' || fields > 1 ? '?' : collection}${c}`;
        fields = Math.max(fields, 2); // the first value was seen
      }
      i = end;
    } else if (isDigit(text, i)) {
      out += '?';
      i = endOfWord(text, i + 1, true);
    } else if (isWord(c)) {
      const end = endOfWord(text, i, false);
      const word = text.slice(i, end);
      const isName = isKey(text, end, word);
      // In the place of a value only functions are names: `ObjectId(...)`, `new Date(...)`.
      out += isName || previous !== ':' || isCalled(text, end) ? maskSecrets(word) : '?';
      if (isName && fields++ === 0) command = word;
      i = end;
    } else if (c === '/' && !isWord(previous) && previous !== ')') {
      out += '/?/'; // a regular expression; what stands behind it is its flags
      i = endOfString(text, i);
    } else {
      out += c;
      i++;
    }
    if (c > ' ') previous = text.charAt(i - 1);
  }
  return { text: out, command: collection === '' ? '' : command, collection };
}

/** Commands that name the collection in another field, or may be mistaken for a field in a text. */
const COLLECTION_FIELDS: ReadonlyMap<string, string> = new Map([
  ['getMore', 'collection'],
  ...['collStats', 'compact', 'count', 'create', 'drop', 'killCursors', 'reIndex', 'validate'].map(
    (name) => [name, name] as const,
  ),
]);

/** Each bounds what one command can cost, however large its documents are. */
const MAX_TEXT = 8192;
const MAX_FIELDS = 64;
const MAX_ELEMENTS = 16;
const MAX_DEPTH = 12;
const MAX_VALUES = 256;
const CUT_MARK = '...';
/** In characters. */
const MAX_COMMAND = 64;

/**
 * The name of a command and its collection; '' where there is none. Never throws.
 * @param command anything that the app may have passed as one
 */
export function commandOf(command: unknown): Omit<SanitizedDocument, 'text'> {
  const [name = ''] = isPlain(command) ? Object.keys(command) : [];
  if (!isCommandName(name)) return { command: '', collection: '' };
  const field = COMMANDS.has(name) ? name : COLLECTION_FIELDS.get(name);
  const collection = field === undefined ? undefined : ownValue(command as object, field);
  return { command: name, collection: typeof collection === 'string' ? nameOf(collection) : '' };
}

/** What is no word is no command of a server's, and may be a value. */
function isCommandName(name: string): boolean {
  if (name.length > MAX_COMMAND || !isLetter(name.charCodeAt(0))) return false;
  for (let i = 1; i < name.length; i++) {
    const c = name.charCodeAt(i);
    if (!isLetter(c) && !(c >= 48 && c <= 57) && c !== 95) return false;
  }
  return true;
}

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 97 && lower <= 122;
}

/** A command as one line of JSON. Never throws, and calls nothing of the app's: getters and Proxies are `?`. */
export function describeCommand(command: unknown): Sanitized {
  const { command: name, collection } = commandOf(command);
  return bounded(new DocumentWriter(command, COLLECTION_FIELDS.get(name) ?? name, collection).text);
}

/** The same for a document that is no command: no value of it is shown. '' for what is no document. */
export function describeDocument(document: unknown): Sanitized {
  return bounded(new DocumentWriter(document).text);
}

function bounded(text: string): Sanitized {
  return (text.length > MAX_TEXT ? cutText(text, MAX_TEXT) + CUT_MARK : text) as Sanitized;
}

class DocumentWriter {
  readonly text: string;
  private values = 0;

  /** @param shown the field whose value is the name of the collection */
  constructor(document: unknown, shown = '', collection = '') {
    this.text = isPlain(document) ? this.fields(document, 0, shown, collection) : '';
  }

  /** @param shown the field whose value is the name of the collection */
  private fields(document: object, depth: number, shown?: string, collection = ''): string {
    const keys = Object.keys(document);
    const parts = keys.slice(0, MAX_FIELDS).map((key) => {
      if (key === shown && collection !== '') return `${keyText(key)}:${JSON.stringify(collection)}`;
      return `${keyText(key)}:${this.value(ownValue(document, key), depth + 1)}`;
    });
    if (keys.length > MAX_FIELDS) parts.push(CUT_MARK);
    return `{${parts.join(',')}}`;
  }

  /** Neighbours that are the same without their values are written once. */
  private elements(list: readonly unknown[], depth: number): string {
    const parts: string[] = [];
    for (let i = 0; i < list.length && i < MAX_ELEMENTS; i++) {
      const part = this.value(ownValue(list, i), depth + 1);
      if (part !== parts[parts.length - 1]) parts.push(part);
    }
    if (list.length > MAX_ELEMENTS && parts.length > 1) parts.push(CUT_MARK);
    return `[${parts.join(',')}]`;
  }

  private value(value: unknown, depth: number): string {
    if (typeof value === 'string') return '"?"';
    if (typeof value !== 'object' || depth > MAX_DEPTH || ++this.values > MAX_VALUES) return '?';
    if (isPlain(value)) return this.fields(value, depth);
    return !types.isProxy(value) && Array.isArray(value) ? this.elements(value, depth) : '?';
  }
}

/** An object as it is written down; not one of a class, which may be a value (a date, an id). */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // `Object.prototype` of whatever realm.
  return prototype === null || (!types.isProxy(prototype) && Object.getPrototypeOf(prototype) === null);
}

/** Without calling a getter. */
function ownValue(object: object, key: string | number): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

function keyText(key: string): string {
  return key.length > MAX_KEY ? '"?"' : JSON.stringify(maskSecrets(key));
}

/** A collection's name, bounded; without what would end the string it stands in. */
function nameOf(inside: string): string {
  return inside.length > MAX_COLLECTION || inside.includes('\\') ? '?' : maskSecrets(inside);
}

function isQuote(c: string): boolean {
  return c === '"' || c === "'" || c === '`';
}

function isWord(c: string): boolean {
  const code = c.charCodeAt(0) | 32;
  return (code >= 97 && code <= 122) || (c >= '0' && c <= '9') || c === '_' || c === '$' || c > '\x7f';
}

/** Also `-1` and `.5`. */
function isDigit(text: string, at: number): boolean {
  const c = text.charAt(at);
  if (c >= '0' && c <= '9') return true;
  const next = text.charAt(at + 1);
  return (c === '-' || c === '.') && next !== '' && next >= '0' && next <= '9';
}

/** Behind the closing quote, or the end of a string that is not closed. */
function endOfString(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let i = start + 1; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '\\') i++;
    else if (c === quote) return i + 1;
  }
  // As if it were closed behind the text, so that what is inside ends where the text does.
  return text.length + 1;
}

function endOfWord(text: string, start: number, isNumber: boolean): number {
  let i = start;
  for (; i < text.length; i++) {
    const c = text.charAt(i);
    const isSign = isNumber && (c === '+' || c === '-') && (text.charCodeAt(i - 1) | 32) === 101;
    if (!isWord(c) && !isSign && !(isNumber && c === '.')) break;
  }
  return i;
}

/** Whether a colon follows: `{ "name" : ...`. */
function isKey(text: string, end: number, name: string): boolean {
  return name.length <= MAX_KEY && text.charAt(nextText(text, end)) === ':';
}

/** Whether it is called: `Date(`, `new Date(`. */
function isCalled(text: string, end: number): boolean {
  const next = nextText(text, end);
  return text.charAt(next) === '(' || (next > end && text.charAt(endOfWord(text, next, false)) === '(');
}

/** Behind blanks; they are few between two words, or each of them costs the rest once more. */
function nextText(text: string, start: number): number {
  const most = Math.min(text.length, start + MAX_BLANKS);
  let i = start;
  while (i < most && text.charAt(i) <= ' ') i++;
  return i;
}
