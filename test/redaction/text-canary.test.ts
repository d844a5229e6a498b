/** Secrets in the notations of real programs, with every character that could end them too early. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { redactDatabaseMessage } from '../../src/redaction/database/error-message';
import { redactHeader } from '../../src/redaction/http/headers';
import { redactQuery, redactUrl } from '../../src/redaction/http/url';
import { redactText } from '../../src/redaction/text/free-text';
import { Random } from './random';

const CANARY = 'zqCanary';
const STUFF = [
  '"',
  "'",
  '`',
  '\\',
  ',',
  ';',
  ')',
  ']',
  '}',
  '&',
  '=',
  ':',
  '%',
  '+',
  '/',
  '?',
  '@',
  '#',
  '<',
  '{',
  '[',
  'é',
  '$',
  '.',
  '-',
];
const NAMES = [
  'password',
  'access_token',
  'client_secret',
  'apiKey',
  'X-Amz-Signature',
  'db-password',
  'user.password',
  'authToken',
];

function secret(random: Random, stuff: readonly string[]): string {
  let text = CANARY;
  for (let i = random.below(5); i > 0; i--) text += random.pick(stuff) + CANARY;
  return text;
}

type Notation = (name: string, value: string) => string;

const TEXTS: readonly Notation[] = [
  (name, value) => JSON.stringify({ a: 1, [name]: value, b: [value.length] }),
  (name, value) => JSON.stringify({ a: { [name]: value } }, null, 2),
  (name, value) => JSON.stringify(JSON.stringify({ [name]: value, b: 2 })),
  (name, value) => JSON.stringify(JSON.stringify(JSON.stringify({ [name]: value }))),
  (name, value) => JSON.stringify({ [name]: [value, { x: value }], b: 2 }),
  (name, value) => inspect({ a: 1, [name]: value, b: 2 }),
  (name, value) => inspect({ [name]: { x: [value] }, b: 2 }),
  (name, value) => `failed: ${inspect(new Map([[name, value]]))}`.replace("' => '", "': '"),
  (name, value) => `GET /a?x=1&${new URLSearchParams({ [name]: value, b: '2' })} HTTP/1.1`,
  (name, value) =>
    `see https://h/?x=${encodeURIComponent(`https://g/?${new URLSearchParams({ [name]: value })}`)}&b=2`,
  (name, value) => `see https://h/?x=${encodeURIComponent(JSON.stringify({ [name]: value }))}&b=2`,
  (_, value) => `Error: cannot reach postgres://bob:${encodeURIComponent(value)}@db:5432/x?a=1`,
  (_, value) => `Authorization: Bearer ${encodeURIComponent(value)}\r\nHost: h`,
  (_, value) => `Cookie: a=1; sid=${encodeURIComponent(value)}; b=2\nHost: h`,
  (_, value) => inspect({ headers: { authorization: `Bearer ${value}`, cookie: `a=${value}` } }),
];

for (const [index, notation] of TEXTS.entries()) {
  test(`text ${index}: ${notation('password', 'x').slice(0, 60)}`, () => {
    const random = new Random(index + 1);
    for (let i = 0; i < 2000; i++) {
      const text = notation(random.pick(NAMES), secret(random, STUFF));
      const result = redactText(`Error in line 5: ${text} at once`);
      assert.ok(!result.includes('Canary'), `${text}\n${result}`);
      assert.ok(!redactDatabaseMessage(text, '').includes('Canary'), text);
      assert.ok(!redactHeader('x-debug', text).includes('Canary'), text);
    }
  });
}

/** Without quotes a secret can only have what cannot begin something else. */
const PLAIN = ['%', '+', '/', '?', '@', '$', '.', '-', '\\x', '{', '"x', ')x'];

test('pairs without quotes', () => {
  const random = new Random(99);
  for (let i = 0; i < 5000; i++) {
    const text = `${random.pick(NAMES)}${random.pick(['=', ': ', ' = ', ':'])}${secret(random, PLAIN)}${random.pick([' ', '\n', ', ', ''])}end`;
    assert.ok(!redactText(text).includes('Canary'), `${text}\n${redactText(text)}`);
  }
});

const URLS: readonly Notation[] = [
  (name, value) => `https://h/a?x=1&${new URLSearchParams({ [name]: value, b: '2' })}#top`,
  (name, value) => `https://h/a?${name}=${encodeURIComponent(value)}`,
  (name, value) => `https://h/cb#${new URLSearchParams({ [name]: value })}`,
  (name, value) =>
    `https://h/?next=${encodeURIComponent(`/x?${new URLSearchParams({ [name]: value })}`)}&b=2`,
  (name, value) =>
    `https://h/?next=${encodeURIComponent(encodeURIComponent(`/x?${new URLSearchParams({ [name]: value })}`))}`,
  (name, value) => `https://h/?filter=${encodeURIComponent(JSON.stringify({ where: { [name]: value } }))}`,
  (_, value) => `https://user:${encodeURIComponent(value)}@h/a?b=2`,
  (_, value) => `https://${encodeURIComponent(value)}@h`,
  (_, value) => `https://h/?next=${encodeURIComponent(`https://u:${encodeURIComponent(value)}@g/`)}`,
  (name, value) => `https://h/?${escapeAll(name)}=${encodeURIComponent(value)}&b=2`,
];

function escapeAll(text: string): string {
  return Array.from(text, (c) => `%${c.charCodeAt(0).toString(16)}`).join('');
}

for (const [index, notation] of URLS.entries()) {
  test(`URL ${index}: ${notation('password', 'x')}`, () => {
    const random = new Random(index + 1);
    for (let i = 0; i < 2000; i++) {
      const url = notation(random.pick(NAMES), secret(random, STUFF));
      for (const result of [redactUrl(url), redactText(url), redactUrl(url.slice(0, -1))]) {
        assert.ok(!result.includes('Canary'), `${url}\n${result}`);
      }
      const query = url.slice(url.indexOf('?') + 1);
      if (!url.includes('@h') && url.includes('?')) assert.ok(!redactQuery(query).includes('Canary'), query);
    }
  });
}
