import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { isSecretKey, isSecretWord, setExtraSecretKeys } from '../../../src/redaction/secrets/names';

afterEach(() => setExtraSecretKeys([]));

const SECRET = [
  'password',
  'PASSWORD',
  'Passwd',
  'pass',
  'pwd',
  'new_password_2',
  'passwordConfirm',
  'user-password-hash',
  'db_pwd',
  'secret',
  'client_secret',
  'clientSecret',
  'X-Hub-Secret',
  'token',
  'access_token',
  'accessToken',
  'refresh_token',
  'id_token',
  'csrf_token',
  'x-auth-token',
  'authtoken',
  'next_page_token',
  'api_key',
  'apikey',
  'apiKey',
  'X-Api-Key',
  'stripeApiKeyLive',
  'key',
  'code',
  'session',
  'sessionid',
  'JSESSIONID',
  'PHPSESSID',
  'sid',
  'auth',
  'credential',
  'credentials',
  'aws_credentials',
  'authorization',
  'Proxy-Authorization',
  'cookie',
  'Set-Cookie',
  'session_cookie',
  'X-Amz-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
  'AWSAccessKeyId',
  'Signature',
  'sig',
  'X-Goog-Signature',
  'private_key',
  'privateKey',
  'otp',
  'pin',
  'ssn',
  'cvv',
  'card_number',
  'cardNumber',
  'user.password',
  'user[password]',
  'user[password][]',
  '[token]',
  'pass word',
  'pass\tword',
  'SAMLResponse',
];
const HARMLESS = [
  '',
  'a',
  'id',
  'q',
  'page',
  'limit',
  'keyboard',
  'monkey',
  'page_token_count',
  'max_tokens',
  'total_tokens',
  'secretary',
  'author',
  'author_id',
  'authored',
  'codec',
  'zipcode',
  'country_code',
  'status_code',
  'compass',
  'passenger',
  'passport',
  'sessions',
  'session.id',
  'obsession',
  'design',
  'pinterest',
  'shipping',
  'sort_key',
  'primary_key',
  'tokenizer',
  'password.hint',
  'user.id',
  'http.request.method',
  'signed_at',
  'cookies_accepted',
  'assign',
  'keys',
];

for (const name of SECRET) test(`${name} is secret`, () => assert.ok(isSecretKey(name)));
for (const name of HARMLESS) test(`${name} is not secret`, () => assert.ok(!isSecretKey(name)));

test('extra keys, in any spelling', () => {
  assert.ok(!isSecretKey('customer_number'));
  setExtraSecretKeys(['Customer-Number', 'x', '', 'a.b']);
  for (const name of [
    'customer_number',
    'CustomerNumber',
    'customer-number',
    'order.customerNumber',
    'X',
    'a.b',
    'A.B',
  ]) {
    assert.ok(isSecretKey(name), name);
    assert.ok(isSecretWord(name, false), name);
  }
  assert.ok(!isSecretKey('customer_numbers'));
  assert.ok(!isSecretKey(''));
  setExtraSecretKeys([]);
  assert.ok(!isSecretKey('customer_number'));
});

test('in running text some words are only words', () => {
  for (const name of ['key', 'code', 'session', 'auth', 'pin']) assert.ok(!isSecretWord(name, false), name);
  for (const name of ['session', 'auth', 'pin', 'sig']) assert.ok(isSecretWord(name, true), name);
  for (const name of ['key', 'code']) assert.ok(!isSecretWord(name, true), name);
  for (const name of ['password', 'token', 'apiKey', 'authorization', 'cookie'])
    assert.ok(isSecretWord(name, false), name);
});

test('names of any length and content', () => {
  assert.ok(isSecretKey(`${'x'.repeat(100_000)}_password`));
  assert.ok(isSecretKey(`${'x.'.repeat(100_000)}password`));
  assert.ok(!isSecretKey('\ud800\0.[['));
});
