/**
 * `tracestate` as the W3C's own test suite asks at its strict level 2: an app is called, calls on, and what it sends is
 * looked at. https://github.com/w3c/trace-context/tree/main/test
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { type RunningApp, runApp } from '../helpers/run-app';
import { callerTrace } from '../helpers/traceparent';
import { startUpstream, type Upstream } from '../helpers/upstream';

let upstream: Upstream;
let receiver: OtlpReceiver;
let app: RunningApp;

before(async () => {
  [upstream, receiver] = await Promise.all([startUpstream(), startOtlpReceiver()]);
  app = await runApp({
    entry: 'fixtures/http/app.cjs',
    otlp: receiver.url,
    env: { UPSTREAM_URL: upstream.url },
  });
});
after(async () => {
  await app.stop();
  assert.equal(app.stderr(), '');
  await Promise.all([upstream.close(), receiver.close()]);
});

const many = (count: number): string => Array.from({ length: count }, (_, i) => `bar${i}=${i}`).join(',');

const cases: [title: string, tracestate: string | string[], sent: string | undefined][] = [
  ['the same member twice in one header', 'foo=1,foo=1', 'foo=1'],
  ['two members with one key in one header', 'foo=1,foo=2', 'foo=1'],
  ['the same member in two headers', ['foo=1', 'foo=1'], 'foo=1'],
  ['two members with one key in two headers', ['foo=1', 'foo=2'], 'foo=1'],
  ['others beside a key that is there twice', ['foo=1,bar=2', 'foo=3,baz=4'], 'foo=1,bar=2,baz=4'],
  ['different keys in two headers', ['foo=1', 'bar=2'], 'foo=1,bar=2'],
  ['an empty header beside another', ['foo=1', ''], 'foo=1'],
  ['blanks and tabs around members', 'foo=1 \t , \t bar=2, \t baz=3', 'foo=1,bar=2,baz=3'],
  ['32 members', many(32), many(32)],
  ['33 members', many(33), undefined],
  ['a blank in a key', 'foo =1', undefined],
  ['an upper-case key', 'FOO=1', undefined],
  ['a dot in a key', 'foo.bar=1', undefined],
  ['an equals sign in a value', 'foo=bar=baz', undefined],
  ['an empty value', 'foo=,bar=3', undefined],
];
for (const [title, tracestate, sent] of cases) {
  test(`${title}: ${sent === undefined ? 'the list is discarded' : 'the list is sent on'}, the trace goes on`, async () => {
    upstream.clear();
    const { traceId, headers } = callerTrace();
    const answer = await app.request({ path: '/client/get-url', headers: { ...headers, tracestate } });
    assert.equal(answer.status, 200);
    const { headers: forwarded } = upstream.requestTo('/get-url');
    assert.equal(String(forwarded.traceparent).slice(3, 35), traceId);
    assert.equal(forwarded.tracestate, sent);
    const isOurs = (span: { traceId: string }): boolean => span.traceId === traceId;
    const spans = (await receiver.waitForSpans((all) => all.filter(isOurs).length >= 2)).filter(isOurs);
    assert.deepEqual(
      spans.map(({ traceState }) => traceState),
      spans.map(() => sent ?? ''),
    );
  });
}
