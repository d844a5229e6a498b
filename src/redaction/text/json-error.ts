/**
 * `JSON.parse` quotes its input: `Unexpected token 'x', ..."rd": hunter2" is not valid JSON` (V8, kJsonParseUnexpected*).
 * The quote is cut at both ends, so what stands in it cannot be told by its name.
 */
import { MASK } from '../secrets/patterns';

const BEHIND = ' is not valid JSON';
const TOKEN = 'Unexpected token ';
/** Ten characters on each side of the place, their quotes and dots, and as much again for what is escaped. */
const LONGEST = 96;

/** The text with such quotes masked; the same string if there are none. */
export function maskJsonExcerpts(text: string): string {
  let end = text.indexOf(BEHIND);
  if (end < 0) return text;
  let out = '';
  let flushed = 0;
  for (; end >= 0; end = text.indexOf(BEHIND, end + 1)) {
    const from = Math.max(flushed, end - LONGEST);
    const before = text.slice(from, end);
    const token = before.lastIndexOf(TOKEN);
    // Behind the token, which may be a quote itself: `Unexpected token '"', ..."`.
    const open = before.indexOf('"', token < 0 ? 0 : token + TOKEN.length + 3);
    const close = before.lastIndexOf('"');
    if (open < 0 || close <= open + 1) continue;
    out += text.slice(flushed, from + open + 1) + MASK;
    flushed = from + close;
  }
  return flushed === 0 ? text : out + text.slice(flushed);
}
