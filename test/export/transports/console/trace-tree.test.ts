import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TraceCollector } from '../../../../src/export/transports/console';
import { renderTrace } from '../../../../src/export/transports/console/trace-tree';
import type { EndedSpan } from '../../../../src/tracing/types';
import { span } from '../../harness';

const id = (n: number): string => n.toString(16).padStart(16, '0');
const traceId = 'a'.repeat(32);

function node(n: number, parent: number, name: string, over: Partial<EndedSpan> = {}): EndedSpan {
  return span(0, {
    traceId,
    spanId: id(n),
    parentSpanId: parent === 0 ? '' : id(parent),
    name,
    startMs: 1000 + n,
    endMs: 1010 + n,
    attrs: [],
    ...over,
  });
}

describe('the tree of a trace', () => {
  it('cuts a name between the halves of a pair, not within one', () => {
    const text = renderTrace([node(1, 0, '😀'.repeat(600))], { color: false });
    assert.ok(text.includes(`${'😀'.repeat(39)}…`), text);
    assert.ok(text.isWellFormed());
  });

  it('shows parents, durations, kinds, details and errors', () => {
    const exception = {
      name: 'exception',
      timeMs: 1,
      attributes: ['exception.message', 'duplicate\nkey'],
      droppedAttributesCount: 0,
    };
    const text = renderTrace(
      [
        node(4, 3, 'SELECT users', {
          kind: 2,
          startMs: 1001,
          endMs: 1001.25,
          attrs: ['db.system.name', 'postgresql'],
        }),
        node(3, 1, 'findUser'),
        node(5, 3, 'INSERT log', { kind: 2, status: { code: 2 }, eventList: [exception] }),
        node(1, 0, 'GET /user/:id', {
          kind: 1,
          startMs: 1000,
          endMs: 3500,
          attrs: ['http.response.status_code', 200, 'url.path', '/user/7'],
        }),
        node(6, 1, 'GET', {
          kind: 2,
          status: { code: 2, message: 'timeout' },
          attrs: ['url.full', 'https://example.org/'],
        }),
      ],
      { color: false },
    );
    assert.equal(
      text,
      [
        `trace ${traceId}, 5 spans`,
        '  GET /user/:id       server     2.50 s  200  /user/7',
        '  ├─ findUser         internal  10.0 ms',
        '  │  ├─ SELECT users  client     250 µs  postgresql',
        '  │  └─ INSERT log    client    10.0 ms  ERROR duplicate key',
        '  └─ GET              client    10.0 ms  https://example.org/  ERROR timeout',
        '',
      ].join('\n'),
    );
  });

  it('shows spans whose parent is elsewhere, and rings, each once', () => {
    const lines = (spans: EndedSpan[]): number => renderTrace(spans, { color: false }).split('\n').length - 2;
    assert.equal(lines([node(2, 9, 'a'), node(3, 9, 'b')]), 2);
    assert.equal(lines([node(1, 1, 'itself')]), 1);
    assert.equal(lines([node(1, 2, 'a'), node(2, 1, 'b')]), 2);
    assert.equal(lines([node(1, 0, 'a'), node(1, 0, 'same id'), node(2, 1, 'b')]), 3);
  });

  it('survives depth and width', () => {
    const deep = Array.from({ length: 20_000 }, (_, i) => node(i + 1, i, `span ${i}`));
    assert.equal(renderTrace(deep, { color: true }).split('\n').length, 20_002);
  });

  it('lets no control character of a name through', () => {
    assert.equal(renderTrace([node(1, 0, 'a\u001b[2J\nb')], { color: false }).includes('\u001b'), false);
    assert.ok(renderTrace([node(1, 0, 'a')], { color: true }).includes('\u001b[1ma'));
  });
});

describe('the collector of traces', () => {
  function collect(): { shown: string[][]; traces: TraceCollector } {
    const shown: string[][] = [];
    return { shown, traces: new TraceCollector((spans) => shown.push(spans.map(({ name }) => name))) };
  }
  const of = (trace: number, name: string, over: Partial<EndedSpan>): EndedSpan =>
    span(0, { traceId: trace.toString(16).padStart(32, '0'), name, ...over });

  it('waits for the local root, over several batches', () => {
    const { shown, traces } = collect();
    traces.add([of(1, 'child', { parentSpanId: id(1) }), of(2, 'other', { parentSpanId: id(2) })]);
    assert.deepEqual(shown, []);
    traces.add([of(1, 'root', { parentSpanId: id(9), parentIsRemote: true })]);
    assert.deepEqual(shown, [['child', 'root']]);
    traces.add([of(1, 'late', { parentSpanId: id(1) })]);
    assert.deepEqual(shown, [['child', 'root'], ['late']]);
    traces.releaseAll();
    assert.deepEqual(shown, [['child', 'root'], ['late'], ['other']]);
  });

  it('does not hold traces without end', () => {
    const { shown, traces } = collect();
    for (let i = 0; i < 10_000; i++) traces.add([of(i, 'child', { parentSpanId: id(1) })]);
    assert.ok(shown.length >= 9900);
    traces.releaseAll();
    assert.equal(shown.length, 10_000);
    traces.add(Array.from({ length: 6000 }, () => of(77_777, 'child', { parentSpanId: id(1) })));
    assert.equal(shown[10_000]?.length, 6000);
  });
});
