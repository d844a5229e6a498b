/** How the span of an outgoing request ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpClientOperation } from '../../src/instrumentations/operations/http-client-operation';
import { OpenAnswers } from '../../src/instrumentations/operations/unread-responses';
import type { RecordingSpan } from '../../src/tracing/span';
import { testProvider } from '../tracing/provider';

function begin(): { operation: HttpClientOperation; span: RecordingSpan; ended: RecordingSpan[] } {
  const { start, ended } = testProvider();
  const span = start();
  return { operation: new HttpClientOperation(span, new OpenAnswers()), span, ended };
}

test('an answer that was read ends it once, without a status', () => {
  const { operation, span, ended } = begin();
  assert.equal(operation.answered(103), false, 'early hints are not the answer');
  assert.equal(operation.answered(200), true);
  assert.equal(operation.answered(500), false, 'there is one answer');
  operation.end();
  operation.end();
  operation.fail(new Error('too late'));
  assert.equal(ended.length, 1);
  assert.deepEqual(span.attributes, { 'http.response.status_code': 200 });
  assert.deepEqual([span.status.code, span.events.length], [0, 0]);
});

test('4xx and 5xx are errors, named by their code; what follows from them is not another', () => {
  for (const status of [404, 503]) {
    const { operation, span } = begin();
    operation.answered(status);
    operation.fail(Object.assign(new Error('refused by an interceptor'), { code: 'UND_ERR_RESPONSE' }));
    assert.equal(span.attributes['error.type'], String(status));
    assert.deepEqual([span.status.code, span.events.length, span.ended], [2, 0, true]);
  }
});

test('a failure is named by its code, else by its class', () => {
  class Unusual extends Error {}
  const failures: [Error, string][] = [
    [Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [Object.assign(new AggregateError([]), { code: 'ETIMEDOUT' }), 'ETIMEDOUT'],
    [new DOMException('too long', 'TimeoutError'), 'TimeoutError'],
    [new TypeError('odd'), 'TypeError'],
    [new Unusual('odd'), 'Unusual'],
  ];
  for (const [error, type] of failures) {
    const { operation, span } = begin();
    operation.answered(200);
    operation.fail(error);
    assert.equal(span.attributes['error.type'], type);
    assert.deepEqual([span.status, span.events.length], [{ code: 2, message: error.message }, 1]);
  }
});

test('what the app gave up is no failure', () => {
  const aborted = Object.assign(new Error('aborted'), { name: 'AbortError', code: 'ABORT_ERR' });
  for (const reason of [aborted, new DOMException('aborted', 'AbortError'), 'no longer needed', undefined]) {
    const { operation, span } = begin();
    operation.fail(reason);
    assert.deepEqual([span.attributes, span.status.code, span.events.length, span.ended], [{}, 0, 0, true]);
  }
});

test('a connection is told of once, and a protocol switch ends the request', () => {
  const { operation, span } = begin();
  operation.sent({ address: '127.0.0.1', port: 80, attributes: undefined }, '1.1');
  operation.sent({ address: '127.0.0.2', port: 81, attributes: undefined }, '2');
  operation.answered(101);
  assert.equal(span.ended, true);
  assert.deepEqual(span.attributes, {
    'network.peer.address': '127.0.0.1',
    'network.peer.port': 80,
    'network.protocol.version': '1.1',
    'http.response.status_code': 101,
  });
});

test('an answer that nobody reads ends with its headers, when others come long after it', () => {
  const { start, ended } = testProvider();
  let now = performance.now();
  const open = new OpenAnswers(() => now);
  const [unread, read, next, last] = [start('unread'), start('read'), start('next'), start('last')];
  const answered = now + unread.local.offset;
  open.add(unread);
  open.add(read);
  open.delete(read);
  now += 5 * 60_000 - 1;
  open.add(next);
  assert.deepEqual(ended, []);
  now += 1;
  open.add(last);
  assert.deepEqual(ended, [unread]);
  assert.ok(Math.abs(unread.endMs - Math.max(answered, unread.startMs)) < 1);
  now += 10 * 60_000;
  open.add(start('another'));
  assert.deepEqual(ended, [unread, next, last]);
});
