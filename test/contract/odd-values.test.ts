/**
 * Texts with half a surrogate pair, cuts within a pair, and numbers beyond 64 bits, through every wire. A reader that goes
 * on to UTF-8 or to 64-bit integers must hold all of it: Phoenix answers 200 and loses the span otherwise.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { startGrpcReceiver } from '../helpers/grpc-receiver';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { runToExit } from '../helpers/run-app';
import type { Attributes, ReceivedSpan, Value } from '../helpers/span';
import { spanNamed } from '../helpers/tree';

interface OddValue {
  readonly title: string;
  /** The key as it must be on the wire. */
  readonly shown: string;
  readonly plain: Value;
  readonly member: Value;
}

const entry = 'fixtures/programs/odd-values.cjs';
const { values, places } = createRequire(__filename)(fromRoot(entry)) as {
  values: OddValue[];
  places: Record<string, unknown>;
};
const count = values.length + Object.keys(places).length;
const FACE = '😀';

async function spansOver(env: Record<string, string>, wait: (spans: number) => Promise<ReceivedSpan[]>) {
  const { code, stdout, stderr } = await runToExit({ entry, env });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
  return wait(count);
}

function assertPlaces(spans: readonly ReceivedSpan[]): void {
  const named = (name: string): ReceivedSpan => spanNamed(spans, name);
  assert.equal(named('event').scope.name, 'odd \ufffd');
  assert.equal(named('event').scope.version, '1 \ufffd');
  named('name \ufffd');
  named(`a${FACE.repeat(511)}`); // at most 1,024
  const [event] = named('event').events;
  assert.equal(event?.name, '\ufffd');
  assert.deepEqual(event?.attributes, { '\ufffd': '\ufffd', list: ['\ufffd'], big: 1e20 });
  const { links } = named('link');
  assert.deepEqual(links[0]?.attributes, { '\ufffd': '\ufffd', big: 1e20 });
  assert.deepEqual(
    links.map(({ traceState }) => traceState),
    ['', 'a=1', ''],
    'a tracestate that may not be sent is none',
  );
  assert.deepEqual(named('status').status, { code: 'error', message: 'why \ufffd' });
  const message = named('exception').events[0]?.attributes['exception.message'] as string;
  assert.equal(message, `a${FACE.repeat(8191)}`); // at most 16,384
  assert.equal(named('two halves as keys').attributes['\ufffd'], 2, 'keys are unique on the wire, too');
  assert.doesNotMatch(String(named('statement').attributes['db.query.text']), /\ufffd/);
  assert.doesNotMatch(String(named('url').attributes['url.full']), /\ufffd/);
}

function assertPlain(spans: readonly ReceivedSpan[]): void {
  assert.equal(spans.length, count);
  for (const [index, { title, shown, plain }] of values.entries())
    assert.deepEqual(spanNamed(spans, `case ${index}`).attributes[shown], plain, title);
  assertPlaces(spans);
}

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  test(`OTLP over ${protocol} carries what a reader can hold`, async () => {
    const receiver = await startOtlpReceiver();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
    assertPlain(await spansOver(env, (spans) => receiver.waitForSpans(spans)));
    await receiver.close();
  });
}

test('OTLP over gRPC carries what a reader can hold', async () => {
  const receiver = await startGrpcReceiver();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  assertPlain(await spansOver(env, (spans) => receiver.waitForSpans(spans)));
  await receiver.close();
});

describe('the metadata that Arize and Phoenix filter by', () => {
  let spans: ReceivedSpan[];
  before(async () => {
    const receiver = await startOtlpReceiver();
    const env = { PHOENIX_COLLECTOR_ENDPOINT: receiver.url };
    spans = await spansOver(env, (expected) => receiver.waitForSpans(expected));
    await receiver.close();
  });

  for (const [index, { title, shown, plain, member }] of values.entries()) {
    test(title, () => {
      const { attributes } = spanNamed(spans, `case ${index}`);
      assert.deepEqual(attributes[shown], plain);
      const { metadata } = attributes;
      assert.ok(typeof metadata === 'string');
      const members = JSON.parse(metadata) as Attributes;
      assert.deepEqual(members[shown], member);
      // What JavaScript's own reader takes, and others do not.
      const outside = metadata.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
      assert.doesNotMatch(outside, /(?<![.\d])\d{17,}(?![.\deE])/, 'no integer beyond 64 bits');
      assert.doesNotMatch(metadata, /(?<!\\)(?:\\\\)*\\ud[89a-f]/i, 'no half of a pair as an escape');
    });
  }
  test('what stands elsewhere on a span', () => assertPlaces(spans));
});

describe('a limit of five characters', () => {
  const limits = { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '5' };
  let spans: ReceivedSpan[];
  before(async () => {
    const receiver = await startOtlpReceiver();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...limits };
    spans = await spansOver(env, (expected) => receiver.waitForSpans(expected));
    await receiver.close();
  });

  const valueIn = (title: string): Value | undefined => {
    const index = values.findIndex((value) => value.title === title);
    return spanNamed(spans, `case ${index}`).attributes.x;
  };
  test('cuts a text and the texts of a list between pairs', () => {
    assert.equal(valueIn('a pair across the cut of metadata'), `a${FACE}${FACE}`);
    assert.equal(valueIn('pairs up to the cut of metadata'), `${FACE}${FACE}`);
    assert.deepEqual(valueIn('a long text in a list'), [`a${FACE}${FACE}`]);
    assert.equal(valueIn('ASCII'), 'plain');
  });
  test('cuts the message of an exception between pairs', () => {
    const { attributes } = spanNamed(spans, 'exception').events[0] ?? assert.fail();
    assert.equal(attributes['exception.message'], `a${FACE}${FACE}`);
  });
});

test('the terminal shows no half of a pair', async () => {
  const { code, stderr } = await runToExit({ entry, env: { OTEL_TRACES_EXPORTER: 'console' } });
  assert.equal(code, 0);
  const long = stderr.split('\n').filter((line) => line.includes(FACE));
  assert.ok(long.length >= 3, stderr);
  for (const line of long) assert.doesNotMatch(line, /\ufffd/);
});

after(() => assert.ok(values.length >= 50));
