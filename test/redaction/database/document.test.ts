/** Commands of MongoDB as the driver is about to send them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { commandOf, describeCommand } from '../../../src/redaction/database/document';

const SECRET = 'CANARY';
/** What stands for an id, or a date. */
class Value {
  readonly secret = SECRET;
}

const cases: [name: string, command: unknown, expected: string][] = [
  [
    'a filter',
    { find: 'users', filter: { email: SECRET, n: 4111 } },
    '{"find":"users","filter":{"email":"?","n":?}}',
  ],
  [
    'values of classes',
    { find: 'users', filter: { a: new Value(), b: new Date(0), c: /x/, d: Buffer.from(SECRET) } },
    '{"find":"users","filter":{"a":?,"b":?,"c":?,"d":?}}',
  ],
  [
    'a list of values',
    { find: 'users', filter: { n: { $in: [1, 2, 3] } } },
    '{"find":"users","filter":{"n":{"$in":[?]}}}',
  ],
  [
    'documents alike',
    { insert: 'users', documents: [{ a: 1 }, { a: 2 }, { b: SECRET }] },
    '{"insert":"users","documents":[{"a":?},{"b":"?"}]}',
  ],
  [
    'a collection in another field',
    { getMore: 7n, collection: 'users' },
    '{"getMore":?,"collection":"users"}',
  ],
  ['a user', { createUser: SECRET, pwd: SECRET }, '{"createUser":"?","pwd":"?"}'],
  ['a name that is data', { [`${SECRET} is no name`]: 1 }, `{"${SECRET} is no name":?}`],
  ['a long name', { find: 'users', filter: { ['x'.repeat(200)]: 1 } }, '{"find":"users","filter":{"?":?}}'],
  ['no prototype', Object.assign(Object.create(null), { ping: 1 }), '{"ping":?}'],
  [
    'another realm',
    vm.runInNewContext('({ find: "users", filter: { a: 1 } })'),
    '{"find":"users","filter":{"a":?}}',
  ],
  ['a text', SECRET, ''],
  ['nothing', undefined, ''],
  ['a class', new Value(), ''],
];

for (const [name, command, expected] of cases)
  test(`a command with ${name}`, () => assert.equal(describeCommand(command), expected));

test('getters and Proxies are not asked', () => {
  const fail = (): never => assert.fail('it was asked');
  const handler = new Proxy({}, { get: fail });
  const filter = {
    get a(): never {
      return fail();
    },
    b: new Proxy({}, handler),
    c: [new Proxy([], handler)],
  };
  assert.equal(describeCommand({ find: 'users', filter }), '{"find":"users","filter":{"a":?,"b":?,"c":[?]}}');
  assert.equal(describeCommand(new Proxy({}, handler)), '');
});

test('what a command costs is bounded', () => {
  const cyclic: Record<string, unknown> = { find: 'users' };
  cyclic.self = cyclic;
  assert.ok(describeCommand(cyclic).length < 1_000);
  const wide = Object.fromEntries(
    Array.from({ length: 100_000 }, (_, index) => [`field${index}`, { a: index }]),
  );
  assert.ok(describeCommand({ insert: 'users', documents: Array(1_000).fill(wide) }).length < 10_000);
});

test('the name of a command and its collection', () => {
  assert.deepEqual(commandOf({ find: 'users', filter: {} }), { command: 'find', collection: 'users' });
  assert.deepEqual(commandOf({ aggregate: 1 }), { command: 'aggregate', collection: '' });
  assert.deepEqual(commandOf({ usersInfo: SECRET }), { command: 'usersInfo', collection: '' });
  assert.deepEqual(commandOf({ 'no name': 1 }), { command: '', collection: '' });
});
