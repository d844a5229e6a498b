/** What the tests of the web frameworks share: an app that is asked, and the span of each request. */
import assert from 'node:assert/strict';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver';
import { type RunningApp, runApp, runToExit } from '../helpers/run-app';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';

export interface Asked {
  readonly status: number;
  readonly span: ReceivedSpan;
}

/** `GET /path` or `POST /path {"json":1}`, with further headers. */
export type Ask = (request: string, headers?: Record<string, string>) => Promise<Asked>;

export async function withApp(
  entry: string,
  env: Record<string, string>,
  use: (ask: Ask, receiver: OtlpReceiver, app: RunningApp) => Promise<void>,
): Promise<void> {
  const receiver = await startOtlpReceiver();
  const app = await runApp({ entry, otlp: receiver.url, env });
  try {
    await use((request, headers) => ask(app, receiver, request, headers), receiver, app);
    assert.equal(app.stderr().includes('[canvasops]'), false, app.stderr());
  } finally {
    await app.stop();
    await receiver.close();
  }
}

async function ask(
  app: RunningApp,
  receiver: OtlpReceiver,
  request: string,
  headers: Record<string, string> = {},
): Promise<Asked> {
  const [method = '', path = '', body] = request.split(' ');
  const trace = callerTrace();
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const { status } = await app.request({
    method,
    path,
    headers: { ...headers, ...type, ...trace.headers },
    body,
  });
  const spans = await receiver.waitForSpans((all) => inTrace(all, trace.traceId).length > 0);
  const [span, ...others] = inTrace(spans, trace.traceId);
  assert.deepEqual(others, [], 'middleware and hooks have no spans');
  assert.ok(span);
  assert.equal(span.kind, 'server');
  assert.equal(span.parentSpanId, trace.spanId);
  return { status, span };
}

/** @param expected request -> the route as it is written in the app, '' where none was reached */
export async function assertRoutes(ask: Ask, expected: Record<string, string>): Promise<void> {
  const asked = Object.entries(expected).map(async ([request, route]) => {
    const { span } = await ask(request);
    const [method = ''] = request.split(' ');
    assert.equal(span.attributes['http.route'] ?? '', route, request);
    assert.equal(span.name, route === '' ? method : `${method} ${route}`);
    assert.deepEqual(span.events, [], `${request} is no error`);
    assert.equal(span.status.code, 'unset');
  });
  await Promise.all(asked);
}

export interface Failure {
  readonly status: number;
  readonly route: string;
  /** `Type: message`, in order. */
  readonly exceptions: readonly string[];
}

export const thrown = (status: number, route: string, ...exceptions: string[]): Failure => ({
  status,
  route,
  exceptions,
});

/** What the fixtures throw that is no Error. */
const withoutStack = 'just a text';

export async function assertFailures(ask: Ask, expected: Record<string, Failure>): Promise<void> {
  const asked = Object.entries(expected).map(async ([request, failure]) => {
    const { status, span } = await ask(request);
    assert.equal(status, failure.status, request);
    assert.equal(span.attributes['http.route'] ?? '', failure.route, request);
    const exceptions = span.events.map(({ name, attributes }) => {
      assert.equal(name, 'exception');
      const text = `${String(attributes['exception.type'])}: ${String(attributes['exception.message'])}`;
      const hasStack = typeof attributes['exception.stacktrace'] === 'string';
      assert.equal(hasStack, !text.endsWith(withoutStack), request);
      return text;
    });
    assert.deepEqual(exceptions, failure.exceptions, request);
    const isFault = failure.status >= 500;
    assert.equal(span.status.code, isFault ? 'error' : 'unset', request);
    const type = failure.exceptions.at(-1)?.split(':')[0];
    assert.equal(span.attributes['error.type'], isFault ? type : undefined, request);
  });
  await Promise.all(asked);
}

/** Nothing of a user but the id: the fixtures' users have a name and an e-mail address too. */
export function assertPrivate(receiver: OtlpReceiver): void {
  for (const { body } of receiver.requests) {
    assert.equal(body.includes('example.com') || body.includes('Somebody'), false);
  }
}

/** A program that prints what it sees of its library prints the same with and without tracing. */
export async function assertSameBehaviour(
  entry: string,
  isTraced: (spans: ReceivedSpan[]) => boolean,
  env: Record<string, string> = {},
): Promise<void> {
  const receiver = await startOtlpReceiver();
  const [bare, traced] = await Promise.all([
    runToExit({ entry, env, flag: 'none' }),
    runToExit({ entry, env, otlp: receiver.url }),
  ]);
  assert.equal(bare.code, 0, bare.stderr);
  assert.deepEqual([traced.code, traced.signal, traced.stderr], [0, null, bare.stderr]);
  assert.equal(traced.stdout, bare.stdout);
  assert.ok(isTraced(receiver.spans()), 'it was traced');
  await receiver.close();
}

export const manyRoutes = (spans: ReceivedSpan[]): boolean =>
  spans.filter(({ attributes }) => attributes['http.route'] !== undefined).length > 10;
