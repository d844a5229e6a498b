/** Secrets in running text: messages of errors, stack traces, lines of logs. One pass, linear. */
import { cutText } from '../../text/cut';
import type { Sanitized } from '../sanitized';
import { endOfBasicCredentials, endOfBearerToken, isWord } from '../secrets/auth-schemes';
import { isSecretKey, isSecretWord } from '../secrets/names';
import { endOfSecret, isLetterOrDigit, isTokenPart, MASK } from '../secrets/patterns';
import { decode, decodeFully, hasEscapedSeparator, MAX_LAYERS } from '../secrets/percent';
import { endOfUserinfo, MASKED_USERINFO } from '../secrets/userinfo';
import { maskJsonExcerpts } from './json-error';
import {
  endOfElement,
  endOfHeaderValue,
  endOfPrivateKey,
  endOfQuotedValue,
  endOfStructure,
  endOfTag,
  endOfWordValue,
  isElementName,
  isHeaderName,
  isNamePart,
  saysNothing,
} from './value-end';

/** In characters: what is kept of a text where the caller names no limit. */
const MAX_TEXT = 65_536;
const CUT_MARK = '...';
/** Between a name and its `=` or `:`: quotes, their backslashes, blanks. */
const MAX_DISTANCE = 32;
const MAX_NAME = 256;

/** In characters: how far a cut moves back to the end of a word. In half a URL a password cannot be told from a host. */
const MAX_WORD = 512;

/**
 * The text with everything masked that looks like a secret. Never throws.
 * @param text the whole text: a caller that cuts it first may cut a secret in two
 * @param maxLength how many characters are kept of a longer text
 * @returns the same string if there is nothing to mask
 */
export function redactText(text: string, maxLength: number = MAX_TEXT): Sanitized {
  const isCut = text.length > maxLength;
  const plain = maskJsonExcerpts(isCut ? cutText(text, endOfWords(text, maxLength - CUT_MARK.length)) : text);
  const result = new FreeTextRedactor(plain, false).run();
  return (isCut ? result + CUT_MARK : result) as Sanitized;
}

function endOfWords(text: string, end: number): number {
  for (let i = end; i > 0 && i > end - MAX_WORD; i--) {
    const c = text.charCodeAt(i);
    if (c <= 32 || c === 34 || c === 39 || c === 44 || c === 59) return i;
  }
  return end;
}

/** Whether an encoded value has something in it that {@link redactText} would mask, in any layer of its encoding. */
export function hidesSecret(value: string): boolean {
  let text = value;
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const decoded = decode(text);
    if (decoded === text) return false;
    if (new FreeTextRedactor(decoded, true).run() !== decoded) return true;
    text = decoded;
  }
  return false;
}

class FreeTextRedactor {
  private out = '';
  private flushed = 0;
  /** The last word, which may turn out to be the name of a secret. */
  private wordStart = 0;
  private wordEnd = -1;
  /** The last stretch without blanks that had a `://` in it, and its last `@`. */
  private stretchEnd = 0;
  private stretchAt = -1;
  /** Values up to here were searched for encoded secrets. */
  private searchedTo = 0;

  constructor(
    private readonly text: string,
    private readonly isDecoded: boolean,
  ) {}

  run(): string {
    const { text } = this;
    let isInWord = false;
    for (let i = 0; i < text.length; ) {
      const c = text.charCodeAt(i);
      if (c === 45 && text.startsWith('-----BEGIN ', i)) {
        const end = endOfPrivateKey(text, i);
        if (end > i) {
          isInWord = false;
          i = this.mask(i, end);
          continue;
        }
      }
      if (isNamePart(c)) {
        const end = isInWord && isLetterOrDigit(text.charCodeAt(i - 1)) ? 0 : endOfSecret(text, i);
        if (end > 0) {
          isInWord = false;
          i = this.mask(i, end);
          continue;
        }
        if (!isInWord) this.wordStart = i;
        isInWord = true;
        this.wordEnd = ++i;
        continue;
      }
      isInWord = false;
      i = this.separator(i, c);
    }
    return this.flushed === 0 ? text : this.out + text.slice(this.flushed);
  }

  private separator(i: number, c: number): number {
    switch (c) {
      case 61: // =
        return this.pair(i, true);
      case 58: // :
        if (this.text.charCodeAt(i + 1) === 47 && this.text.charCodeAt(i + 2) === 47)
          return this.userinfo(i + 3);
        return this.pair(i, false);
      case 62: // >
        return this.wordEnd === i && isElementName(this.text, this.wordStart) ? this.element(i) : i + 1;
      case 32:
      case 9:
        return this.wordEnd === i ? this.afterWord(i) : i + 1;
      default:
        return i + 1;
    }
  }

  private mask(start: number, end: number): number {
    this.replace(start, end, MASK);
    return end;
  }

  private replace(start: number, end: number, replacement: string): void {
    this.out += this.text.slice(this.flushed, start) + replacement;
    this.flushed = end;
    this.wordEnd = -1;
  }

