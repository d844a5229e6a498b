import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeSearchBody, maskBrackets } from '../../../src/redaction/database/search';

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const revokedList = Proxy.revocable([], {});
revokedList.revoke();

const BODIES: readonly (readonly [title: string, body: unknown, expected: string])[] = [
  ['a query', { query: { match: { name: 'secret' } }, size: 7 }, '{"query":{"match":{"name":"?"}},"size":?}'],
  ['no command of MongoDB is known', { find: 'secret', limit: 1 }, '{"find":"?","limit":?}'],
  ['JSON', '{"query":{"term":{"name":"secret"}}}', '{"query":{"term":{"name":"?"}}}'],
  ['half of a JSON', '{"query":{"term":{"name":"secr', '{"query":{"term":{"name":"?"'],
  ['several', [{ index: 'users' }, { query: {} }], '{"index":"?"}\n{"query":{}}'],
  ['several as JSON', ['{"index":"users"}', '{}'], '{"index":"?"}\n{}'],
  ['lists in a list', [['secret']], ''],
  ['nothing', undefined, ''],
  ['a number', 7, ''],
  ['a buffer', Buffer.from('secret'), ''],
  ['a revoked proxy', revoked.proxy, ''],
  ['a list that is revoked', revokedList.proxy, ''],
];

for (const [title, body, expected] of BODIES) {
  test(`body: ${title}`, () => assert.equal(describeSearchBody(body), expected));
}

test('a long body is cut', () => {
  const long = describeSearchBody(`{"a":"${'x'.repeat(100_000)}`);
  assert.equal(long, '{"a":"?"...');
  const searches = describeSearchBody(Array.from({ length: 100 }, () => ({ query: {} })));
  assert.equal(searches.split('\n').length, 17);
  assert.ok(searches.endsWith('...'));
});

const MESSAGES: readonly (readonly [message: string, expected: string])[] = [
  ['no such index [users]', 'no such index [users]'],
  ['no such index [a secret]', 'no such index [?]'],
  ['failed to parse field [age] of type [long]', 'failed to parse field [?] of type [long]'],
  ['failed to parse date field [secret] with format [x]', 'failed to parse date field [?] with format [?]'],
  ['Failed to parse query [secret AND (]', 'Failed to parse query [?]'],
  ['unknown query [a [b] c] here', 'unknown query [?] here'],
  ['query [secret', 'query [?'],
  ['[parsing_exception] Reason: unknown query [secret]', '[parsing_exception] Reason: unknown query [?]'],
  ['[secret exception] index', '[?] index'],
  ['no brackets', 'no brackets'],
];

for (const [message, expected] of MESSAGES) {
  test(`message: ${message}`, () => assert.equal(maskBrackets(message), expected));
}

test('brackets cost a time that grows with the length of the message', () => {
  const lengths = [20_000, 200_000].map((length) => {
    const texts = ['[', ']', ' [a]', '[]', 'index ['].map((part) => part.repeat(length));
    const since = process.cpuUsage();
    for (const text of texts) maskBrackets(text);
    const { user } = process.cpuUsage(since);
    return user;
  });
  const [short = 0, long = 0] = lengths;
  assert.ok(long < (short + 20_000) * 30, `${short} and ${long} microseconds`);
});
