import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactQuery, redactUrl } from '../../../src/redaction/http/url';

const SAME: readonly string[] = [
  '',
  'https://example.com',
  'https://example.com:8080/a/b;v=1/c?page=2&limit=10&q=a+b%20c&empty=&flag#top',
  'https://example.com/@scope/package@1.2.3?email=a@b.c',
  'http://[::1]:8080/a@b',
  'http://localhost:3000/a:b@c',
  '/relative/path?q=1&email=a@b.c',
  '?a=b',
  'https://example.com/?redirect=https%3A%2F%2Fother.example%2Fa%3Fb%3Dc',
  'https://example.com/?filter=%7B%22name%22%3A%22x%22%7D',
  'https://example.com/%E0%A4%A?x=%zz&y=100%',
  'ftp://example.com/keys=board',
  'https://example.com/?keyboard=1&page_token_count=2&token=',
];

for (const url of SAME) test(`unchanged: ${url}`, () => assert.equal(redactUrl(url), url));

const CHANGED: readonly (readonly [string, string])[] = [
  // Userinfo
  ['https://user:pass@example.com/a', 'https://REDACTED:REDACTED@example.com/a'],
  ['https://user@example.com', 'https://REDACTED:REDACTED@example.com'],
  ['https://:pass@example.com', 'https://REDACTED:REDACTED@example.com'],
  ['https://u:p@ss@example.com/', 'https://REDACTED:REDACTED@example.com/'],
  ['postgres://u:p%40ss@db:5432/x?sslmode=require', 'postgres://REDACTED:REDACTED@db:5432/x?sslmode=require'],
  ['redis://:secret@cache:6379/0', 'redis://REDACTED:REDACTED@cache:6379/0'],
  ['//user:pass@example.com/a', '//REDACTED:REDACTED@example.com/a'],
  ['http:/user:pass@example.com/a', 'http:/REDACTED:REDACTED@example.com/a'],
  ['http:\\\\user:pass@example.com\\a', 'http:\\\\REDACTED:REDACTED@example.com\\a'],
  ['http:user:pass@example.com', 'http:REDACTED:REDACTED@example.com'],
  ['user_name:pass@example.com/a', 'REDACTED:REDACTED@example.com/a'],
  ['https://user:pa/ss@example.com/a', 'https://REDACTED:REDACTED@example.com/a'],
  ['https://user:pa?ss@example.com/a', 'https://REDACTED:REDACTED@example.com/a'],
  ['https://user:pa#ss@example.com', 'https://REDACTED:REDACTED@example.com'],
  // Parameters
  ['https://e.com/?token=abc', 'https://e.com/?token=REDACTED'],
  ['https://e.com/?a=1&Access_Token=abc&b=2', 'https://e.com/?a=1&Access_Token=REDACTED&b=2'],
  ['https://e.com/?code=abc&state=x', 'https://e.com/?code=REDACTED&state=x'],
  [
    'https://e.com/?X-Amz-Algorithm=a&X-Amz-Credential=AKIA/x&X-Amz-Signature=ff',
    'https://e.com/?X-Amz-Algorithm=a&X-Amz-Credential=REDACTED&X-Amz-Signature=REDACTED',
  ],
  ['https://e.com/?sv=1&sig=abc%3D', 'https://e.com/?sv=1&sig=REDACTED'],
  ['https://e.com/?a=1;token=abc;b=2', 'https://e.com/?a=1;token=REDACTED;b=2'],
  ['https://e.com/?password=a;b', 'https://e.com/?password=REDACTED'],
  ['https://e.com/?password=a#b', 'https://e.com/?password=REDACTED'],
  ['https://e.com/?password=a/b?c', 'https://e.com/?password=REDACTED'],
  ['https://e.com/?token=abc==&x=1', 'https://e.com/?token=REDACTED&x=1'],
  [
    'https://e.com/?user[password]=x&user%5Btoken%5D=y',
    'https://e.com/?user[password]=REDACTED&user%5Btoken%5D=REDACTED',
  ],
  // Names in disguise
  ['https://e.com/?%70assword=x', 'https://e.com/?%70assword=REDACTED'],
  ['https://e.com/?pass%77ord=x&to%6Ben=y', 'https://e.com/?pass%77ord=REDACTED&to%6Ben=REDACTED'],
  ['https://e.com/?pass%2577ord=x', 'https://e.com/?pass%2577ord=REDACTED'],
  ['https://e.com/?pass\nword=x&PASS%0AWORD=y', 'https://e.com/?pass\nword=REDACTED&PASS%0AWORD=REDACTED'],
  // Path and fragment
  ['https://e.com/a;jsessionid=abc', 'https://e.com/a;jsessionid=REDACTED'],
  ['https://e.com/cb#access_token=abc&type=x', 'https://e.com/cb#access_token=REDACTED&type=x'],
  ['https://e.com/#/route?token=abc', 'https://e.com/#/route?token=REDACTED'],
  // URLs in values
  ['https://e.com/?next=https%3A%2F%2Fx%3Ftoken%3Dabc&a=1', 'https://e.com/?next=REDACTED&a=1'],
  ['https://e.com/?next=https%253A%252F%252Fx%253Ftoken%253Dabc', 'https://e.com/?next=REDACTED'],
  ['https://e.com/?next=https%3A%2F%2Fu%3Ap%40x', 'https://e.com/?next=REDACTED'],
  ['https://e.com/?next=https://x?token=abc', 'https://e.com/?next=https://x?token=REDACTED'],
  ['https://e.com/?next=https://u:p@x/y', 'https://e.com/?next=https://REDACTED:REDACTED@x/y'],
  ['https://e.com/?q=password=abc', 'https://e.com/?q=password=REDACTED'],
  ['https://e.com/?data=%7B%22password%22%3A%22x%22%7D', 'https://e.com/?data=REDACTED'],
  // Shapes
  ['https://e.com/reset/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', 'https://e.com/reset/REDACTED'],
  ['https://e.com/?q=AKIAIOSFODNN7EXAMPLE', 'https://e.com/?q=REDACTED'],
  // Broken
  ['https://', 'https://'],
  ['://u:p@h', '://REDACTED:REDACTED@h'],
  ['?token=x', '?token=REDACTED'],
  ['token=x', 'token=REDACTED'],
  ['%%%=&token=%', '%%%=&token=REDACTED'],
];

