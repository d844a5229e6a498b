/** URLs and query strings without their secrets, for `url.full` and `url.query`. Broken ones too. */
import { cutText } from '../../text/cut';
import type { Sanitized } from '../sanitized';
import { isSecretKey } from '../secrets/names';
import { isTokenPart, MASK, maskSecrets } from '../secrets/patterns';
import { decodeFully, hasEscapedSeparator } from '../secrets/percent';
import { endOfUserinfo, MASKED_USERINFO } from '../secrets/userinfo';
import { hidesSecret } from '../text/free-text';
import { endsAt } from '../text/value-end';

const MAX_URL = 4096;
const CUT_MARK = '...';

/**
 * An absolute URL with its userinfo replaced by `REDACTED:REDACTED` and the values of secret parameters by `REDACTED`:
 * in the query, in the fragment, in parameters of the path, and in URLs within values.
 * The same string if nothing had to change. Never throws.
 */
export function redactUrl(url: string): Sanitized {
  const isCut = url.length > MAX_URL;
  const text = cutText(url, MAX_URL);
  const start = authorityStart(text);
  if (start < 0) return finish(redactPairs(text, 0, ''), isCut);
  const authorityEnd = endOfAuthority(text, start);
  // The `@` of a userinfo without end lies behind the cut.
  if (isCut && authorityEnd === text.length) return (text.slice(0, start) + MASK + CUT_MARK) as Sanitized;
  const at = endOfUserinfo(text, start, text.length, text.lastIndexOf('@'));
  if (at < 0) return finish(redactPairs(text, 0, ''), isCut);
  return finish(redactPairs(text, at, text.slice(0, start) + MASKED_USERINFO), isCut);
}

/** A query string, with or without its `?`. The same string if nothing had to change. */
export function redactQuery(query: string): Sanitized {
  const isCut = query.length > MAX_URL;
  return finish(redactPairs(cutText(query, MAX_URL), 0, ''), isCut);
}

/** A path. Only parameters in it can be told from other text: `/a;jsessionid=...`. */
export function redactPath(path: string): Sanitized {
  return path.includes('=') ? redactQuery(path) : finish(cutText(path, MAX_URL), path.length > MAX_URL);
}

function finish(text: string, isCut: boolean): Sanitized {
  const masked = maskSecrets(text);
  return (isCut ? masked + CUT_MARK : masked) as Sanitized;
}

/**
 * Where the authority begins, however many slashes there are before it (URL standard, "special authority ignore
 * slashes state"), with or without a scheme; -1 for a mere path.
 */
function authorityStart(text: string): number {
  let i = 0;
  while (i < text.length && isSchemePart(text.charCodeAt(i))) i++;
  let start = text.charCodeAt(i) === 58 ? i + 1 : 0;
  const slashes = start;
  while (isSlash(text.charCodeAt(start))) start++;
  return slashes === 0 && start === 1 ? -1 : start;
}

/** Letters, digits, `+`, `-`, `.`; and blanks, which URL parsers drop. */
function isSchemePart(c: number): boolean {
  return c <= 32 || c === 43 || (c !== 95 && isTokenPart(c));
}

function isSlash(c: number): boolean {
  return c === 47 || c === 92;
}

function endOfAuthority(text: string, start: number): number {
  let i = start;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (isSlash(c) || c === 63 || c === 35) break;
  }
  return i;
}

function lastAt(text: string, start: number, end: number): number {
  for (let i = end - 1; i >= start; i--) if (text.charCodeAt(i) === 64) return i;
  return -1;
}

/**
 * Masks secret values in `text` from `from` on.
 * @param before what replaces everything before `from`; '' = it stays
 */
function redactPairs(text: string, from: number, before: string): string {
  let out = before;
  let flushed = before === '' ? 0 : from;
  let nameStart = from;
  let searchedTo = 0;
  for (let i = from; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 35: // #
      case 38: // &
      case 47: // /
      case 59: // ;
      case 63: // ?
        nameStart = i + 1;
        break;
      case 58: {
        // A URL as a value, not encoded.
        if (!isSlash(text.charCodeAt(i + 1)) || !isSlash(text.charCodeAt(i + 2))) break;
        const at = lastAt(text, i + 3, endOfAuthority(text, i + 3));
        if (at < 0) break;
        out += text.slice(flushed, i + 3) + MASKED_USERINFO;
        flushed = at;
        i = at;
        break;
      }
      case 61: {
        const name = text.slice(nameStart, i);
        nameStart = i + 1;
        if (isSecretName(name)) {
          const end = endOfSecretValue(text, i + 1);
          if (end === i + 1) break;
          out += text.slice(flushed, i + 1) + MASK;
          flushed = end;
          i = end - 1;
        } else if (i >= searchedTo) {
          const end = endOfValue(text, i + 1);
          searchedTo = end;
          if (!hasEscapedSeparator(text, i + 1, end) || !hidesSecret(text.slice(i + 1, end))) break;
          out += text.slice(flushed, i + 1) + MASK;
          flushed = end;
          i = end - 1;
        }
        break;
      }
      default:
    }
  }
  return flushed === 0 && before === '' ? text : out + text.slice(flushed);
}

function isSecretName(name: string): boolean {
  return isSecretKey(name.includes('%') ? decodeFully(name) : name);
}

function endOfValue(text: string, start: number): number {
  let i = start;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 38 || c === 35) break;
  }
  return i;
}

/** A secret goes on over `;`, `#`, `?` and `/` as long as no other parameter follows them. */
function endOfSecretValue(text: string, start: number): number {
  let i = start;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 38) break;
    if ((c === 59 || c === 35 || c === 63) && endsAt(text, i + 1)) break;
  }
  return i;
}
