import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assembleRequest, encodeResource } from '../../src/otlp/resource';
import { ScopeSpansBuilder } from '../../src/otlp/scope-spans';
import { trusted } from '../../src/redaction/sanitized';
import { AttributeBlock } from '../../src/tracing/attribute-block';
import type { RecordingSpan } from '../../src/tracing/span';
import type { SpanLimits } from '../../src/tracing/types';
import { decodeProtobuf } from '../otlp/official';
import { RESOURCE, testProvider } from './provider';

interface Seen {
  readonly attributes: object;
  readonly dropped: number;
}

/** Three spans with the same block: the first takes copies of it, the others do not. */
function threeSpans(change: (span: RecordingSpan) => void, limits: Partial<SpanLimits> = {}): Seen[] {
  const { start, ended } = testProvider(limits);
  const block = new AttributeBlock().put('b1', 1).put('b2', true).put('b3', 3);
  for (let i = 0; i < 3; i++) {
    const span = start();
    span.setAttribute('before', 'x');
    span.putBlock(block);
    change(span);
    span.end();
  }
  const builder = new ScopeSpansBuilder(false);
  for (const span of ended) builder.add(span);
  const sent = decodeProtobuf(assembleRequest(encodeResource(RESOURCE), builder.finish(), 0));
  assert.equal(sent.length, 3);
  // What exporters in this process read is what is sent.
  for (const [index, { attributes }] of sent.entries())
    assert.deepEqual(ended[index]?.attributes, attributes);
  return sent.map(({ attributes, droppedAttributesCount }) => ({
    attributes,
    dropped: droppedAttributesCount,
  }));
}

const block = { b1: 1, b2: true, b3: 3 };

describe('attributes that spans have in common', () => {
  const changes: [name: string, change: (span: RecordingSpan) => void, expected: object][] = [
    ['are there', () => {}, { before: 'x', ...block }],
    ['stand among others', (span) => span.setAttribute('after', 'y'), { before: 'x', ...block, after: 'y' }],
    [
      'may change in one span',
      (span) => span.setAttribute('b2', false),
      { before: 'x', ...block, b2: false },
    ],
    ['leave others to change', (span) => span.setAttribute('before', 'z'), { before: 'z', ...block }],
    [
      'may be read',
      (span) => span.setAttribute('copy', Number(span.get('b3'))),
      { before: 'x', ...block, copy: 3 },
    ],
  ];
  for (const [name, change, attributes] of changes) {
    it(`${name}, in the first span and in later ones`, () => {
      for (const seen of threeSpans(change)) assert.deepEqual(seen, { attributes, dropped: 0 });
    });
  }

  it('are dropped singly at the limit', () => {
    const limits = { attributeCount: 3 };
    for (const seen of threeSpans(() => {}, limits))
      assert.deepEqual(seen, { attributes: { before: 'x', b1: 1, b2: true }, dropped: 1 });
  });

  it('give way to what has to be there', () => {
    const limits = { attributeCount: 4 };
    const isUnfinished = (span: RecordingSpan): void => span.replaceEvenIfFull('must', true);
    for (const seen of threeSpans(isUnfinished, limits))
      assert.deepEqual(seen, { attributes: { before: 'x', b1: 1, b3: 3, must: true }, dropped: 1 });
  });

  it('are copied by the first span, and by those whose texts have to be shorter', () => {
    const shared = new AttributeBlock().put('text', trusted('abcdef'));
    const shapes = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 3].map((attributeValueLength) => {
      const span = testProvider({ attributeValueLength }).start();
      span.putBlock(shared);
      return [span.parts !== undefined, span.attrs];
    });
    assert.deepEqual(shapes, [
      [false, ['text', 'abcdef']],
      [true, ['text', 'abcdef']],
      [false, ['text', 'abc']],
    ]);
  });
});
