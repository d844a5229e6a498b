/** Looks for the canaries of fixtures/canaries in whatever left a process, also where they are thinly disguised. */
import assert from 'node:assert/strict';

/** What all canaries begin with; numbers begin with the other. */
const PREFIX = 'zqcnry';
const NUMBER = '73391000';

/** In base64 a text has three looks, by where it begins; what depends on the neighbours is left out. */
function base64Looks(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const padded = Buffer.from(`${'\0'.repeat(offset)}${text}`).toString('base64');
    return padded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + text.length) * 8) / 6));
  });
}

const hex = Buffer.from(PREFIX).toString('hex');
const NEEDLES: readonly string[] = [PREFIX, NUMBER, hex, hex.replace(/../g, '%$&'), ...base64Looks(PREFIX)];

/** What was found in `haystack`, each canary once, with what stands around it. */
export function canariesIn(haystack: Buffer | string): string[] {
  const text = (typeof haystack === 'string' ? Buffer.from(haystack) : haystack).toString('latin1');
  const lower = text.toLowerCase();
  const found = new Map<string, string>();
  for (const needle of NEEDLES) {
    // Base64 has both cases in it; everything else may have been changed to upper case.
    const where = needle === needle.toLowerCase() ? lower : text;
    for (let at = where.indexOf(needle); at >= 0; at = where.indexOf(needle, at + 1)) {
      const [which = ''] = /^[\w%]*/.exec(lower.slice(at, at + 60)) ?? [];
      found.set(which, text.slice(Math.max(0, at - 80), at + 40));
    }
  }
  return [...found.values()];
}

export function assertNoCanary(where: string, ...haystacks: (Buffer | string)[]): void {
  const found = canariesIn(Buffer.concat(haystacks.map((each) => Buffer.from(each))));
  assert.equal(found.length, 0, `${found.length} in ${where}:\n${found.join('\n---\n')}`);
}
