/**
 * The official instrumentations as an oracle: the same traffic once under ours and once under theirs, and our spans
 * say at least what theirs say. What differs on purpose stands in parity-exceptions.ts and in docs/parity.md.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import type { HttpRequest } from '../helpers/http-request';
import { serverUrl, skipWithout } from '../helpers/needs';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { type RunAppOptions, runApp } from '../helpers/run-app';
import type { ReceivedSpan, Value } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';
import { startUpstream } from '../helpers/upstream';
import { documented, exceptions, maskedText, officialOnly, type Where } from './parity-exceptions';

const used = new Set<object>();

interface Traffic {
  entry: string;
  /** What the spans of kind client are about. */
  clients: Where;
  requests: HttpRequest[];
}

const get = (path: string, headers: Record<string, string> = {}): HttpRequest => ({ path, headers });

const traffic: Record<string, Traffic> = {
  'http server': {
    entry: 'fixtures/http/app.cjs',
    clients: 'http client',
    requests: [
      get('/?a=1&b=two'),
      get('/?token=secret&b=two'),
      get('/', { 'user-agent': 'somebody/1.0' }),
      get('/', { 'x-forwarded-for': '10.1.2.3, 10.4.5.6' }),
      get('/', { 'x-forwarded-for': '2001:db8::1', 'x-forwarded-proto': 'https' }),
      get('/', { forwarded: 'for=192.0.2.60;proto=https;host=shop.example' }),
      get('/', { 'x-forwarded-host': 'shop.example:8443' }),
      get('/', { host: 'shop.example' }),
      { path: '/echo', method: 'POST', body: 'hello' },
      { path: '/echo', method: 'PROPFIND' },
      { path: '/', method: 'HEAD' },
      get('/nowhere'),
      get('/status?code=304'),
      get('/status?code=500'),
      get('/stream'),
    ],
  },
  'http client': {
    entry: 'fixtures/http/app.cjs',
    clients: 'http client',
    requests: [
      get('/client/get'),
      get('/client/get-url'),
      get('/client/get-options'),
      get('/client/url-and-options'),
      get('/client/userinfo'),
      get('/client/post'),
      get('/client/status?code=404'),
      get('/client/status?code=503'),
      get('/client/keep-alive'),
      get('/client/refused'),
      get('/client/unknown-host'),
      get('/client/reset'),
      get('/client/abort'),
    ],
  },
  'fetch and undici': {
    entry: 'fixtures/undici/app.cjs',
    clients: 'fetch and undici',
    requests: [
      get('/global-fetch'),
      get('/request-post'),
      get('/fetch'),
      get('/request-callback'),
      get('/stream'),
      get('/status?code=404'),
      get('/status?code=503'),
      get('/fetch-redirect'),
      get('/fetch-refused'),
      get('/fetch-abort'),
      get('/reset'),
      get('/cut'),
    ],
  },
  pg: {
    entry: 'fixtures/express-pg/app.cjs',
    clients: 'pg',
    requests: [
      get('/throws/1'),
      get('/callback-error'),
      get('/named'),
      get('/literal'),
      get('/batch'),
      get('/own-client'),
      get('/connect-callback'),
    ],
  },
};

for (const [name, { entry, clients, requests }] of Object.entries(traffic)) {
  test(`says what the official one says: ${name}`, {
    skip: clients === 'pg' && skipWithout('postgres'),
  }, async () => {
    const upstream = await startUpstream();
    const env = {
      UPSTREAM_URL: upstream.url,
      DATABASE_URL: clients === 'pg' ? serverUrl('postgres') : undefined,
    };
    const theirPreload = ['--require', fromRoot('fixtures/official-otlp/all.cjs')];
    const theirs = await spansOf({ entry, env, flag: 'none', nodeArgs: theirPreload }, requests);
    const ours = await spansOf({ entry, env }, requests);
    await upstream.close();
    const fixed = [upstream.port, Number(new URL(env.DATABASE_URL ?? 'http://localhost:1').port)];
    for (const [index, request] of requests.entries()) {
      const where = `${request.method ?? 'GET'} ${request.path} ${JSON.stringify(request.headers ?? {})}`;
      const expected = (theirs[index] ?? []).filter((span) => officialOnly[span.name] === undefined);
      compare(ours[index] ?? [], expected, { where, clients, fixed });
    }
  });
}

test('docs/parity.md has every difference', () => {
  const page = readFileSync(fromRoot('docs/parity.md'), 'utf8');
  for (const exception of exceptions) assert.ok(page.includes(documented(exception)), documented(exception));
  for (const [name, reason] of Object.entries(officialOnly)) {
    assert.ok(page.includes(`| \`${name}\` | ${reason} |`), name);
  }
});

