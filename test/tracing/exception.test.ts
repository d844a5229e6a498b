import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rememberSafeMessage } from '../../src/redaction/error-text';
import { sanitizeName } from '../../src/redaction/sanitized';
import { errorFacts, exceptionAttributes } from '../../src/tracing/exception';

class ValidationError extends Error {}
class NamedError extends Error {
  override name = 'Named';
}

function refuse(): never {
  throw new Error('refused');
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const thrown: [name: string, value: unknown, type: string, message: string][] = [
  ['an error', new Error('no'), 'Error', 'no'],
  ['a builtin error', new TypeError('no'), 'TypeError', 'no'],
  ['a class that leaves the name alone', new ValidationError('no'), 'ValidationError', 'no'],
  ['a class that sets its name', new NamedError('no'), 'Named', 'no'],
  ['an error with a code', Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED', 'no'],
  ['an error with a number as code', Object.assign(new Error('no'), { code: 42 }), '42', 'no'],
  ['a named error with a code', Object.assign(new TypeError('no'), { code: 'ERR_X' }), 'TypeError', 'no'],
  ['text', 'no', 'Error', 'no'],
  ['a number', 42, 'number', '42'],
  ['undefined', undefined, 'undefined', 'undefined'],
  ['null', null, 'object', 'null'],
  ['a symbol', Symbol('x'), 'symbol', 'Symbol(x)'],
  ['an object with a message', { message: 'no' }, 'Object', 'no'],
  ['an object without prototype', Object.create(null), 'Error', ''],
  ['a getter that throws', Object.defineProperty({}, 'message', { get: refuse }), 'Error', ''],
  ['a revoked Proxy', revoked(), 'Error', ''],
  ['a message that is no text', { name: 7, message: {} }, 'Object', ''],
];
for (const [name, value, type, message] of thrown) {
  test(`thrown: ${name}`, () => {
    const facts = errorFacts(value);
    assert.deepEqual([facts.type, facts.message], [type, message]);
    assert.equal(exceptionAttributes(value, 1000)[1], type);
  });
}

function recorded(error: unknown): Record<string, unknown> {
  const list = exceptionAttributes(error, Number.POSITIVE_INFINITY);
  const entries: [string, unknown][] = [];
  for (let i = 0; i < list.length; i += 2) entries.push([list[i] as string, list[i + 1]]);
  return Object.fromEntries(entries);
}

test('an error is recorded with its message and the frames of its stack', () => {
  const facts = recorded(new ValidationError('the name is missing'));
  assert.equal(facts['exception.message'], 'the name is missing');
  assert.match(String(facts['exception.stacktrace']), /the name is missing\n\s+at .*exception\.test/);
});

test('secrets in a message leave neither with it nor with the stack', () => {
  const facts = recorded(new Error('cannot reach https://bob:hunter2@db.local/?token=abc123secret'));
  assert.ok(!JSON.stringify(facts).includes('hunter2'), JSON.stringify(facts));
  assert.ok(!JSON.stringify(facts).includes('abc123secret'), JSON.stringify(facts));
  assert.match(String(facts['exception.message']), /cannot reach https:\/\//);
});

test('where a driver said what of its message may leave, the stack says no more either', () => {
  const error = new Error('invalid input syntax for type integer: "bob@example.org"');
  rememberSafeMessage(error, error.message, sanitizeName('invalid input syntax for type integer: ?'));
  const facts = recorded(error);
  assert.equal(facts['exception.message'], 'invalid input syntax for type integer: ?');
  assert.ok(!String(facts['exception.stacktrace']).includes('bob@'), String(facts['exception.stacktrace']));
});

test('10 MB of message and stack are cut', () => {
  const error = new Error('x'.repeat(10_000_000));
  const facts = recorded(error);
  assert.equal(String(facts['exception.message']).length, 16_384);
  assert.ok(String(facts['exception.stacktrace']).length <= 16_384);
});