  private userinfo(start: number): number {
    const { text } = this;
    if (start >= this.stretchEnd) this.readStretch(start);
    const at = endOfUserinfo(text, start, this.stretchEnd, this.stretchAt);
    if (at < 0) return start;
    this.replace(start, at, MASKED_USERINFO);
    return at;
  }

  /** What has no blanks and could be a URL. */
  private readStretch(start: number): void {
    const { text } = this;
    this.stretchAt = -1;
    let i = start;
    for (; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c <= 32 || c === 60 || c === 62) break;
      if (c === 64) this.stretchAt = i;
      if ((c === 34 || c === 39 || c === 96) && !isTokenPart(text.charCodeAt(i + 1))) break;
    }
    this.stretchEnd = i;
  }

  /** A `=` or `:` at `i`: masks the value behind it if the word before it is the name of a secret. */
  private pair(i: number, isAssignment: boolean): number {
    const name = this.nameBefore(i);
    if (name === '') return i + 1;
    if (!this.isSecret(name, isAssignment)) return isAssignment ? this.harmlessValue(name, i + 1) : i + 1;
    const { text } = this;
    let start = i + 1;
    // ==, =>
    while (start < i + 3 && (text.charCodeAt(start) === 61 || text.charCodeAt(start) === 62)) start++;
    while (text.charCodeAt(start) === 32 || text.charCodeAt(start) === 9) start++;
    const c = text.charCodeAt(start);
    if (start >= text.length || c === 10 || c === 13) return start;
    if (c === 91 || c === 123) return this.mask(start, endOfStructure(text, start));
    const quoted = endOfQuotedValue(text, start);
    if (quoted !== undefined) {
      if (!saysNothing(text, quoted.start, quoted.end)) this.mask(quoted.start, quoted.end);
      return quoted.end;
    }
    const quote = text.charCodeAt(this.wordStart - 1);
    const end = isHeaderName(name) ? endOfHeaderValue(text, start, quote) : endOfWordValue(text, start);
    return saysNothing(text, start, end) ? end : this.mask(start, end);
  }

  /** The name in front of the separator at `i`, without quotes; '' if there is none. */
  private nameBefore(i: number): string {
    const { text, wordEnd } = this;
    if (wordEnd < 0 || i - wordEnd > MAX_DISTANCE) return '';
    for (let at = wordEnd; at < i; at++) {
      const c = text.charCodeAt(at);
      if (c !== 34 && c !== 39 && c !== 96 && c !== 92 && c !== 32) return '';
    }
    return text.slice(Math.max(this.wordStart, wordEnd - MAX_NAME), wordEnd);
  }

  private isSecret(name: string, isAssignment: boolean): boolean {
    const plain = name.includes('%') ? decodeFully(name) : name;
    const before = this.wordStart > 0 ? this.text.charCodeAt(this.wordStart - 1) : 0;
    // ?name=, &name=
    return before === 63 || before === 38 ? isSecretKey(plain) : isSecretWord(plain, isAssignment);
  }

  /** A value under a harmless name may be a whole URL in percent-encoding; and in `code=a&b=c` the name is not harmless. */
  private harmlessValue(name: string, start: number): number {
    if (start < this.searchedTo || this.isDecoded) return start;
    const { text } = this;
    const end = endOfWordValue(text, start);
    this.searchedTo = end;
    const isSecret =
      (text.charCodeAt(end) === 38 && isSecretKey(name)) ||
      (hasEscapedSeparator(text, start, end) && hidesSecret(text.slice(start, end)));
    return isSecret ? this.mask(start, end) : start;
  }

  /** `<password>abc</password>`, with or without attributes; `i` is the end of the name. */
  private element(i: number): number {
    const { text, wordStart } = this;
    if (!isSecretWord(text.slice(wordStart, i), true)) return i + 1;
    const start = endOfTag(text, i);
    const end = start === 0 ? 0 : endOfElement(text, wordStart, start);
    if (end === 0) return i + 1;
    return saysNothing(text, start, end) ? end : this.mask(start, end);
  }

  /** A blank behind a word: `Bearer abc`, `Basic abc`, `--password abc`. */
  private afterWord(i: number): number {
    const { text, wordStart } = this;
    if (isElementName(text, wordStart)) return this.element(i);
    const length = i - wordStart;
    const isBearer = length === 6 && isWord(text, wordStart, 'bearer');
    const isScheme = isBearer || (length === 5 && isWord(text, wordStart, 'basic'));
    const isOption = !isScheme && text.charCodeAt(wordStart) === 45 && text.charCodeAt(wordStart + 1) === 45;
    if (!isScheme && !isOption) return i + 1;
    let start = i + 1;
    while (text.charCodeAt(start) === 32) start++;
    if (isOption) {
      if (text.charCodeAt(start) === 45 || !isSecretWord(text.slice(wordStart, i), true)) return start;
      const end = endOfWordValue(text, start);
      return end > start ? this.mask(start, end) : start;
    }
    const end = isBearer ? endOfBearerToken(text, start) : endOfBasicCredentials(text, start);
    return end > start ? this.mask(start, end) : start;
  }
}
