import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { createTransport } from '../../../src/export/transports/jaeger-udp';
import type { Transport } from '../../../src/export/types';
import type { EndedSpan, FlatAttributes } from '../../../src/tracing/types';
import type { JaegerSpan, TagValue } from '../../helpers/thrift-official';
import { startThriftUdpReceiver, type ThriftUdpReceiver } from '../../helpers/thrift-udp-receiver';
import { randomSpan, seeded } from '../../otlp/random-span';
import { type AnySpan, batchOf, resource, span, stayAlive } from '../harness';

let receiver: ThriftUdpReceiver;
let transport: Transport;
let mayEnd: () => void;

before(async () => {
  mayEnd = stayAlive();
  receiver = await startThriftUdpReceiver();
  transport = createTransport(
    {
      id: 'jaeger',
      label: 'Jaeger over UDP',
      transport: 'jaeger-udp',
      host: receiver.host,
      port: receiver.port,
    },
    { attributes: { ...resource.attributes, pid: 7 } },
  );
});
afterEach(() => receiver.clear());
after(async () => {
  await transport.close();
  await receiver.close();
  mayEnd();
});

async function roundTrip(spans: readonly AnySpan[]): Promise<JaegerSpan[]> {
  const result = await transport.send(batchOf('spans', spans), 5000);
  assert.equal(result.outcome, 'delivered');
  return receiver.waitForSpans(spans.length);
}

const wellFormed = (text: string): string => Buffer.from(text).toString();

function tagOf(value: unknown): TagValue {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? Number(value) + 0 : value;
  if (value instanceof Uint8Array) return Buffer.from(value);
  assert.ok(Array.isArray(value));
  return listText(value);
}

/** A list as JSON text. Digits that exceed 64 bits need an exponent, and JSON has no word for some numbers. */
function listText(list: readonly unknown[]): string {
  const members = list.map((item) => {
    if (typeof item === 'string') return JSON.stringify(wellFormed(item));
    if (typeof item !== 'number') return JSON.stringify(item);
    if (!Number.isFinite(item)) return `"${item}"`;
    return Number.isInteger(item) && !Number.isSafeInteger(item)
      ? item.toExponential()
      : JSON.stringify(item);
  });
  return `[${members.join(',')}]`;
}

function tagsOf(attributes: FlatAttributes): Record<string, TagValue> {
  const tags: Record<string, TagValue> = {};
  for (let i = 0; i < attributes.length; i += 2)
    tags[wellFormed(attributes[i] as string)] = tagOf(attributes[i + 1]);
  return tags;
}

const kinds = ['internal', 'server', 'client', 'producer', 'consumer'];
const micros = (ms: number): number => Math.round(ms * 1000);

/** The mapping, once more and by itself. */
function expected(source: EndedSpan): Omit<JaegerSpan, 'service' | 'processTags'> {
  const { code, message } = source.status;
  const tags = tagsOf(source.attrs);
  tags['span.kind'] = kinds[source.kind] as string;
  if (source.scope.name !== '') tags['otel.scope.name'] = source.scope.name;
  if (source.scope.version) tags['otel.scope.version'] = source.scope.version;
  if (code === 1) tags['otel.status_code'] = 'OK';
  if (code === 2) Object.assign(tags, { 'otel.status_code': 'ERROR', error: true });
  if (message) tags['otel.status_description'] = wellFormed(message);
  if (source.traceStateText !== '') tags['w3c.tracestate'] = source.traceStateText;
  return {
    traceId: source.traceId,
    spanId: source.spanId,
    parentSpanId: source.parentSpanId,
    operationName: wellFormed(source.name),
    flags: source.traceFlags & 1,
    startMicros: BigInt(micros(source.startMs)),
    durationMicros: BigInt(micros(source.endMs) - micros(source.startMs)),
    tags,
    logs: source.eventList.map((event) => ({
      timestampMicros: BigInt(micros(event.timeMs)),
      fields: {
        ...(event.name === '' ? {} : { event: wellFormed(event.name) }),
        ...tagsOf(event.attributes),
      },
    })),
    references: source.linkList.map(({ context }) => ({
      kind: 'follows_from' as const,
      traceId: context.traceId,
      spanId: context.spanId,
    })),
  };
}

describe('Jaeger over UDP', () => {
  it('is decoded by the official Thrift library to what Jaeger makes of the span', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      receiver.clear();
      const random = seeded(seed);
      const spans = Array.from({ length: 1 + Math.floor(random() * 4) }, () => randomSpan(random) as AnySpan);
      const received = new Map((await roundTrip(spans)).map((item) => [item.spanId, item]));
      for (const source of spans) {
        const { service, processTags, ...rest } = received.get(source.spanId) as JaegerSpan;
        assert.deepEqual(
          { service, processTags },
          { service: 'test', processTags: { pid: 7, 'telemetry.distro.version': '1.2.3' } },
        );
        assert.deepEqual(normal(rest), normal(expected(source)), `seed ${seed}`);
      }
    }
  });

  it('splits what exceeds a packet, and counts what cannot be split', async () => {
    const text = 'x'.repeat(1000);
    const spans = Array.from({ length: 500 }, (_, i) => span(i, { attrs: ['text', text] }));
    spans[250] = span(250, { attrs: ['text', 'x'.repeat(66_000)] });
    const result = await transport.send(batchOf('spans', spans), 5000);
    assert.ok(result.outcome === 'delivered');
    assert.equal(result.rejected, 1);
    assert.match(result.message ?? '', /65000 bytes/);
    const received = await receiver.waitForSpans(499);
    assert.equal(new Set(received.map(({ spanId }) => spanId)).size, 499);
    assert.ok(receiver.datagramSizes.every((size) => size <= 65_000));
    assert.ok(receiver.datagramSizes.length < 12, `${receiver.datagramSizes.length} packets`);
  });

  it('reports a host that does not exist, and is usable afterwards', async () => {
    const lost = createTransport(
      { id: 'jaeger', label: 'Jaeger', transport: 'jaeger-udp', host: 'no-such-host.invalid', port: 6831 },
      resource,
    );
    const result = await lost.send(batchOf('spans', [span(1)]), 5000);
    assert.ok(result.outcome === 'retry');
    assert.match(result.fix, /JAEGER_HOST/);
    await lost.close();
    assert.equal((await roundTrip([span(2)])).length, 1);
  });
});

/** Integers arrive as numbers or bigints, depending on their size. */
function normal(value: object): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item) => {
      if (typeof item === 'bigint') return `n${item}`;
      if (typeof item === 'number') return Number.isSafeInteger(item) ? `n${item}` : `d${item}`;
      return item;
    }),
  );
}
