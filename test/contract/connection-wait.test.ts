/**
 * Waits for connections, and statements that are repeated, as the trace of a request shows them. Derived from the routes
 * `/held` (its second statement waits for the connection of the first), `/no-server` and `/many` of a library's fixture.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { serverUrl, skipWithout } from '../helpers/needs';
import { fromRoot } from '../helpers/paths';
import type { ReceivedSpan } from '../helpers/span';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';
import { findLibraries, newestOf, type Setting, withApp } from './libraries';

const isWait = ({ name }: ReceivedSpan): boolean => name === 'connect' || name === 'acquire connection';

/** The spans of a request. */
async function ask({ app, receiver }: Setting, route: string): Promise<ReceivedSpan[]> {
  const { traceId, headers } = callerTrace();
  await app.get(route, headers);
  const hasServer = (spans: ReceivedSpan[]): boolean =>
    inTrace(spans, traceId).some(({ kind }) => kind === 'server');
  return inTrace(await receiver.waitForSpans(hasServer), traceId);
}

for (const library of findLibraries()) {
  const { kind, server, file } = library;
  if ((kind !== 'database' && kind !== 'model') || server === undefined) continue;
  const routes = readFileSync(fromRoot(file), 'utf8');
  const subject = { library, version: newestOf(library), form: 'cjs' } as const;

  describe(library.name, { skip: skipWithout(server) }, () => {
    if (routes.includes("'/held'"))
      test('a long wait for a connection has a span, with what the pool looked like', async () => {
        await withApp(
          subject,
          async (setting) => {
            const spans = await ask(setting, '/held');
            const request = spans.find(({ kind: of }) => of === 'server');
            const wait = spans.filter(isWait).at(-1);
            assert.ok(wait, 'the second statement waited');
            assert.deepEqual([wait.name, wait.kind], ['acquire connection', 'internal']);
            assert.equal(wait.parentSpanId, request?.spanId);
            assert.ok(wait.endNs - wait.startNs > 10_000_000n, 'as long as it took');
            const port = setting.proxy?.port;
            const database = new URL(serverUrl(server)).pathname.slice(1);
            assert.deepEqual(wait.attributes, {
              'db.namespace': database,
              'server.address': '127.0.0.1',
              'server.port': port,
              'db.client.connection.pool.name': `127.0.0.1:${port}/${database}`,
              'canvasops.pool.size': 1,
              'canvasops.pool.idle': 0,
              'canvasops.pool.waiting': 0,
            });
          },
          { CANVASOPS_DB_CONNECTION_WAIT: '5' },
        );
      });

    if (routes.includes("'/no-server'"))
      test('a connection that fails has a span, however short it took; one that does not has none', async () => {
        await withApp(subject, async (setting) => {
          const failed = await ask(setting, '/no-server');
          const waits = failed.filter(isWait);
          assert.ok(waits.length > 0, 'there is a span');
          for (const { name, status, attributes, events } of waits) {
            assert.equal(status.code, 'error', name);
            assert.equal(attributes['error.type'], 'ECONNREFUSED');
            assert.equal(events[0]?.name, 'exception');
          }
          assert.deepEqual((await ask(setting, '/held')).filter(isWait), []);
        });
      });

    test('a request that sends the same statement again and again says so', async () => {
      await withApp(subject, async (setting) => {
        const [often, seldom] = [
          await ask(setting, '/many?n=12&of=one'),
          await ask(setting, '/many?n=9&of=one'),
        ];
        const repeated = (spans: ReceivedSpan[]) =>
          Object.entries(spans.find(({ kind: of }) => of === 'server')?.attributes ?? {}).filter(([key]) =>
            key.startsWith('canvasops.db.'),
          );
        const statement = often.find(({ kind: of }) => of === 'client');
        assert.deepEqual(repeated(often), [
          ['canvasops.db.repeated_statement', statement?.name],
          ['canvasops.db.repeated_statement.count', 12],
          ['canvasops.db.repeated_statement.text', statement?.attributes['db.query.text']],
        ]);
        assert.deepEqual(repeated(seldom), []);
      });
    });
  });
}
