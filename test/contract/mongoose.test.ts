/** What the spans of models say beside their names, and what stays without them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithout } from '../helpers/needs';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';
import { findLibraries, newestOf, type Subject, withApp } from './libraries';

const library = findLibraries().find(({ name }) => name === 'mongoose');
const skip = library === undefined ? 'another library is tested' : skipWithout('mongodb');

/** The spans of each route, in their order. */
async function spansOf(
  routes: readonly string[],
  env: Record<string, string> = {},
): Promise<ReceivedSpan[][]> {
  assert.ok(library !== undefined);
  const subject: Subject = { library, version: newestOf(library), form: 'cjs' };
  const found: ReceivedSpan[][] = [];
  await withApp(
    subject,
    async ({ app, receiver }) => {
      const traces: string[] = [];
      for (const route of routes) {
        const { traceId, headers } = callerTrace();
        traces.push(traceId);
        await app.get(route, headers);
      }
      await app.stop();
      found.push(
        ...traces.map((traceId) =>
          inTrace(receiver.spans(), traceId).sort((a, b) => (a.startNs < b.startNs ? -1 : 1)),
        ),
      );
    },
    env,
  );
  return found;
}

const isModel = ({ attributes }: ReceivedSpan): boolean => 'canvasops.model.name' in attributes;

/** What was called, and the count. */
const told: Record<string, readonly string[]> = {
  '/find': ['read find 2'],
  '/find-one': ['read findOne 1', 'read findOne 0'],
  '/count': ['read countDocuments 3', 'read estimatedDocumentCount 3', 'read distinct 2'],
  '/aggregate': ['read aggregate 1', 'read aggregate 1'],
  '/create': ['create create 2'],
  '/save': ['save save 1', 'save save 1', 'save save 1', 'update updateOne 1', 'delete deleteOne 1'],
  '/insert-many': ['bulk_create insertMany 2', 'delete deleteMany 2'],
  '/bulk-write': ['bulk_update bulkWrite 3'],
  '/bulk-save': ['save bulkSave 2'],
  '/update': ['update updateOne 1', 'bulk_update updateMany 1', 'update replaceOne 1'],
  '/find-and': [
    'update findOneAndUpdate 1',
    'update findOneAndReplace 1',
    'delete findOneAndDelete 1',
    'delete findOneAndDelete 0',
  ],
  '/populate': ['read find 1', 'read findOne 1', 'read populate 1'],
  '/cursor': ['read next -'],
  '/each-async': ['read eachAsync -', 'read findOne 1', 'read findOne 1', 'read findOne 1'],
};

test('a model says what was called, and of how many documents', { skip }, async () => {
  const routes = Object.keys(told);
  const seen = (await spansOf(routes)).map((spans) =>
    spans
      .filter(isModel)
      .map(({ attributes }) =>
        [
          attributes['canvasops.model.operation'],
          attributes['code.function.name'],
          attributes['canvasops.model.count'] ?? '-',
        ].join(' '),
      ),
  );
  assert.deepEqual(Object.fromEntries(routes.map((route, index) => [route, seen[index]])), told);
});

test('errors of mongoose name fields, and no values', { skip }, async () => {
  const failed = await spansOf(['/invalid', '/cast', '/or-fail', '/executed-twice']);
  assert.deepEqual(
    failed.map((spans) =>
      spans
        .filter((span) => isModel(span) && span.status.code === 'error')
        .map(({ status }) => status.message),
    ),
    [
      ['The document is not valid: age', 'The document is not valid: nick'],
      ['A value cannot be cast: age'],
      ['No document was found'],
      ['Query was already executed'],
    ],
  );
});

test('without models, the commands are below their requests, those that waited for the connection, too', {
  skip,
}, async () => {
  const routes = ['/find', '/save', '/buffered-find', '/buffered-aggregate'];
  const all = await spansOf(routes, { CANVASOPS_INSTRUMENTATIONS_DISABLED: 'models' });
  assert.deepEqual(
    all.map((spans) => {
      const request = spans.find(({ kind }) => kind === 'server');
      const commands = spans.filter(({ parentSpanId }) => parentSpanId === request?.spanId);
      return commands.map(({ attributes }) => attributes['db.operation.name']);
    }),
    [
      ['find'],
      ['insert', 'update', 'find', 'update', 'delete'],
      ['find', 'find'],
      ['aggregate', 'aggregate'],
    ],
  );
});
