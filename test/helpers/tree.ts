/**
 * Draws spans as a tree of text, so that a test can compare them with a tree drawn in its source:
 *
 *     assertTree(spans, `
 *       server GET /users/:id  http.response.status_code=200
 *         client SELECT users
 *         client INSERT orders
 *     `, { attributes: ['http.response.status_code'] });
 */
import assert from 'node:assert/strict';
import type { ReceivedSpan, Value } from './span';

export interface TreeOptions {
  /** Attributes drawn where a span has them, in this order. */
  attributes?: readonly string[];
  /** Siblings by start time (default), or by their line, for what runs at the same time. */
  order?: 'start' | 'text';
  /** Adds `[error]` and `[ok]` to spans whose status is set; on unless told. */
  status?: boolean;
  /** Adds ` !name` for each event; off unless told. */
  events?: boolean;
  /** Parents outside of these spans that are fine: the span id of the test's own `traceparent`. */
  callers?: readonly string[];
}

export function drawTree(spans: readonly ReceivedSpan[], options: TreeOptions = {}): string {
  const known = new Set(spans.map((span) => span.spanId));
  const children = new Map<string, ReceivedSpan[]>();
  for (const span of spans) {
    // An orphan is drawn at the top, so that the picture shows it; `checkTraces` is what complains.
    const parent = known.has(span.parentSpanId) ? span.parentSpanId : '';
    const siblings = children.get(parent);
    if (siblings) siblings.push(span);
    else children.set(parent, [span]);
  }
  const draw = (parent: string, depth: number): string[] => {
    const blocks = (children.get(parent) ?? []).map((span) => ({
      startNs: span.startNs,
      lines: [`${'  '.repeat(depth)}${line(span, options)}`, ...draw(span.spanId, depth + 1)],
    }));
    blocks.sort((a, b) => {
      if (options.order !== 'text' && a.startNs !== b.startNs) return a.startNs < b.startNs ? -1 : 1;
      const [x, y] = [a.lines.join('\n'), b.lines.join('\n')];
      return x < y ? -1 : x > y ? 1 : 0;
    });
    return blocks.flatMap((block) => block.lines);
  };
  return draw('', 0).join('\n');
}

/** Compares with a drawn tree; indentation of the drawing as a whole and empty lines do not count. */
export function assertTree(
  spans: readonly ReceivedSpan[],
  expected: string,
  options: TreeOptions = {},
): void {
  checkTraces(spans, options.callers);
  assert.equal(drawTree(spans, options), undent(expected));
}

/** What holds for any set of complete traces: unique ids, no orphans, no cycles, one root per trace. */
export function checkTraces(spans: readonly ReceivedSpan[], callers: readonly string[] = []): void {
  const byId = new Map<string, ReceivedSpan>();
  for (const span of spans) {
    const twin = byId.get(span.spanId);
    assert.equal(twin, undefined, `"${span.name}" and "${twin?.name}" have the same span id ${span.spanId}`);
    byId.set(span.spanId, span);
  }
  const roots = new Map<string, ReceivedSpan>();
  for (const span of spans) {
    if (span.parentSpanId === '' || callers.includes(span.parentSpanId)) {
      const other = roots.get(span.traceId);
      const both = `"${other?.name}" and "${span.name}"`;
      // A caller may well send several requests in one trace; two roots of our own are a torn trace.
      if (span.parentSpanId === '')
        assert.equal(other, undefined, `${both} are both roots of ${span.traceId}`);
      roots.set(span.traceId, span);
      continue;
    }
    const parent = byId.get(span.parentSpanId);
    assert.ok(
      parent,
      `"${span.name}" is an orphan: its parent ${span.parentSpanId} is not there\n${drawTree(spans)}`,
    );
    assert.equal(
      span.traceId,
      parent.traceId,
      `"${span.name}" is in another trace than its parent "${parent.name}"`,
    );
    assert.notEqual(span.spanId, span.parentSpanId, `"${span.name}" is its own parent`);
  }
  for (const span of spans) {
    const seen = new Set<string>();
    for (let at: ReceivedSpan | undefined = span; at; at = byId.get(at.parentSpanId)) {
      assert.ok(!seen.has(at.spanId), `"${span.name}" is in a circle of parents`);
      seen.add(at.spanId);
    }
  }
}

/** The spans of one request, checked to be one trace with one root. */
export function oneTrace(spans: readonly ReceivedSpan[], callers: readonly string[] = []): ReceivedSpan[] {
  checkTraces(spans, callers);
  const traces = new Set(spans.map((span) => span.traceId));
  assert.equal(traces.size, 1, `${traces.size} traces instead of one:\n${drawTree(spans)}`);
  return [...spans];
}

export function inTrace(spans: readonly ReceivedSpan[], traceId: string): ReceivedSpan[] {
  return spans.filter((span) => span.traceId === traceId);
}

/** The one span of that name; fails when there is none or more than one. */
export function spanNamed(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const found = spans.filter((span) => span.name === name);
  const [first] = found;
  assert.ok(first && found.length === 1, `${found.length} spans are called "${name}":\n${drawTree(spans)}`);
  return first;
}

function line(span: ReceivedSpan, options: TreeOptions): string {
  const parts = [`${span.kind} ${span.name}`];
  for (const key of options.attributes ?? []) {
    const value = span.attributes[key];
    if (value !== undefined) parts.push(`${key}=${text(value)}`);
  }
  if (options.status !== false && span.status.code !== 'unset') parts.push(`[${span.status.code}]`);
  if (options.events) parts.push(...span.events.map((event) => `!${event.name}`));
  return parts.join('  ');
}

function text(value: Value): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
}

function undent(drawing: string): string {
  const lines = drawing.split('\n').filter((each) => each.trim() !== '');
  const margin = Math.min(...lines.map((each) => each.length - each.trimStart().length));
  return lines.map((each) => each.slice(margin).trimEnd()).join('\n');
}
