/**
 * What is special about Cassandra. The real driver talks to the small server of the fixture, since no Cassandra runs on the
 * machines of the tests.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';
import { findLibraries, newestOf, withApp } from './libraries';

const library = findLibraries().find(({ name }) => name === 'cassandra-driver');

describe('cassandra-driver', { skip: library === undefined && '--library names others' }, () => {
  test('the node that answered, the keyspace, batches and error codes; nothing of what the driver asks for itself', async () => {
    assert.ok(library);
    const subject = { library, version: newestOf(library), form: 'cjs' } as const;
    await withApp(subject, async ({ app, receiver }) => {
      const trace = async (route: string): Promise<() => ReceivedSpan[]> => {
        const { traceId, headers } = callerTrace();
        await app.get(route, headers);
        return () => inTrace(receiver.spans(), traceId).filter(({ kind }) => kind === 'client');
      };
      const query = await trace('/query');
      const use = await trace('/use');
      const batch = await trace('/batch');
      const refused = await trace('/no-table');
      const nobody = await trace('/nobody-there');
      await app.stop();
      const [first, second] = query();
      const { 'server.port': port, 'db.query.text': text, ...facts } = first?.attributes ?? {};
      assert.equal(typeof port, 'number');
      assert.equal(text, 'select id, name from people where name = ? allow filtering');
      assert.equal(facts['db.system.name'], 'cassandra');
      assert.equal(facts['db.namespace'], 'shop');
      assert.equal(facts['server.address'], '127.0.0.1');
      // The comment of this kind is no SQL, and neither is a UUID.
      assert.equal(second?.attributes['db.query.text'], 'select id, name from people where name = ?');
      assert.deepEqual(
        use().map(({ attributes }) => attributes['db.namespace']),
        ['shop', 'other'],
      );
      assert.deepEqual(
        batch().map(({ attributes }) => attributes['db.operation.batch.size']),
        [3, 2, undefined, 2],
      );
      assert.equal(refused()[0]?.attributes['db.response.status_code'], '8704');
      assert.equal(nobody()[0]?.attributes['db.response.status_code'], undefined);
      const roots = receiver.spans().filter(({ kind, parentSpanId }) => kind === 'client' && !parentSpanId);
      assert.deepEqual(roots, []);
    });
  });
});
