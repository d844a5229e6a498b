import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assembleJsonRequest, resourceJson, ScopeSpansJsonBuilder } from '../../src/otlp/json';
import { assembleRequest, encodeResource } from '../../src/otlp/resource';
import { ScopeSpansBuilder } from '../../src/otlp/scope-spans';
import type { EndedSpan, Resource } from '../../src/tracing/types';
import { expectedSpan } from './expected-span';
import { decodeJson, decodeProtobuf, reencodeProtobuf } from './official';
import { pick, plainSpan, randomSpan, scopes, seeded } from './random-span';

const resource: Resource = {
  attributes: {
    'service.name': 'bäckerei',
    'process.pid': 4711,
    'process.command_args': ['node', 'app.js'],
    nothing: undefined,
  },
  schemaUrl: 'https://opentelemetry.io/schemas/1.30.0',
};
const resourceSeen = {
  'service.name': 'bäckerei',
  'process.pid': 4711,
  'process.command_args': ['node', 'app.js'],
};

function protobufRequest(spans: readonly EndedSpan[], openInference = false): Buffer {
  const builder = new ScopeSpansBuilder(openInference);
  for (const span of spans) builder.add(span);
  return assembleRequest(encodeResource(resource), builder.finish(), 0);
}

function jsonRequest(spans: readonly EndedSpan[], openInference = false): Buffer {
  const builder = new ScopeSpansJsonBuilder(openInference);
  for (const span of spans) builder.add(span);
  return assembleJsonRequest(resourceJson(resource), builder.finish());
}

const forms = [
  { name: 'protobuf', encode: protobufRequest, decode: decodeProtobuf },
  { name: 'json', encode: jsonRequest, decode: decodeJson },
] as const;

for (const { name, encode, decode } of forms) {
  describe(`spans as ${name}`, () => {
    it('are decoded by the official types to what they were', () => {
      for (let seed = 1; seed <= 150; seed++) {
        const random = seeded(seed);
        const spans = Array.from({ length: 1 + Math.floor(random() * 12) }, () => randomSpan(random));
        const received = new Map(decode(encode(spans)).map((span) => [span.spanId, span]));
        assert.equal(received.size, spans.length, `seed ${seed}`);
        for (const span of spans) {
          assert.deepEqual(received.get(span.spanId), expectedSpan(span, resourceSeen), `seed ${seed}`);
        }
      }
    });

    it('are grouped by scope, in order of their end', () => {
      const random = seeded(7);
      const spans = Array.from({ length: 100 }, (_, i) =>
        plainSpan(i, { scope: { ...pick(random, scopes) } }),
      );
      const received = decode(encode(spans));
      const groups = received.map((span) => span.scope.name).filter((scope, i, all) => scope !== all[i - 1]);
      assert.equal(groups.length, scopes.length);
      for (const scope of scopes) {
        const expected = spans.filter((span) => span.scope.name === scope.name).map((span) => span.name);
        assert.deepEqual(
          received.filter((span) => span.scope.name === scope.name).map((span) => span.name),
          expected,
        );
      }
    });

    it('carry the extra attributes of OpenInference where asked for', () => {
      const attrs = ['http.route', '/x', 'count', 3, 'ok', true, 'list', ['a', null], 'nan', Number.NaN];
      attrs.push(
        'session.id',
        's',
        'user.id',
        'u',
        'tag.tags',
        ['t'],
        'input.value',
        'in',
        'llm.model_name',
        'm',
      );
      const long = 'x'.repeat(50_000);
      const [plain, own, empty, big] = decode(
        encode(
          [
            plainSpan(0, { attrs }),
            plainSpan(1, { attrs: ['openinference.span.kind', 'LLM', 'metadata', '{"mine":1}', 'a', 1] }),
            plainSpan(2, { attrs: [] }),
            plainSpan(3, { attrs: Array.from({ length: 100 }, (_, i) => [`k${i}`, long]).flat() }),
          ],
          true,
        ),
      );
      assert.equal(plain?.attributes['openinference.span.kind'], 'CHAIN');
      assert.deepEqual(JSON.parse(String(plain?.attributes.metadata)), {
        'http.route': '/x',
        count: 3,
        ok: true,
        list: ['a', null],
        nan: 'NaN',
      });
      assert.deepEqual(own?.attributes, { 'openinference.span.kind': 'LLM', metadata: '{"mine":1}', a: 1 });
      assert.deepEqual(empty?.attributes, { 'openinference.span.kind': 'CHAIN' });
      const bounded = String(big?.attributes.metadata);
      assert.ok(bounded.length < 20_000);
      assert.equal(JSON.parse(bounded).k0.length, 1025);
    });

    it('leave the builder empty and usable after they are taken', () => {
      const spans = [plainSpan(1), plainSpan(2, { scope: scopes[1] as EndedSpan['scope'] })];
      const builder = name === 'json' ? new ScopeSpansJsonBuilder(false) : new ScopeSpansBuilder(false);
      for (const span of spans) builder.add(span);
      const first = builder.finish().map((piece) => Buffer.from(piece));
      assert.equal(builder.bytes, 0);
      assert.deepEqual(builder.finish(), []);
      for (const span of spans) builder.add(span);
      assert.ok(builder.bytes > 0);
      assert.deepEqual(
        builder.finish().map((piece) => Buffer.from(piece)),
        first,
      );
    });
  });
}

describe('protobuf', () => {
  it('has no longer lengths and integers than the official encoder makes', () => {
    for (let seed = 1000; seed < 1050; seed++) {
      const random = seeded(seed);
      const request = protobufRequest(Array.from({ length: 5 }, () => randomSpan(random)));
      assert.equal(reencodeProtobuf(request).length, request.length, `seed ${seed}`);
    }
  });

  it('forgets a span whose encoding throws, and only that one', () => {
    const bad = plainSpan(2);
    Object.defineProperty(bad, 'status', {
      get: () => {
        throw new Error('hostile');
      },
    });
    const builder = new ScopeSpansBuilder(false);
    builder.add(plainSpan(1));
    assert.throws(() => builder.add(bad), /hostile/);
    builder.add(plainSpan(3));
    const received = decodeProtobuf(assembleRequest(encodeResource(resource), builder.finish(), 0));
    assert.deepEqual(
      received.map((span) => span.name),
      ['span 1', 'span 3'],
    );
  });

  it('stays right when keys and scopes never repeat', () => {
    const builder = new ScopeSpansBuilder(false);
    const spans = Array.from({ length: 3000 }, (_, i) =>
      plainSpan(i, { attrs: [`key ${i}`, i], scope: { name: `s${i}` } }),
    );
    for (let at = 0; at < spans.length; at += 500) {
      const part = spans.slice(at, at + 500);
      for (const span of part) builder.add(span);
      const received = decodeProtobuf(assembleRequest(encodeResource(resource), builder.finish(), 0));
      assert.deepEqual(
        received,
        part.map((span) => expectedSpan(span, resourceSeen)),
      );
    }
  });

  it('writes times to the nanosecond', () => {
    for (const startMs of [
      1, 0.5, 1_700_000_000_123.456, 1_762_000_000_999.999_8, 4_102_444_800_000, 18_446_744_073_708,
    ]) {
      const [span] = decodeProtobuf(
        protobufRequest([plainSpan(0, { startMs, endMs: 18_446_744_073_708.9 })]),
      );
      assert.equal(span?.startNs, expectedSpan(plainSpan(0, { startMs }), {}).startNs);
    }
  });
});
