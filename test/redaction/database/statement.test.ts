/** Statements and commands that come as text, by the system they are for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStatement } from '../../../src/redaction/database/statement';

const documents: [text: string, expected: string][] = [
  [
    '{"find":"users","filter":{"email":"x@y.z","age":{"$gt":30},"n":[1,"s",true,null]}}',
    '{"find":"users","filter":{"email":"?","age":{"$gt":?},"n":[?,"?",true,null]}}',
  ],
  ['{"email":"x@y.z","find":"users"}', '{"email":"?","find":"?"}'],
  ['{"find":{"a":"users"}}', '{"find":{"a":"?"}}'],
  ['{"insert":"users","documents":[{"iban":"DE02"}]}', '{"insert":"users","documents":[{"iban":"?"}]}'],
  ["db.users.find({email:'x@y.z', age: -5e+3, flag: true})", "db.users.find({email:'?', age: ?, flag: ?})"],
  ["{ _id : ObjectId('507f1f77'), at: new Date(1700) }", "{ _id : ObjectId('?'), at: new Date(?) }"],
  ['find 4111 LIMIT -5', 'find ? LIMIT ?'],
  ['{"name": /^secret\\/x/i}', '{"name": /?/i}'],
  ['{"a":"with \\" quote","b":.5}', '{"a":"?","b":?}'],
  ['{"a":"never closed, secret', '{"a":"?"'],
  ['{"a":"?","b":?}', '{"a":"?","b":?}'],
  ['', ''],
];

for (const [text, expected] of documents) {
  test(`document: ${text}`, () => assert.equal(describeStatement(text, 'mongodb').text, expected));
}

test("MongoDB's command and collection make the summary; a filter has none", () => {
  const command = describeStatement(
    '{"aggregate":"orders","pipeline":[{"$match":{"card":4111}}]}',
    'mongodb',
  );
  assert.deepEqual(
    [command.summary, command.operation, command.collection],
    ['aggregate orders', 'aggregate', 'orders'],
  );
  const filter = describeStatement('{"password":"hunter2"}', 'mongodb');
  assert.deepEqual([filter.summary, filter.operation, filter.collection], ['', '', '']);
});

const commands: [text: string, expected: string, summary: string][] = [
  ['SET user:1 hunter2', 'SET user:1 ?', 'SET'],
  ['AUTH default hunter2', 'AUTH ? ?', 'AUTH'],
  ['  get   user:1 ', 'GET user:1', 'GET'],
  ['MULTI\nSET a b\nEXEC', 'MULTI; SET a ?; EXEC', ''],
  ['', '', ''],
];

for (const [text, expected, summary] of commands) {
  test(`command: ${JSON.stringify(text)}`, () => {
    const description = describeStatement(text, 'redis');
    assert.deepEqual([description.text, description.summary], [expected, summary]);
  });
}

test('SQL is read in the dialect of its system', () => {
  assert.equal(
    describeStatement('select "a" from t where b = 1', 'mysql').text,
    'select ? from t where b = ?',
  );
  assert.equal(
    describeStatement('select "a" from t where b = 1', 'postgresql').text,
    'select "a" from t where b = ?',
  );
});

test('documents with canaries in the place of values: none is left, and the result is read the same again', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const value = (depth: number): unknown => {
    const kind = random(depth > 3 ? 4 : 6);
    if (kind === 4) return Array.from({ length: random(4) }, () => value(depth + 1));
    if (kind === 5)
      return Object.fromEntries(Array.from({ length: random(4) }, (_, i) => [`f${i}`, value(depth + 1)]));
    return [`canary ": ${random(9)}' {`, 77_000 + random(999), `\\canary`, `canary":"x`][kind];
  };
  for (let i = 0; i < 5_000; i++) {
    const { text } = describeStatement(JSON.stringify({ filter: value(0) }), 'mongodb');
    assert.doesNotMatch(text, /canary|77\d{3}/);
    assert.equal(describeStatement(text, 'mongodb').text, text);
  }
});