after(() => {
  if (skipWithout('postgres')) return;
  const idle = exceptions.filter((exception) => !used.has(exception)).map(documented);
  assert.deepEqual(idle, [], 'these differences are gone, so the lines about them have to go');
});

/** The spans of each request, which is a trace of its own. */
async function spansOf(options: RunAppOptions, requests: HttpRequest[]): Promise<ReceivedSpan[][]> {
  const receiver = await startOtlpReceiver();
  const env = { ...options.env, OFFICIAL_URL: `${receiver.url}/v1/traces` };
  const app = await runApp({ ...options, env, otlp: options.flag === 'none' ? undefined : receiver.url });
  const traces = requests.map(() => callerTrace());
  for (const [index, request] of requests.entries()) {
    await app.request({ ...request, headers: { ...request.headers, ...traces[index]?.headers } });
  }
  const isDone = (spans: ReceivedSpan[]): boolean =>
    traces.every(({ traceId, spanId }) =>
      spans.some((s) => s.traceId === traceId && s.parentSpanId === spanId),
    );
  await receiver.waitForSpans(isDone);
  await app.stop();
  await receiver.close();
  return traces.map(({ traceId }) => inOrder(inTrace(receiver.spans(), traceId)));
}

/** By what they are about, not by time: theirs tell only milliseconds of it. */
function inOrder(spans: ReceivedSpan[]): ReceivedSpan[] {
  const subject = ({ kind, attributes }: ReceivedSpan): string => {
    const url = String(attributes['url.full'] ?? '').replaceAll(/:\d+|=[^&#]*/g, '');
    return [kind === 'server' ? 0 : 1, url, maskedText(attributes['db.query.text'])].join(' ');
  };
  return spans.sort((a, b) => (subject(a) < subject(b) ? -1 : subject(a) > subject(b) ? 1 : 0));
}

interface Situation {
  where: string;
  clients: Where;
  /** Ports that are the same in both runs; all others are chosen by the system. */
  fixed: number[];
}

function compare(ours: ReceivedSpan[], theirs: ReceivedSpan[], { where, clients, fixed }: Situation): void {
  assert.deepEqual(shape(ours), shape(theirs), where);
  for (const [index, span] of theirs.entries()) {
    const twin = ours[index] as ReceivedSpan;
    const place = span.kind === 'server' ? 'server' : clients;
    const mine = exceptions.filter((exception) => exception.where === place);
    for (const [attribute, raw] of Object.entries(span.attributes)) {
      const value = withoutPorts(raw, fixed);
      const own = withoutPorts(twin.attributes[attribute], fixed);
      if (same(own, value)) continue;
      const exception = mine.find(
        (each) => each.attribute === attribute && each.allows(own, value as Value, twin),
      );
      assert.ok(
        exception,
        `${where}: ${attribute} of "${span.name}" is ${show(own)}, theirs is ${show(value)}`,
      );
      used.add(exception);
    }
    const givenUp =
      span.attributes['error.type'] !== undefined && twin.attributes['error.type'] === undefined;
    if (givenUp) continue;
    assert.equal(twin.status.code, span.status.code, `${where}: status of "${span.name}"`);
    assert.ok(twin.events.length >= span.events.length, `${where}: events of "${span.name}"`);
  }
}

/** Kind and place of each span, and what its name begins with; docs/parity.md says where names differ. */
function shape(spans: ReceivedSpan[]): string[] {
  return spans.map(({ kind, name, parentSpanId, attributes }) => {
    const parent = spans.findIndex(({ spanId }) => spanId === parentSpanId);
    const isUnknown = attributes['http.request.method'] === '_OTHER';
    const short = 'db.system.name' in attributes ? 'query' : isUnknown ? '_OTHER' : name.split(' ')[0];
    return `${kind} ${short} below ${parent}`;
  });
}

function withoutPorts(value: Value | undefined, fixed: number[]): Value | undefined {
  const isFree = (port: number): boolean => port > 1023 && !fixed.includes(port);
  if (typeof value === 'number') return isFree(value) ? 'a free port' : value;
  if (typeof value !== 'string') return value;
  return value.replace(/(?<=127\.0\.0\.1:)\d+/g, (port) => (isFree(Number(port)) ? 'free' : port));
}

const show = (value: Value | undefined): string =>
  value === undefined ? 'not there' : JSON.stringify(value);
const same = (a: Value | undefined, b: Value | undefined): boolean => show(a) === show(b);
