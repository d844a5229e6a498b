/** What follows `Bearer` and `Basic`, in headers and in sentences. */
import { isTokenPart } from './patterns';

const WORDS_AFTER_BEARER: ReadonlySet<string> = new Set(
  'token tokens auth authentication authorization scheme header realm is was not or and error'.split(' '),
);
const LONGEST_WORD = 14;

/** Whether `text` has this word, in lower case, at `start` in any case. */
export function isWord(text: string, start: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) {
    if ((text.charCodeAt(start + i) | 32) !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** `start` itself if what follows is no token: `Bearer token missing` is a sentence. */
export function endOfBearerToken(text: string, start: number): number {
  const end = endOfToken(text, start);
  const isInSentence =
    end - start <= LONGEST_WORD && WORDS_AFTER_BEARER.has(text.slice(start, end).toLowerCase());
  return isInSentence ? start : end;
}

/** `start` itself if there is nothing like base64 of `user:password`, which has capitals or digits in it. */
export function endOfBasicCredentials(text: string, start: number): number {
  const end = endOfToken(text, start);
  for (let i = start + 1; i < end; i++) {
    const c = text.charCodeAt(i);
    if ((c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 61) return end;
  }
  return start;
}

/** token68 of RFC 9110, section 11.2. */
function endOfToken(text: string, start: number): number {
  let i = start;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (!isTokenPart(c) && c !== 126 && c !== 43 && c !== 47 && c !== 61) break;
  }
  return i;
}
