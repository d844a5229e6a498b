/** Secrets that give themselves away by their looks, whatever name they stand under. */

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

export function isLetterOrDigit(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57);
}

/** Whether a character can be part of a token: letters, digits, `_`, `-`, `.`. */
export function isTokenPart(c: number): boolean {
  return isLetterOrDigit(c) || c === 95 || c === 45 || c === 46;
}

/** The end of the secret that begins at `start`, 0 if there is none. Not to be asked behind a letter or a digit. */
export function endOfSecret(text: string, start: number): number {
  switch (text.charCodeAt(start)) {
    case 101: // e
    case 65: // A
    case 103: // g
    case 120: // x
    case 115: // s
    case 114: // r
    case 110: // n
    case 83: // S
      break;
    default:
      return 0;
  }
  for (let i = 0; i < PREFIXES.length; i++) {
    const [prefix, minimum] = PREFIXES[i] as readonly [string, number];
    if (!text.startsWith(prefix, start)) continue;
    let end = start + prefix.length;
    while (end < text.length && isTokenPart(text.charCodeAt(end))) end++;
    if (end - start - prefix.length >= minimum) return end;
  }
  return 0;
}

/** The text with such secrets masked; the same string if there are none. */
export function maskSecrets(text: string): string {
  let out = '';
  let flushed = 0;
  let before = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const end = isLetterOrDigit(before) ? 0 : endOfSecret(text, i);
    before = c;
    if (end === 0) continue;
    out += text.slice(flushed, i) + MASK;
    flushed = end;
    i = end - 1;
  }
  return flushed === 0 ? text : out + text.slice(flushed);
}
