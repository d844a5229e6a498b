/**
 * Names whose values are secrets: of query parameters, headers, properties, settings.
 *
 * A name is compared without case and without `-`, `_` and blanks, so `X-Api-Key`, `x_api_key` and `xApiKey` are one.
 * Of a path (`user.password`, `user[token]`) the last part decides. Three lists, from strict to loose:
 * - the whole name is on the list: `key`, `code`, `pin`. `keyboard` and `page_token_count` are not;
 * - the name ends with a word that names a secret: `csrf_token`, `clientSecret`. `max_tokens` and `secretary` do not;
 * - the name contains a word that cannot mean anything else: `new_password_2`, `stripeApiKeyLive`.
 */

const WHOLE: ReadonlySet<string> = new Set(
  (
    'password passwd pwd pass passphrase passcode secret token key code session sess sid sessionid jsessionid phpsessid ' +
    'connectsid auth authentication authorization proxyauthorization bearer jwt cookie setcookie ' +
    'credential credentials creds apikey xapikey appkey authkey accesskey secretkey privatekey sharedkey masterkey ' +
    'encryptionkey signingkey subscriptionkey ' +
    // OAuth 2, OpenID Connect, SAML, CAS
    'accesstoken refreshtoken idtoken clientsecret clientassertion assertion codeverifier usercode devicecode ' +
    'authorizationcode authcode samlresponse samlrequest ticket idtokenhint ' +
    // Signed URLs (semantic conventions, url.full) and their relatives at other providers
    'awsaccesskeyid signature sig xamzsignature xamzcredential xamzsecuritytoken xgoogsignature xgoogcredential ' +
    'keypairid hmac ' +
    'otp totp mfa mfacode pin ssn cvv cvc cvv2 csc cardnumber cardno ccnumber ccnum creditcard pan iban accountnumber ' +
    'csrf xsrf csrfmiddlewaretoken requestverificationtoken magiclink resetcode verificationcode ' +
    'connectionstring privkey seedphrase mnemonic'
  ).split(' '),
);

const ENDINGS: readonly string[] = [
  'token',
  'secret',
  'signature',
  'passcode',
  'pwd',
  'cookie',
  'sessionid',
  'jwt',
];

const PARTS: readonly string[] = [
  'password',
  'passwd',
  'passphrase',
  'apikey',
  'secretkey',
  'privatekey',
  'accesskey',
  'clientsecret',
  'credential',
  'authtoken',
  'accesstoken',
  'refreshtoken',
];

/** Of the names above: words that mean something harmless as often as not when they stand in a sentence. */
const AMBIGUOUS: ReadonlySet<string> = new Set(
  'key code session sess auth authentication pin pass ticket pan sig csc bearer assertion'.split(' '),
);

/** Longer names are looked at from their end. */
const MAX_NAME = 256;
const SHORTEST = 3;
const SHORTEST_PART = 6;

let extra: ReadonlySet<string> = new Set();

/** Names of the app's own secrets, in addition to the built-in list; they match as whole names. */
export function setExtraSecretKeys(keys: readonly string[]): void {
  extra = new Set(keys.map(normalise).filter((key) => key !== ''));
}

/** Whether the value under this name must not leave the process. */
export function isSecretKey(name: string): boolean {
  const last = lastPart(name);
  if (extra.size > 0 && isExtra(name, last)) return true;
  if (last.length < SHORTEST) return false;
  const key = normalise(last);
  return WHOLE.has(key) || isLongName(key);
}

/**
 * The same for a name in running text, where `code: 404` and `key: value` say nothing secret.
 * @param isAssignment `name=value` is rarely a sentence, so only the most common words are excused
 */
export function isSecretWord(name: string, isAssignment: boolean): boolean {
  const last = lastPart(name);
  if (extra.size > 0 && isExtra(name, last)) return true;
  if (last.length < SHORTEST) return false;
  const key = normalise(last);
  if (isLongName(key)) return true;
  if (!WHOLE.has(key)) return false;
  return isAssignment ? key !== 'key' && key !== 'code' : !AMBIGUOUS.has(key);
}

function isExtra(name: string, last: string): boolean {
  return extra.has(normalise(last)) || (last !== name && extra.has(normalise(name)));
}

function isLongName(key: string): boolean {
  const last = key.charCodeAt(key.length - 1);
  // The last letters of ENDINGS; most names end with others.
  if (last === 110 || last === 116 || last === 101 || last === 100) {
    for (let i = 0; i < ENDINGS.length; i++) if (key.endsWith(ENDINGS[i] as string)) return true;
  }
  if (key.length < SHORTEST_PART) return false;
  for (let i = 0; i < PARTS.length; i++) if (key.includes(PARTS[i] as string)) return true;
  return false;
}

/** `user.password`, `user[password]`, `user[password][]` -> `password` */
function lastPart(name: string): string {
  let end = name.length;
  while (end > 0 && isBracket(name.charCodeAt(end - 1))) end--;
  let start = end;
  while (start > 0 && end - start < MAX_NAME) {
    const c = name.charCodeAt(start - 1);
    if (c === 46 || isBracket(c)) break;
    start--;
  }
  return start === 0 && end === name.length ? name : name.slice(start, end);
}

function isBracket(c: number): boolean {
  return c === 91 || c === 93;
}

/** Lower case, without what people write between words; also without control characters, which URL parsers drop. */
function normalise(name: string): string {
  let plain = '';
  let from = 0;
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    if (c !== 45 && c !== 95 && c > 32) continue;
    plain += name.slice(from, i);
    from = i + 1;
  }
  return (from === 0 ? name : plain + name.slice(from)).toLowerCase();
}
