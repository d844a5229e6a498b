import assert from 'node:assert/strict';
import { test } from 'node:test';
import { largestSpan } from '../../src/otlp/largest-span';
import { ScopeSpansBuilder } from '../../src/otlp/scope-spans';
import type { EndedSpan } from '../../src/tracing/types';
import { plainSpan, scopes } from './random-span';

function piecesOf(...spans: EndedSpan[]): Uint8Array[] {
  const builder = new ScopeSpansBuilder(false);
  for (const span of spans) builder.add(span);
  return builder.finish();
}

test('the largest of several spans and scopes, and its largest attribute', () => {
  const large = plainSpan(2, {
    name: 'käse',
    scope: scopes[1] ?? assert.fail(),
    attrs: ['a', 1, 'largest', 'x'.repeat(5000), 'b', 'y'.repeat(100)],
  });
  const found = largestSpan(piecesOf(plainSpan(1), large, plainSpan(3)));
  assert.equal(found?.name, 'käse');
  assert.deepEqual([found?.part?.kind, found?.part?.name], ['attribute', 'largest']);
  assert.ok((found?.part?.bytes ?? 0) > 5000 && (found?.bytes ?? 0) > (found?.part?.bytes ?? 0));
});

test('an event may be what is large', () => {
  const attributes = ['exception.stacktrace', 'x'.repeat(5000)];
  const event = { name: 'exception', timeMs: 1, attributes, droppedAttributesCount: 0 };
  const { part } = largestSpan(piecesOf(plainSpan(1, { eventList: [event] }))) ?? assert.fail();
  assert.deepEqual([part?.kind, part?.name], ['event', 'exception']);
});

test('a span without attributes and events has no part; no pieces have no span', () => {
  assert.equal(largestSpan(piecesOf(plainSpan(1, { attrs: [] })))?.part, undefined);
  assert.equal(largestSpan([]), undefined);
  assert.equal(largestSpan([Uint8Array.of(0x12, 0xff)]), undefined);
});
