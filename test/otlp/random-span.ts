/** Random but repeatable spans in the plain form that encoders read, and what a receiver must see of them. */
import type { SpanContext } from '@opentelemetry/api';
import type { EndedSpan, FlatAttributes, InstrumentationScope } from '../../src/tracing/types';

export type Random = () => number;

/** mulberry32 */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const scopes: readonly InstrumentationScope[] = [
  { name: '@canvasops/register/http', version: '1.2.3' },
  { name: 'päckchen', version: '' },
  { name: 'with-schema', version: '9', schemaUrl: 'https://opentelemetry.io/schemas/1.30.0' },
  { name: '' },
];

const alphabets = [
  'abc xyz/:?&=%',
  'äöüß€',
  '日本語テキスト',
  '😀🎉',
  '\ud800\udfff\ud83d',
  '"\\\u0000\u001f\n\t',
  '\u2028\u007f\u0080\u07ff\u0800\uffff',
];
const integers = [
  0,
  -0,
  1,
  -1,
  127,
  128,
  200,
  16383,
  16384,
  2 ** 28 - 1,
  2 ** 28,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 35,
  2 ** 49,
  2 ** 53 - 1,
  -(2 ** 31),
  -(2 ** 32) - 1,
  -(2 ** 53) + 1,
];
const others = [
  0.5,
  -1.25,
  1e300,
  5e-324,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  2 ** 53,
  2 ** 63,
  1e21,
];

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T;
}

export function randomText(random: Random): string {
  const length = Math.floor(random() ** 4 * 700);
  const alphabet = pick(random, alphabets);
  let text = '';
  while (text.length < length) text += alphabet[Math.floor(random() * alphabet.length)] ?? '';
  return text;
}

export function hex(random: Random, digits: number): string {
  let text = '';
  while (text.length < digits) text += Math.floor(random() * 16).toString(16);
  return /^0+$/.test(text) ? `1${text.slice(1)}` : text;
}

function randomValue(random: Random): unknown {
  const makers = [
    () => randomText(random),
    () => pick(random, integers),
    () => pick(random, others),
    () => random() < 0.5,
  ];
  const scalar = makers[Math.floor(random() * makers.length)] as () => unknown;
  const kind = random();
  if (kind < 0.75) return scalar();
  if (kind < 0.8)
    return Uint8Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256));
  return Array.from({ length: Math.floor(random() * 40) }, () => (random() < 0.1 ? null : scalar()));
}

function randomAttributes(random: Random): FlatAttributes {
  const list: FlatAttributes = [];
  for (let i = Math.floor(random() * 12); i > 0; i--)
    list.push(`${randomText(random)}#${i}`, randomValue(random));
  return list;
}

function randomContext(random: Random): SpanContext {
  const context: SpanContext = {
    traceId: hex(random, 32),
    spanId: hex(random, 16),
    traceFlags: Math.floor(random() * 4),
  };
  if (random() < 0.5) context.isRemote = random() < 0.5;
  if (random() < 0.5) {
    const text = `vendor=${Math.floor(random() * 1e6)}`;
    context.traceState = {
      serialize: () => text,
      get: () => undefined,
      set: () => pick(random, []),
      unset: () => pick(random, []),
    };
  }
  return context;
}

const count = (random: Random): number => (random() < 0.7 ? 0 : Math.floor(random() * 100_000));

export function randomSpan(random: Random): EndedSpan {
  const startMs = 1.6e12 + random() * 4e11;
  const list = <T>(max: number, make: () => T): T[] =>
    Array.from({ length: Math.floor(random() ** 2 * max) }, make);
  return {
    name: randomText(random),
    kind: Math.floor(random() * 5),
    traceId: hex(random, 32),
    spanId: hex(random, 16),
    parentSpanId: random() < 0.3 ? '' : hex(random, 16),
    parentIsRemote: random() < 0.5,
    traceFlags: Math.floor(random() * 4),
    traceStateText: random() < 0.7 ? '' : `rojo=${hex(random, 16)},congo=t61`,
    startMs,
    endMs: startMs + random() * 100_000,
    status: random() < 0.5 ? { code: 0 } : { code: Math.floor(random() * 3), message: randomText(random) },
    attrs: randomAttributes(random),
    eventList: list(5, () => ({
      name: randomText(random),
      timeMs: startMs + random() * 1000,
      attributes: randomAttributes(random),
      droppedAttributesCount: count(random),
    })),
    linkList: list(5, () => ({
      context: randomContext(random),
      attributes: randomAttributes(random),
      droppedAttributesCount: count(random),
    })),
    droppedAttributesCount: count(random),
    droppedEventsCount: count(random),
    droppedLinksCount: count(random),
    scope: pick(random, scopes),
  };
}

/** A small span of known shape; `over` replaces fields. */
export function plainSpan(index: number, over: Partial<EndedSpan> = {}): EndedSpan {
  return {
    name: `span ${index}`,
    kind: 0,
    traceId: (index + 1).toString(16).padStart(32, '0'),
    spanId: (index + 1).toString(16).padStart(16, '0'),
    parentSpanId: '',
    parentIsRemote: false,
    traceFlags: 1,
    traceStateText: '',
    startMs: 1_700_000_000_000 + index,
    endMs: 1_700_000_000_001.5 + index,
    status: { code: 0 },
    attrs: ['index', index],
    eventList: [],
    linkList: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    scope: scopes[0] as InstrumentationScope,
    ...over,
  };
}
