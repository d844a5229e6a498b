import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpServerOperation } from '../../src/instrumentations/operations/http-server';
import { sanitizeName } from '../../src/redaction/sanitized';
import { ROOT_CONTEXT } from '../../src/tracing/context';
import { testProvider } from '../tracing/provider';

function started(): {
  operation: HttpServerOperation;
  span: ReturnType<ReturnType<typeof testProvider>['start']>;
} {
  const span = testProvider().start('GET');
  return { operation: new HttpServerOperation(span, sanitizeName('GET'), ROOT_CONTEXT), span };
}

test('a route that the app or its framework put on the span is in the name too', () => {
  const { operation, span } = started();
  span.setAttribute('http.route', '/cats/[id]');
  operation.end(200, false);
  assert.equal(span.name, 'GET /cats/[id]');
  assert.equal(span.attributes['http.route'], '/cats/[id]');
});

test('the route of an instrumentation goes before it', () => {
  const { operation, span } = started();
  span.setAttribute('http.route', '/theirs');
  operation.setRoute('/cats/:id');
  operation.end(200, false);
  assert.equal(span.name, 'GET /cats/:id');
  assert.equal(span.attributes['http.route'], '/cats/:id');
});

test('a name that the app gave stays', () => {
  const { operation, span } = started();
  span.setAttribute('http.route', '/cats/[id]');
  span.updateName('mine');
  operation.end(200, false);
  assert.equal(span.name, 'mine');
});

for (const told of ['', 7, undefined]) {
  test(`http.route = ${JSON.stringify(told)} names nothing`, () => {
    const { operation, span } = started();
    if (told !== undefined) span.setAttribute('http.route', told);
    operation.end(200, false);
    assert.equal(span.name, 'GET');
  });
}
