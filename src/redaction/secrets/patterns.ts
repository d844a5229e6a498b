/** Secrets that are recognized by their form, whatever name they stand under. */

export const MASK = 'REDACTED';

/** Prefixes of tokens of well-known services, and how many characters must follow at least. */
const PREFIXES: readonly (readonly [prefix: string, minimum: number])[] = [
  ['eyJ', 17], // JSON Web Tokens: {"... in base64url (RFC 7515)
  ['AKIA', 12], // AWS access keys (IAM user guide, "Unique identifiers")
  ['ASIA', 12],
  ['AIza', 30], // Google API keys
  ['ghp_', 20], // GitHub
  ['gho_', 20],
  ['ghu_', 20],
  ['ghs_', 20],
  ['ghr_', 20],
  ['github_pat_', 20],
  ['glpat-', 16], // GitLab
  ['xoxa-', 10], // Slack
  ['xoxb-', 10],
  ['xoxp-', 10],
  ['xapp-', 10],
  ['sk_live_', 10], // Stripe
  ['rk_live_', 10],
  ['sk_test_', 10],
  ['sk-', 20], // OpenAI, Anthropic
  ['npm_', 30],
  ['SG.', 30], // SendGrid
];

// One look-up per character: these functions run for every character of every text.
const LETTER_OR_DIGIT = 1;
const TOKEN_PART = 2;
const BEGINS_SECRET = 4;
const classes = new Uint8Array(128);

function define(flags: number, characters: string): void {
  for (let i = 0; i < characters.length; i++) {
    const c = characters.charCodeAt(i);
    classes[c] = (classes[c] as number) | flags;
  }
}

define(LETTER_OR_DIGIT | TOKEN_PART, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789');
define(TOKEN_PART, '_-.');
for (const [prefix] of PREFIXES) define(BEGINS_SECRET, prefix.charAt(0));

export function isLetterOrDigit(c: number): boolean {
  return c < 128 && ((classes[c] as number) & LETTER_OR_DIGIT) !== 0;
}

/** Whether a character can be part of a token: letters, digits, `_`, `-`, `.`. */
export function isTokenPart(c: number): boolean {
  return c < 128 && ((classes[c] as number) & TOKEN_PART) !== 0;
}

/**
 * The end of the secret that begins at `start`.
 * @param start must not follow a letter or a digit
 * @returns 0 if there is no secret
 */
export function endOfSecret(text: string, start: number): number {
  const c = text.charCodeAt(start);
  if (c >= 128 || ((classes[c] as number) & BEGINS_SECRET) === 0) return 0;
  for (let i = 0; i < PREFIXES.length; i++) {
    const [prefix, minimum] = PREFIXES[i] as readonly [string, number];
    if (!text.startsWith(prefix, start)) continue;
    let end = start + prefix.length;
    while (end < text.length && isTokenPart(text.charCodeAt(end))) end++;
    if (end - start - prefix.length >= minimum) return end;
  }
  return 0;
}

/** @returns the text with such secrets masked; the same string if there are none */
export function maskSecrets(text: string): string {
  let out = '';
  let flushed = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 128 || ((classes[c] as number) & BEGINS_SECRET) === 0) continue;
    if (i > 0 && isLetterOrDigit(text.charCodeAt(i - 1))) continue;
    const end = endOfSecret(text, i);
    if (end === 0) continue;
    out += text.slice(flushed, i) + MASK;
    flushed = end;
    i = end - 1;
  }
  return flushed === 0 ? text : out + text.slice(flushed);
}
