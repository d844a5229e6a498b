/** Of the app's user object only an opaque id leaves the process, and reading it never fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { userIdIn, userIdOf } from '../../src/instrumentations/operations/user';

test('the id is found where libraries keep it', () => {
  assert.equal(userIdOf({ id: 'u-1', name: 'Ada' }), 'u-1');
  assert.equal(userIdOf({ id: 7 }), '7');
  assert.equal(userIdOf({ id: 12345678901234567890n }), '12345678901234567890');
  assert.equal(userIdOf({ _id: '507f1f77bcf86cd799439011' }), '507f1f77bcf86cd799439011');
  assert.equal(userIdOf({ sub: 'auth0|5f7c8ec7c33c6c004bbafe82' }), 'auth0|5f7c8ec7c33c6c004bbafe82');
  assert.equal(userIdOf({ userId: 'a' }), 'a');
  assert.equal(userIdOf({ user_id: 'b' }), 'b');
  assert.equal(userIdOf({ uid: 'c' }), 'c');
  assert.equal(userIdOf({ id: 'first', sub: 'second' }), 'first');
  class Account {
    get id(): string {
      return 'from a getter';
    }
  }
  assert.equal(userIdOf(new Account()), 'from a getter');
});

test('what is no opaque id stays in the process', () => {
  for (const id of [
    '',
    'ada@example.com',
    'x'.repeat(129),
    true,
    null,
    { a: 1 },
    ['a'],
    Symbol('id'),
    Number.NaN,
  ]) {
    assert.equal(userIdOf({ id }), undefined);
  }
  assert.equal(userIdOf({ id: 'ada@example.com', sub: 'u-1' }), 'u-1');
  assert.equal(userIdOf({ name: 'Ada', email: 'ada@example.com' }), undefined);
});

test('anything may stand in request.user', () => {
  for (const user of [undefined, null, 'ada', 7, true, () => 'u-1', Symbol('user'), []]) {
    assert.equal(userIdOf(user), undefined);
  }
  const refuses = new Proxy({}, { get: () => assert.fail('not to be seen') });
  assert.equal(userIdOf(refuses), undefined);
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(userIdOf(proxy), undefined);
  const throws = {
    get id(): string {
      throw new Error('not loaded');
    },
    sub: 'u-1',
  };
  assert.equal(userIdOf(throws), 'u-1');
});

test('a user behind a getter is left alone, one that a prototype keeps is read', () => {
  const request = {
    get user(): unknown {
      throw new Error('looked up');
    },
  };
  assert.equal(userIdIn(request), undefined);
  assert.equal(userIdIn(Object.create({ user: { id: 3 } }) as object), '3');
  assert.equal(userIdIn({ user: { id: 4 } }), '4');
  assert.equal(userIdIn({}), undefined);
});
