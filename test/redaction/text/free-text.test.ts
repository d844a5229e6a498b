import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setExtraSecretKeys } from '../../../src/redaction/secrets/names';
import { redactText } from '../../../src/redaction/text/free-text';

afterEach(() => setExtraSecretKeys([]));

const SAME: readonly string[] = [
  '',
  'Request failed with status code 404',
  'connect ECONNREFUSED 127.0.0.1:5432',
  "Cannot read properties of undefined (reading 'token')",
  'Unexpected token } in JSON at position 5',
  'Invalid key: expected a string',
  "{ code: 'ER_DUP_ENTRY', errno: 1062, key: 'users.email' }",
  'code=ECONNRESET syscall=read',
  '    at checkPassword (/app/src/password.service.ts:12:34)\n    at Token.next (file:///app/token.js:10:5)',
  'password authentication failed for user "bob"',
  'Bearer token missing',
  'Basic authentication required, Basic plan',
  'https://example.com/a?page=2&limit=10 and http://localhost:3000/@x/y',
  'the secretary: busy, max_tokens=100',
  'token:',
  "password: undefined, token: null, secret: '', hasPassword: true (using password: YES)",
  'password=',
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  'a -- b ----- c',
  'expected <token but found <password /> and Promise<token> or Map<string, Token> here',
];

for (const text of SAME) test(`unchanged: ${text}`, () => assert.equal(redactText(text), text));

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-na_ture';

const CHANGED: readonly (readonly [string, string])[] = [
  // URLs
  [
    'cannot reach postgres://bob:secret@db:5432/x now',
    'cannot reach postgres://REDACTED:REDACTED@db:5432/x now',
  ],
  ['"mongodb+srv://u:p@ss@h/db"', '"mongodb+srv://REDACTED:REDACTED@h/db"'],
  ['mysql://u:pa/ss@h/db', 'mysql://REDACTED:REDACTED@h/db'],
  ['redis://:secret@h, amqp://u:secret@h2', 'redis://REDACTED:REDACTED@h, amqp://REDACTED:REDACTED@h2'],
  ["postgres://u:it's@h/x", 'postgres://REDACTED:REDACTED@h/x'],
  ['GET https://e.com/?a=1&token=secret&b=2 failed', 'GET https://e.com/?a=1&token=REDACTED&b=2 failed'],
  ['GET /cb?code=secret&state=x', 'GET /cb?code=REDACTED&state=x'],
  ['/x?key=secret', '/x?key=REDACTED'],
  ['/x?to%6ben=secret', '/x?to%6ben=REDACTED'],
  ['/x?next=https%3A%2F%2Fy%3Ftoken%3Dsecret done', '/x?next=REDACTED done'],
  ['DATABASE_URL=postgres://u:p@h/db', 'DATABASE_URL=postgres://REDACTED:REDACTED@h/db'],
  // Pairs
  ['password=secret', 'password=REDACTED'],
  ['password = secret, user = bob', 'password = REDACTED, user = bob'],
  ['Password: secret', 'Password: REDACTED'],
  ['user=bob;password=secret;host=h', 'user=bob;password=REDACTED;host=h'],
  ['Server=h;Pwd=se,cret;Database=d', 'Server=h;Pwd=REDACTED;Database=d'],
  ['f(password=secret)', 'f(password=REDACTED)'],
  ['password=se)cr]et', 'password=REDACTED'],
  ['session=abc sid=abc', 'session=REDACTED sid=REDACTED'],
  ['DB_PASSWORD=secret npm start', 'DB_PASSWORD=REDACTED npm start'],
  ['api_key => secret', 'api_key => REDACTED'],
  ['token == "secret"', 'token == "REDACTED"'],
  ['psql --password=secret --host h', 'psql --password=REDACTED --host h'],
  ['cli --api-key secret --verbose', 'cli --api-key REDACTED --verbose'],
  // JSON and its relatives
  ['{"password":"secret","a":1}', '{"password":"REDACTED","a":1}'],
  ['{"password": "se\\"cret", "a": 1}', '{"password": "REDACTED", "a": 1}'],
  ['{"password":"secret\\\\","a":1}', '{"password":"REDACTED","a":1}'],
  ["{ apiKey: 'secret', a: 1 }", "{ apiKey: 'REDACTED', a: 1 }"],
  ['{\\"token\\":\\"secret\\",\\"a\\":1}', '{\\"token\\":\\"REDACTED\\",\\"a\\":1}'],
  ['{\\"token\\":\\"se\\\\\\"cret\\",\\"a\\":1}', '{\\"token\\":\\"REDACTED\\",\\"a\\":1}'],
  ['{"pin":1234,"password":5678}', '{"pin":1234,"password":REDACTED}'],
  ['{"credentials":{"user":"bob","x":"s}ecret"},"a":1}', '{"credentials":REDACTED,"a":1}'],
  ['{"secret":["a","b]"],"c":1}', '{"secret":REDACTED,"c":1}'],
  ['{"password":"unterminated secret', '{"password":"REDACTED'],
  ['{"secret":[unterminated', '{"secret":REDACTED'],
  ['"password": `secret`', '"password": `REDACTED`'],
  ['<user><password>se cret</password></user>', '<user><password>REDACTED</password></user>'],
  ['<wsse:Password Type="x">secret</wsse:Password>', '<wsse:Password Type="x">REDACTED</wsse:Password>'],
  ['<ns:token>secret', '<ns:token>REDACTED'],
  ['password            : secret', 'password            : REDACTED'],
  ['code=secret&grant_type=authorization_code', 'code=REDACTED&grant_type=authorization_code'],
  // Headers
  ['Authorization: Bearer abc.def\nHost: h', 'Authorization: REDACTED\nHost: h'],
  ['authorization: Digest username="u", response="x"', 'authorization: REDACTED'],
  ['Cookie: a=secret; b=secret\r\nHost: h', 'Cookie: REDACTED\r\nHost: h'],
  ["curl -H 'Authorization: Bearer abc' https://h", "curl -H 'Authorization: REDACTED' https://h"],
  ["{ authorization: 'Bearer abc', host: 'h' }", "{ authorization: 'REDACTED', host: 'h' }"],
  ['token: Bearer abc def', 'token: REDACTED def'],
  ['got Bearer abc123~+/= instead', 'got Bearer REDACTED instead'],
  ['got bearer secret-token', 'got bearer REDACTED'],
  ['Basic dXNlcjpwYXNz', 'Basic REDACTED'],
  // Shapes
  [`jwt ${JWT}, and (${JWT})`, 'jwt REDACTED, and (REDACTED)'],
  [`id_${JWT}`, 'id_REDACTED'],
  ['key AKIAIOSFODNN7EXAMPLE is invalid', 'key REDACTED is invalid'],
  ['ghp_abcdefghijklmnopqrstuvwxyz012345', 'REDACTED'],
  ['sk_live_abcdefghijklmnop', 'REDACTED'],
  ['x -----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY----- y', 'x REDACTED y'],
  ['-----BEGIN PRIVATE KEY-----\\nMIIB', 'REDACTED'],
];

