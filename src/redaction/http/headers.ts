/** Values of captured headers. */
import type { Sanitized } from '../sanitized';
import { isSecretKey } from '../secrets/names';
import { MASK } from '../secrets/patterns';
import { redactText } from '../text/free-text';

/** In characters: what is kept of a value. Anybody can send headers of any length. */
const MAX_VALUE = 2048;
const MAX_VALUES = 64;

/** Parts of names that only headers with secrets have. */
const PARTS: readonly string[] = [
  'auth',
  'cookie',
  'token',
  'secret',
  'session',
  'jwt',
  'csrf',
  'xsrf',
  'signature',
];

/**
 * The value of a header as it may leave the process: `REDACTED` if its name says that it is a secret, else the value
 * with the secrets in it masked. An allow-list that names a secret header does not make it less of one.
 */
export function redactHeader(name: string, value: string): Sanitized {
  return isSecretHeader(name) ? (MASK as Sanitized) : redactText(value, MAX_VALUE);
}

/** {@link redactHeader} for all values of a header; of more than 64, the first 64. */
export function redactHeaders(name: string, values: readonly string[]): Sanitized[] {
  return values.slice(0, MAX_VALUES).map((value) => redactHeader(name, value));
}

function isSecretHeader(name: string): boolean {
  if (isSecretKey(name)) return true;
  const lower = name.toLowerCase();
  // x-functions-key, ocp-apim-subscription-key; and all kinds of authentication-info
  if (lower.endsWith('-key') || lower.startsWith('authentication')) return true;
  for (let i = 0; i < PARTS.length; i++) if (hasPart(lower, PARTS[i] as string)) return true;
  return false;
}

/** Whether `part` is one of the words of a name: `x-auth-user` has `auth`, `author` has not. */
function hasPart(name: string, part: string): boolean {
  let from = 0;
  for (;;) {
    const dash = name.indexOf('-', from);
    const end = dash < 0 ? name.length : dash;
    if (end - from === part.length && name.startsWith(part, from)) return true;
    if (dash < 0) return false;
    from = dash + 1;
  }
}
