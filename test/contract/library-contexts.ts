/** Libraries that run callbacks from a queue of their own: each callback is in the request that it belongs to. */
import assert from 'node:assert/strict';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { type Subject, withApp } from './libraries';
import { recordResult } from './library-results';

const ASKED = '/asked/';

/** What the program did in the name of somebody, as the span says it: `mark <name>: <what>`. */
function doneIn({ kind, name, attributes }: ReceivedSpan): string[] {
  if (kind === 'internal') return [`mark ${name}`];
  const url = String(attributes['url.full'] ?? '');
  const at = url.indexOf(ASKED);
  return kind === 'client' && at >= 0 ? [`ask ${decodeURIComponent(url.slice(at + ASKED.length))}`] : [];
}

/** So many requests at once on each way in turn. Each one's trace holds exactly what was done in its name. */
export async function assertContexts(subject: Subject, bursts: readonly number[]): Promise<void> {
  await withApp(subject, async ({ app, receiver }) => {
    const traces = new Map<string, string>();
    const made = new Map<string, string[]>();
    const ways = (await app.get('/ways')).json<string[]>();
    const runs = bursts.flatMap((requests) => ways.map((way) => ({ requests, way })));
    for (const { requests, way } of runs) {
      const burst = Array.from({ length: requests }, async (_, index) => {
        const { traceId, headers } = callerTrace();
        const of = `${way} ${requests} ${index}`;
        traces.set(of, traceId);
        const path = `/run/${encodeURIComponent(way)}?of=${encodeURIComponent(of)}&n=${1 + (index % 5)}`;
        const answer = await app.get(path, headers);
        assert.equal(answer.status, 200, `${path}: ${answer.text}`);
      });
      await Promise.all(burst);
    }
    const askMade = async (of: string): Promise<void> => {
      const texts = (await app.get(`/made?of=${encodeURIComponent(of)}`)).json<string[]>();
      made.set(of, texts.map((text) => text.replace(' ', ` ${of}: `)).sort());
    };
    for (const of of [...traces.keys(), 'everybody', 'nobody']) await askMade(of);
    await app.stop();

    const found = new Map<string, string[]>();
    const outside: string[] = [];
    for (const span of receiver.spans()) {
      const texts = doneIn(span);
      // What a way begins for everybody is in the request that came first, whichever that is.
      if (texts.some((text) => text.includes(' everybody: '))) continue;
      const list = found.get(span.traceId) ?? [];
      found.set(span.traceId, list);
      list.push(...texts);
      if (texts.some((text) => text.includes(' nobody: ')) && span.parentSpanId !== '')
        outside.push(...texts);
    }
    const wrong: string[] = [];
    for (const [of, traceId] of traces) {
      const actual = (found.get(traceId) ?? []).sort();
      if (String(actual) !== String(made.get(of)))
        wrong.push(`${of}: ${actual.join(' | ')}\n   instead of ${made.get(of)?.join(' | ')}`);
    }
    recordResult(subject, traces.size - wrong.length, traces.size);
    assert.deepEqual(wrong, [], `${wrong.length} of ${traces.size} requests`);
    assert.deepEqual(outside, [], 'what belongs to no request is in none');
  });
}