for (const [url, expected] of CHANGED) test(url, () => assert.equal(redactUrl(url), expected));

test('queries', () => {
  assert.equal(redactQuery('a=1&b=2'), 'a=1&b=2');
  assert.equal(redactQuery('?a=1&token=x'), '?a=1&token=REDACTED');
  assert.equal(redactQuery('token=x&code=y'), 'token=REDACTED&code=REDACTED');
  assert.equal(redactQuery(''), '');
});

test('long URLs are cut, and nothing leaks at the cut', () => {
  const long = redactUrl(`https://e.com/?a=${'x'.repeat(5000)}&token=abc`);
  assert.equal(long.length, 4096 + 3);
  assert.ok(long.endsWith('x...'));
  assert.equal(redactUrl(`https://user:${'secret'.repeat(1000)}@e.com`), 'https://REDACTED...');
  assert.ok(!redactUrl(`https://e.com/?${'a'.repeat(4070)}&token=secret`).includes('sec'));
  assert.equal(redactQuery(`token=${'secret'.repeat(1000)}`), 'token=REDACTED...');
});

test('never throws', () => {
  for (const url of [
    '\ud800',
    '\0://\0@\0',
    '%',
    '=',
    '&=&=',
    '#?;&/',
    '@',
    '::',
    `${'://'.repeat(1000)}@`,
  ]) {
    assert.equal(typeof redactUrl(url), 'string');
    assert.equal(typeof redactQuery(url), 'string');
  }
});
