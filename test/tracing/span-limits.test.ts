import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sanitizeName } from '../../src/redaction/sanitized';
import { ROOT_CONTEXT } from '../../src/tracing/context';
import type { RecordingSpan } from '../../src/tracing/span';
import { testProvider } from './provider';

const numbered = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));

test('attributes: the first ones stay, the rest is counted, known keys may still change', () => {
  const span = testProvider({ attributeCount: 2 }).start('work', { attributes: numbered(3) });
  span.setAttribute('k1', 'new').setAttribute('k9', 1);
  assert.deepEqual(span.attributes, { k0: 0, k1: 'new' });
  assert.equal(span.droppedAttributesCount, 2);
});

test('attributes: what a request hands down to its spans counts as well', () => {
  const { provider, start } = testProvider({ attributeCount: 1 });
  const root = start('root');
  root.local.inherited = new Map([
    ['user.id', sanitizeName('1')],
    ['session.id', sanitizeName('2')],
  ]);
  const child = provider
    .getTracer('test')
    .startSpan('child', {}, ROOT_CONTEXT.withSpan(root)) as RecordingSpan;
  assert.deepEqual(child.attributes, { 'user.id': '1' });
  assert.equal(child.droppedAttributesCount, 1);
});

test('text: cut to the limit, in values, arrays, events, links, errors and the status', () => {
  const span = testProvider({ attributeValueLength: 5 }).start();
  span.setAttribute('text', '1234567').setAttribute('texts', ['1234567', '1']).setAttribute('n', 1234567);
  span.addEvent('event', { text: '1234567' });
  span.addLink({ context: testProvider().start().spanContext(), attributes: { text: '1234567' } });
  span.recordException(new TypeError('1234567'));
  span.setStatus({ code: 2, message: '1234567' });
  span.put('own', '1234567');
  assert.deepEqual(span.attributes, { text: '12345', texts: ['12345', '1'], n: 1234567, own: '12345' });
  assert.deepEqual(span.events[0]?.attributes, { text: '12345' });
  assert.deepEqual(span.links[0]?.attributes, { text: '12345' });
  assert.equal(span.events[1]?.attributes?.['exception.type'], 'TypeE');
  assert.equal(span.events[1]?.attributes?.['exception.message'], '12345');
  assert.equal(span.events[1]?.attributes?.['exception.stacktrace'], 'TypeE');
  assert.deepEqual(span.status, { code: 2, message: '12345' });
});

test('events: the newest stay, since they tell how it ended', () => {
  const span = testProvider({ eventCount: 2 }).start();
  span.addEvent('one').addEvent('two').addEvent('three').recordException(new Error('no'));
  assert.deepEqual(
    span.events.map(({ name }) => name),
    ['three', 'exception'],
  );
  assert.equal(span.droppedEventsCount, 2);
});

test('links: the newest stay', () => {
  const { start } = testProvider({ linkCount: 2 });
  const contexts = [start(), start(), start()].map((span) => span.spanContext());
  const span = start('work', { links: contexts.map((context) => ({ context })) });
  assert.deepEqual(
    span.links.map(({ context }) => context.spanId),
    contexts.slice(1).map(({ spanId }) => spanId),
  );
  assert.equal(span.droppedLinksCount, 1);
});

test('attributes of events, errors and links: the first ones stay, the rest is counted', () => {
  const { start } = testProvider({ attributePerEventCount: 1, attributePerLinkCount: 2 });
  const span = start();
  span.addEvent('event', numbered(3));
  span.recordException(new Error('no'));
  span.addLink({ context: start().spanContext(), attributes: numbered(3), droppedAttributesCount: 4 });
  assert.deepEqual(span.events[0]?.attributes, { k0: 0 });
  assert.equal(span.events[0]?.droppedAttributesCount, 2);
  assert.deepEqual(span.events[1]?.attributes, { 'exception.type': 'Error' });
  assert.equal(span.events[1]?.droppedAttributesCount, 2);
  assert.deepEqual(span.links[0]?.attributes, { k0: 0, k1: 1 });
  assert.equal(span.links[0]?.droppedAttributesCount, 5);
});

test('limits of zero keep nothing and count everything', () => {
  const { start } = testProvider({ attributeCount: 0, eventCount: 0, linkCount: 0 });
  const span = start('work', {
    attributes: { a: 1 },
    links: [{ context: testProvider().start().spanContext() }],
  });
  span.addEvent('event').addEvent('event');
  assert.deepEqual([span.attrs, span.eventList, span.linkList], [[], [], []]);
  assert.deepEqual([span.droppedAttributesCount, span.droppedEventsCount, span.droppedLinksCount], [1, 2, 1]);
});

test('values that are none are left out and not counted as dropped', () => {
  const span = testProvider().start('work', { attributes: { a: undefined } });
  span.addEvent('event', { a: undefined, b: 1 });
  assert.equal(span.droppedAttributesCount, 0);
  assert.equal(span.events[0]?.droppedAttributesCount, 0);
});