for (const [text, expected] of CHANGED) test(text, () => assert.equal(redactText(text), expected));

test('extra keys', () => {
  setExtraSecretKeys(['customer_number']);
  assert.equal(redactText('customerNumber: 4711, a: 1'), 'customerNumber: REDACTED, a: 1');
});

test('what is masked once stays as it is', () => {
  for (const [, expected] of CHANGED) assert.equal(redactText(expected), expected);
});

test('never throws, and is bounded', () => {
  for (const text of [
    '\ud800=\ud800',
    '\0:\0',
    '=',
    ':',
    '"":""',
    'password:\n',
    '%=%',
    '[[[[=',
    `${'a='.repeat(1000)}`,
  ]) {
    assert.equal(typeof redactText(text), 'string');
  }
  const long = redactText(`${'x'.repeat(70_000)} password=secret`);
  assert.equal(long.length, 65_536);
});

test('a cut is never within a word: half a URL does not show what in it is a password', () => {
  for (let length = 0; length < 60; length++) {
    const text = `${'x '.repeat(500)}${'y'.repeat(length)} https://user:zqcanary@h/?token=zqcanary more of it`;
    for (const max of [1010, 1030, 1050]) {
      const result = redactText(text, max);
      assert.ok(!result.includes('zq'), result.slice(990));
    }
  }
});

test('JSON.parse quotes its input, cut at both ends', () => {
  for (const text of [
    '{"password": hunter2',
    'hunter2',
    '{"a":"hunter2"',
    '["hunter2" 1]',
    "{'password':'hunter2'}",
  ]) {
    try {
      JSON.parse(text);
      assert.fail(text);
    } catch (error) {
      const { message } = error as SyntaxError;
      const result = redactText(`invalid body: ${message}. More "of it".`);
      assert.ok(!result.includes('hunter2') && !result.includes('nter'), `${message}\n${result}`);
      assert.match(result, / More "of it"\.$/);
    }
  }
});
