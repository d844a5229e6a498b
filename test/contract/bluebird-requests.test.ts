/** Statements that are run through bluebird are under the request that runs them, whoever else is being served. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { runApp } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { startStatementProxy } from '../helpers/statement-proxy';
import { callerTrace } from '../helpers/traceparent';

const skip = skipWithout('postgres');
const ways = [
  'chain',
  'query',
  'map',
  'map-query',
  'map-series',
  'coroutine',
  'await',
  'callback',
  'transaction',
];

const textOf = (span: ReceivedSpan): string => String(span.attributes['db.query.text']);
/** `r7_s1` of `select text as r7_s1 from notes`. */
const labelIn = (text: string): string | undefined => /\br\d+_s\d+\b/.exec(text)?.[0];

interface Burst {
  form: 'cjs' | 'mjs';
  pool: number;
  requests: number;
}

/** All requests at once, on each way in turn; each with another number of statements. */
async function assertOwnStatements({ form, pool, requests }: Burst): Promise<void> {
  const receiver = await startOtlpReceiver();
  const proxy = await startStatementProxy('postgres', serverUrl('postgres'));
  const env = { DATABASE_URL: proxy.url, CLIENT: 'pg', POOL: String(pool) };
  const app = await runApp({ entry: `fixtures/bluebird/bookshelf.${form}`, otlp: receiver.url, env });
  try {
    const expected = new Map<string, string[]>();
    for (const [at, way] of ways.entries()) {
      const burst = Array.from({ length: requests }, async (_, index) => {
        const trace = callerTrace();
        const request = at * requests + index;
        const count = 1 + (index % 5);
        expected.set(
          trace.traceId,
          Array.from({ length: count }, (_, step) => `r${request}_s${step}`),
        );
        const answer = await app.get(`/${way}?r=${request}&n=${count}`, trace.headers);
        assert.equal(answer.status, 200);
      });
      await Promise.all(burst);
    }
    await app.stop();
    const onTheWire = proxy.statements().flatMap(({ text }) => labelIn(text) ?? []);
    assert.deepEqual(onTheWire.sort(), [...expected.values()].flat().sort());
    const actual = new Map([...expected.keys()].map((traceId) => [traceId, [] as string[]]));
    for (const span of receiver.spans()) {
      const label = labelIn(textOf(span));
      if (label !== undefined) actual.get(span.traceId)?.push(label);
    }
    for (const labels of actual.values()) labels.sort();
    for (const labels of expected.values()) labels.sort();
    assert.deepEqual(Object.fromEntries(actual), Object.fromEntries(expected));
    assert.doesNotMatch(app.stderr(), /canvasops/);
  } finally {
    await app.stop();
    await Promise.all([receiver.close(), proxy.close()]);
  }
}

for (const form of ['cjs', 'mjs'] as const) {
  for (const pool of [1, 10]) {
    for (const requests of [5, 50]) {
      test(`${requests} requests at once have exactly their own statements, pool of ${pool}, ${form}`, {
        skip,
      }, async () => {
        await assertOwnStatements({ form, pool, requests });
      });
    }
  }
}
