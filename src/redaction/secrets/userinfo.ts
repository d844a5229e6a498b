/** The part of a URL before the `@`. */

/** What replaces it (semantic conventions, url.full). */
export const MASKED_USERINFO = 'REDACTED:REDACTED';

/**
 * The position of the `@` that ends the userinfo beginning at `start`; -1 if there is none.
 * @param end where the URL ends at the latest
 * @param lastAt the last `@` before `end`, or -1
 */
export function endOfUserinfo(text: string, start: number, end: number, lastAt: number): number {
  if (lastAt < start) return -1;
  let at = -1;
  let colon = -1;
  let i = start;
  for (; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 64) at = i;
    else if (c === 58) colon = i;
    else if (c === 47 || c === 92 || c === 63 || c === 35) break;
  }
  if (at >= 0) return at;
  // `user:pa/ss@host`: what follows the colon is no port, so it is a password that nobody escaped.
  if (colon < 0 || text.charCodeAt(start) === 91 || isPort(text, colon + 1, i)) return -1;
  return lastAt;
}

function isPort(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c < 48 || c > 57) return false;
  }
  return true;
}
