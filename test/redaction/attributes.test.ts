/** Who may call a text sanitized, and what becomes of attributes that others put on spans. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import { register } from '../api/runtime';
import { fromRoot } from '../helpers/paths';
import { testProvider } from '../tracing/provider';

const sources = readdirSync(fromRoot('src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({
    file: file.split(path.sep).join('/'),
    text: readFileSync(fromRoot(`src/${file}`), 'utf8'),
  }));

test('only redaction/ makes sanitized text, and only the span itself fills its attributes', () => {
  const outside = sources.filter(({ file }) => !file.startsWith('redaction/'));
  assert.ok(outside.length > 100);
  for (const { file, text } of outside) {
    assert.doesNotMatch(
      text,
      /\bas (\w+ as )*Sanitized\b|<Sanitized>/,
      `${file} calls a text sanitized that nobody sanitized`,
    );
    if (file !== 'tracing/span.ts') assert.doesNotMatch(text, /attrs\.push|attrs\[[^\]]*\] = /, file);
  }
});

/** As instrumentations of other people put them, in new and in old versions of the conventions. */
const HOSTED: readonly (readonly [given: Attributes, expected: Attributes])[] = [
  [{ 'url.full': 'https://u:pw@h/?token=x' }, { 'url.full': 'https://REDACTED:REDACTED@h/?token=REDACTED' }],
  [{ 'http.url': 'https://u:pw@h/' }, { 'http.url': 'https://REDACTED:REDACTED@h/' }],
  [{ 'http.target': '/a;jsessionid=x?code=y' }, { 'http.target': '/a;jsessionid=REDACTED?code=REDACTED' }],
  [{ 'url.query': 'api_key=x&a=1' }, { 'url.query': 'api_key=REDACTED&a=1' }],
  [
    { 'db.system': 'mysql', 'db.statement': "select * from t where a = 'x' and b = 5" },
    { 'db.system': 'mysql', 'db.statement': 'select * from t where a = ? and b = ?' },
  ],
  [
    { 'db.system.name': 'postgresql', 'db.query.text': `select "a" from t where b = 'x'` },
    { 'db.system.name': 'postgresql', 'db.query.text': 'select "a" from t where b = ?' },
  ],
  [
    { 'db.system': 'mongodb', 'db.statement': '{"find":"users","password":"x","filter":{"a":"?"}}' },
    { 'db.system': 'mongodb', 'db.statement': '{"find":"users","password":"?","filter":{"a":"?"}}' },
  ],
  [
    { 'http.request.header.authorization': ['Bearer x'] },
    { 'http.request.header.authorization': ['REDACTED'] },
  ],
  [{ 'http.request.header.x_api_key': 'x' }, { 'http.request.header.x_api_key': 'REDACTED' }],
  [{ 'http.response.header.x-a': ['1', 'token=x'] }, { 'http.response.header.x-a': ['1', 'token=REDACTED'] }],
  [
    { 'http.request.method': 'GET', 'http.resend': 3 },
    { 'http.request.method': 'GET', 'http.resend': 3 },
  ],
  [{ 'error.message': 'Bearer abcdef123' }, { 'error.message': 'Bearer REDACTED' }],
  [{ 'my.url': 'https://u:pw@h/' }, { 'my.url': 'https://u:pw@h/' }],
];

for (const [given, expected] of HOSTED) {
  test(`put by others: ${JSON.stringify(given)}`, () => {
    const { start } = register();
    assert.deepEqual(start('set').setAttributes(given).attributes, expected);
    assert.deepEqual(start('started', { attributes: given }).attributes, expected);
    const [event] = start('event').addEvent('e', given).events;
    assert.deepEqual(event?.attributes, expected);
  });
}

test('the message of a status is a message of an error', () => {
  const span = testProvider().start();
  span.setStatus({ code: 2, message: 'cannot reach https://u:pw@h/, token=x' });
  assert.equal(span.status.message, 'cannot reach https://REDACTED:REDACTED@h/, token=REDACTED');
});
