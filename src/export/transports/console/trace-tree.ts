/** Draws the spans of one trace as a tree. */
import { singleLine } from '../../../diagnostics/log';
import { cutText } from '../../../text/cut';
import { SPAN_KINDS } from '../../../tracing/span-kind';
import type { EndedSpan } from '../../../tracing/types';

export interface TreeOptions {
  readonly color: boolean;
}

const STATUS_ERROR = 2;
/** Deeper levels are drawn like this one, because a terminal has a limited number of columns. */
const MAX_DEPTH = 30;
const MAX_NAME_CHARS = 80;
const MAX_DETAIL_CHARS = 100;

/** The attributes that are shown, in this order. */
const DETAILS = [
  'http.response.status_code',
  'url.path',
  'url.full',
  'db.system.name',
  'db.query.text',
  'canvasops.transaction.outcome',
  'messaging.destination.name',
  'gen_ai.request.model',
  'rpc.method',
  'user.id',
];

interface Row {
  readonly span: EndedSpan;
  /** The vertical lines of the levels above. */
  readonly prefix: string;
  readonly depth: number;
  readonly root: boolean;
  readonly last: boolean;
}

/**
 * @param spans All spans of the trace that are known.
 * @returns A heading, then one line per span: children under their parents, in the order of their start.
 */
export function renderTrace(spans: readonly EndedSpan[], options: TreeOptions): string {
  const paint = options.color ? colored : plain;
  const { roots, children } = arrange(spans);
  const rows: string[][] = [];
  const stack: Row[] = [];
  push(stack, roots, '', 0, true);
  // It is not recursive, because thousands of nested spans would exhaust the app's stack.
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    rows.push(cells(row));
    const below = children.get(row.span.spanId);
    if (below === undefined) continue;
    children.delete(row.span.spanId); // Ids that repeat or form a ring are drawn once.
    const deeper =
      row.root || row.depth >= MAX_DEPTH ? row.prefix : `${row.prefix}${row.last ? '   ' : '│  '}`;
    push(stack, below, deeper, row.depth + 1, false);
  }
  const width = widths(rows);
  return heading(spans, paint) + rows.map((row) => line(row, width, paint)).join('');
}

function arrange(spans: readonly EndedSpan[]): { roots: EndedSpan[]; children: Map<string, EndedSpan[]> } {
  const known = new Set<string>();
  for (const span of spans) known.add(span.spanId);
  const roots: EndedSpan[] = [];
  const children = new Map<string, EndedSpan[]>();
  for (const span of [...spans].sort((a, b) => a.startMs - b.startMs)) {
    const { parentSpanId } = span;
    if (parentSpanId === '' || parentSpanId === span.spanId || !known.has(parentSpanId)) roots.push(span);
    else append(children, parentSpanId, span);
  }
  if (roots.length === 0) return { roots: [...spans], children: new Map() };
  return { roots, children };
}

function append(children: Map<string, EndedSpan[]>, parent: string, span: EndedSpan): void {
  const siblings = children.get(parent);
  if (siblings === undefined) children.set(parent, [span]);
  else siblings.push(span);
}

function push(stack: Row[], spans: readonly EndedSpan[], prefix: string, depth: number, root: boolean): void {
  for (let i = spans.length - 1; i >= 0; i--) {
    stack.push({ span: spans[i] as EndedSpan, prefix, depth, root, last: i === spans.length - 1 });
  }
}

/** @returns The columns of a line: tree and name, kind, duration, details, error. */
function cells(row: Row): string[] {
  const { span } = row;
  const branch = row.root ? '' : `${row.prefix}${row.last ? '└─ ' : '├─ '}`;
  return [
    branch + cut(span.name, MAX_NAME_CHARS),
    SPAN_KINDS[span.kind] ?? '',
    duration(span),
    details(span),
    failure(span),
  ];
}

function details(span: EndedSpan): string {
  const found: string[] = [];
  const repeated = attribute(span, 'canvasops.db.repeated_statement');
  if (repeated !== undefined)
    found.push(`[${repeated}: ${attribute(span, 'canvasops.db.repeated_statement.count')} times]`);
  for (const key of DETAILS) {
    const value = attribute(span, key);
    if (value !== undefined) found.push(value);
  }
  return cut(found.join('  '), MAX_DETAIL_CHARS);
}

function attribute({ attrs }: EndedSpan, key: string): string | undefined {
  const at = attrs.indexOf(key);
  return at >= 0 && at % 2 === 0 ? String(attrs[at + 1]) : undefined;
}

function failure(span: EndedSpan): string {
  if (span.status.code !== STATUS_ERROR) return '';
  let text = span.status.message ?? '';
  for (const event of span.eventList) {
    if (text !== '' || event.name !== 'exception') continue;
    const at = event.attributes.indexOf('exception.message');
    if (at >= 0) text = String(event.attributes[at + 1]);
  }
  return cut(`ERROR ${text}`.trim(), MAX_DETAIL_CHARS);
}

function duration(span: EndedSpan): string {
  const ms = Math.max(0, span.endMs - span.startMs);
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  if (ms < 1000) return `${ms.toFixed(1)} ms`;
  return `${(ms / 1000).toFixed(2)} s`;
}

function heading(spans: readonly EndedSpan[], paint: Paint): string {
  const id = spans[0]?.traceId ?? '';
  return `${paint('dim', `trace ${id}, ${spans.length} ${spans.length === 1 ? 'span' : 'spans'}`)}\n`;
}

function widths(rows: readonly string[][]): readonly [number, number, number] {
  const width: [number, number, number] = [0, 0, 0];
  for (const row of rows) {
    for (let i = 0; i < 3; i++) width[i] = Math.max(width[i] as number, row[i]?.length ?? 0);
  }
  return width;
}

function line(row: readonly string[], width: readonly [number, number, number], paint: Paint): string {
  const [name = '', kind = '', time = '', detail = '', error = ''] = row;
  const columns = [
    paint(error === '' ? 'name' : 'error', name.padEnd(width[0])),
    paint('dim', kind.padEnd(width[1])),
    time.padStart(width[2]),
    detail === '' ? '' : paint('dim', detail),
    error === '' ? '' : paint('error', error),
  ];
  return `  ${columns
    .filter((column) => column !== '')
    .join('  ')
    .trimEnd()}\n`;
}

function cut(text: string, length: number): string {
  const clean = singleLine(cutText(text, length * 4));
  return clean.length <= length ? clean : `${cutText(clean, length - 1)}…`;
}

type Style = 'name' | 'dim' | 'error';
type Paint = (style: Style, text: string) => string;

const CODES: Record<Style, string> = { name: '1', dim: '2', error: '31' };

function colored(style: Style, text: string): string {
  return `\u001b[${CODES[style]}m${text}\u001b[0m`;
}

function plain(_style: Style, text: string): string {
  return text;
}
