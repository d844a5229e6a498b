/** Where hosted instrumentations of frameworks leave the route, as `@opentelemetry/core` reads and writes it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContextKey, trace } from '@opentelemetry/api';
import { HttpServerOperation } from '../../src/instrumentations/operations/http-server';
import { sanitizeName } from '../../src/redaction/sanitized';
import { ROOT_CONTEXT } from '../../src/tracing/context';
import { RecordingSpan } from '../../src/tracing/span';
import { testProvider } from './provider';

const KEY = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');
const KIND_SERVER = 1;

interface Metadata {
  type: string;
  span: unknown;
  route?: unknown;
}

function started(kind = KIND_SERVER) {
  const { provider } = testProvider();
  const span = provider.getTracer('test').startSpan('GET', { kind });
  assert.ok(span instanceof RecordingSpan);
  const context = ROOT_CONTEXT.withSpan(span);
  return { provider, span, context, operation: new HttpServerOperation(span, sanitizeName('GET'), context) };
}

const metadataOf = (context: { getValue(key: symbol): unknown }) => context.getValue(KEY) as Metadata;

test('a route left by a span below the request names the request', () => {
  const { provider, span, context, operation } = started();
  const inner = provider.getTracer('koa').startSpan('router', {}, context);
  const metadata = metadataOf(trace.setSpan(context, inner));
  assert.deepEqual([metadata.type, metadata.span], ['http', span]);
  assert.equal(metadataOf(context), metadata, 'one object per request');
  metadata.route = '/users/:id';
  operation.end(200, false);
  assert.deepEqual([span.name, span.attributes['http.route']], ['GET /users/:id', '/users/:id']);
});

test('the route that ours found goes before it', () => {
  const { span, context, operation } = started();
  metadataOf(context).route = '/theirs';
  operation.setRoute('/ours');
  operation.end(200, false);
  assert.equal(span.name, 'GET /ours');
});

for (const route of [undefined, '', 7, {}]) {
  test(`route = ${JSON.stringify(route)} names nothing`, () => {
    const { span, context, operation } = started();
    metadataOf(context).route = route;
    operation.end(200, false);
    assert.deepEqual([span.name, span.attributes['http.route']], ['GET', undefined]);
  });
}

test('there is none outside of a request', () => {
  assert.equal(metadataOf(ROOT_CONTEXT), undefined);
  assert.equal(metadataOf(started(0).context), undefined);
});

test('what somebody set or took away himself stays so', () => {
  const { context } = started();
  const own = { type: 'http', span: undefined };
  assert.equal(metadataOf(context.setValue(KEY, own)), own);
  assert.equal(metadataOf(context.deleteValue(KEY)), undefined);
});
